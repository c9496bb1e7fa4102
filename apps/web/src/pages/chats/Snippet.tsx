type SnippetProps = { pieces: { text: string; match: boolean }[] };

/** A part of a text, with what was looked for marked. */
export function Snippet({ pieces }: SnippetProps) {
  return pieces.map((piece, at) => {
    // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one text keep their places.
    return piece.match ? <mark key={at}>{piece.text}</mark> : <span key={at}>{piece.text}</span>;
  });
}
