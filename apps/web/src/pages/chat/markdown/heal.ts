/**
 * Markdown that has been cut anywhere, with what is open closed: so that an action in asterisks is set as one from its first
 * word on, and no half of a link is ever seen.
 */
export function heal(cut: string): string {
  if (isInFence(cut)) return cut;
  const source = cut
    .replace(/!?\[([^\]\n]*)\]\([^)\n]*$/, "$1")
    .replace(/!?\[([^\]\n]*)\]?$/, "$1")
    // Nobody knows yet whether these open or close something.
    .replace(/(?<=^|\s)(?:[*_~]{1,3}|`+)$/, "");
  // What is open ends with its paragraph.
  const paragraph = source.lastIndexOf("\n\n") + 1;
  return source.slice(0, paragraph) + close(source.slice(paragraph));
}

function isInFence(source: string): boolean {
  return (source.match(/^ {0,3}(?:```|~~~)/gm)?.length ?? 0) % 2 === 1;
}

type Open = { mark: string; length: number };

function close(paragraph: string): string {
  const open: Open[] = [];
  for (let at = 0; at < paragraph.length; ) {
    const mark = paragraph[at] ?? "";
    if (mark === "\\") at += 2;
    else if (mark === "`" || mark === "*" || mark === "_" || mark === "~") {
      const end = endOfRun(paragraph, at);
      if (mark === "`") {
        const ticks = paragraph.slice(at, end);
        const closing = paragraph.indexOf(ticks, end);
        if (closing < 0) return paragraph + ticks + closers(open);
        at = closing + ticks.length;
      } else {
        if (end === paragraph.length && !closes(open, mark, end - at)) return closed(paragraph.slice(0, at), open);
        if (end < paragraph.length) take(open, mark, end - at, paragraph[at - 1], paragraph[end]);
        else take(open, mark, end - at, paragraph[at - 1], undefined);
        at = end;
      }
    } else at++;
  }
  return closed(paragraph, open);
}

function endOfRun(text: string, from: number): number {
  let end = from;
  while (text[end] === text[from]) end++;
  return end;
}

/** Whether a run closes the innermost that is open, and nothing else. */
function closes(open: Open[], mark: string, length: number): boolean {
  const last = open.at(-1);
  return last?.mark === mark && last.length === length;
}

function take(open: Open[], mark: string, length: number, before = " ", after = " "): void {
  const inWord = mark === "_" && /\w/.test(before) && /\w/.test(after);
  if (inWord || (mark === "~" && length !== 2)) return;
  let left = length;
  if (!/\s/.test(before)) {
    for (let last = open.at(-1); left > 0 && last?.mark === mark; last = open.at(-1)) {
      const closing = Math.min(left, last.length);
      left -= closing;
      last.length -= closing;
      if (last.length === 0) open.pop();
      else break;
    }
  }
  if (left > 0 && !/\s/.test(after)) open.push({ mark, length: left });
}

function closed(paragraph: string, open: Open[]): string {
  return open.length === 0 ? paragraph : paragraph.trimEnd() + closers(open);
}

function closers(open: Open[]): string {
  return open
    .map(({ mark, length }) => mark.repeat(length))
    .reverse()
    .join("");
}
