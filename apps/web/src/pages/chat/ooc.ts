/** At the start of a prompt, asks for the narrator in place of the character, for one turn. */
const MARK = "[[OOC]]";

export function asOoc(text: string): string {
  return isOoc(text) ? text : `${MARK} ${text}`;
}

export function isOoc(text: string): boolean {
  return text.trimStart().startsWith(MARK);
}

/** A prompt as a person reads it. */
export function withoutMark(text: string): string {
  return isOoc(text) ? text.trimStart().slice(MARK.length).trimStart() : text;
}
