/** The text of a card as people read it: with the names in the places of `{{char}}` and `{{user}}`, in any case. */
export function withNames(text: string, { char, user }: { char: string; user: string }): string {
  return text.replace(/\{\{(char|user)\}\}/gi, (_, who: string) => (who.toLowerCase() === "char" ? char : user));
}
