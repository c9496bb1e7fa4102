/**
 * The text of a message while a run of the model writes it, from what the message had when it was looked at, and from what that
 * run has said since its beginning.
 *
 * `content` ends with some of `generated`: all of it is, for a fresh reply; for one that is continued there are the words
 * before it. Where they end nobody says, so the longest overlap that what has come so far allows is taken. Never is less shown
 * than there was.
 */
export class Joined {
  readonly #content: string;
  #overlap: number;

  constructor(content: string) {
    this.#content = content;
    this.#overlap = content.length;
  }

  /** The text, when this is all that the run has said so far. What it has said only grows. */
  text(generated: string): string {
    while (!this.#fits(generated)) this.#overlap--;
    const before = this.#content.slice(0, this.#content.length - this.#overlap);
    return generated.length > this.#overlap ? before + generated : this.#content;
  }

  #fits(generated: string): boolean {
    const end = this.#content.slice(this.#content.length - this.#overlap);
    return generated.startsWith(end) || end.startsWith(generated);
  }
}
