/** Says, without words, that something goes on. What goes on is said beside it, or by `aria-busy` around it. */
export function Spinner() {
  return (
    <span
      aria-hidden
      className="inline-block size-4 shrink-0 animate-spin rounded-full border-2 border-current border-r-transparent motion-reduce:animate-breathe"
    />
  );
}
