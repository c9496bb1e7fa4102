import type { ChatEvent, components } from "@raconteur/api";
import { Joined } from "./joined.ts";

type Schemas = components["schemas"];

export type ReplyError = Schemas["StreamError"];

/** A reply as it is shown. The same object until something changes. */
export type ReplyView = {
  /** The whole text of its message. */
  text: string;
  /** What the model thought, as far as it was told. */
  thoughts: string;
  status: Schemas["Status"];
  /** Why it failed. */
  error: ReplyError | undefined;
  /** Whether the connection has broken, and is being made again. */
  waiting: boolean;
};

/**
 * What of a reply one tab tells the others. Pieces say where they begin, so that whoever has some of it already takes the
 * rest, and whoever lacks something notices.
 */
export type Update = {
  text: Piece;
  thoughts: Piece;
  /** The id of the last event. */
  last: string | undefined;
  end: { status: Schemas["Status"]; error: ReplyError | undefined } | undefined;
};

type Piece = { from: number; words: string };

/** One run of the model, as far as it has been heard. */
export class Reply {
  readonly generation: string;
  readonly #joined: Joined;
  readonly #listeners = new Set<() => void>();
  #generated = "";
  #thoughts = "";
  #thoughtsAtLastWord = 0;
  #last: string | undefined;
  #error: ReplyError | undefined;
  #view: ReplyView;

  /** @param content what its message has had when it was looked at */
  constructor(generation: string, content: string) {
    this.generation = generation;
    this.#joined = new Joined(content);
    this.#view = { text: content, thoughts: "", status: "running", error: undefined, waiting: false };
  }

  readonly view = (): ReplyView => this.#view;

  /** Calls back after every change, until what it answers is called. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The id of the last event: where to go on. */
  get last(): string | undefined {
    return this.#last;
  }

  get ended(): boolean {
    return this.#view.status !== "running";
  }

  /** How much of it has been heard. */
  get heard(): { text: number; thoughts: number } {
    return { text: this.#generated.length, thoughts: this.#thoughts.length };
  }

  /** Takes in an event of its stream, and says what of it is new. */
  take(event: ChatEvent): Update {
    const before = this.heard;
    if (event.id !== undefined) this.#last = event.id;
    if (event.name === "token") {
      this.#generated += event.data.delta;
      this.#thoughtsAtLastWord = this.#thoughts.length;
    } else if (event.name === "reasoning") this.#thoughts += event.data.delta;
    else if (event.name === "error") this.#error = event.data;
    this.#show(event.name === "end" ? event.data.status : "running");
    return this.since(before);
  }

  /** What has been heard behind this place. */
  since({ text, thoughts }: { text: number; thoughts: number }): Update {
    return {
      text: { from: text, words: this.#generated.slice(text) },
      thoughts: { from: thoughts, words: this.#thoughts.slice(thoughts) },
      last: this.#last,
      end: this.ended ? { status: this.#view.status, error: this.#error } : undefined,
    };
  }

  /** Takes in what another tab has heard. @returns whether nothing is missing before it */
  hear({ text, thoughts, last, end }: Update): boolean {
    const heard = this.heard;
    if (this.ended) return true;
    if (text.from > heard.text || thoughts.from > heard.thoughts) return false;
    // An older update, which came late, has nothing that is new.
    if (text.from + text.words.length < heard.text) return true;
    this.#generated += text.words.slice(heard.text - text.from);
    this.#thoughts += thoughts.words.slice(heard.thoughts - thoughts.from);
    this.#thoughtsAtLastWord = this.#thoughts.length;
    this.#last = last ?? this.#last;
    this.#error = end?.error;
    this.#show(end?.status ?? "running");
    return true;
  }

  /** The connection has broken. What was thought since the last word comes once more when it is made again. */
  wait(): void {
    this.#thoughts = this.#thoughts.slice(0, this.#thoughtsAtLastWord);
    this.#show("running", true);
  }

  /** There is no more to be heard, for whatever reason: the conversation knows what became of it. */
  lose(): void {
    if (!this.ended) this.#show("interrupted");
  }

  #show(status: ReplyView["status"], waiting = false): void {
    const text = this.#joined.text(this.#generated);
    this.#view = { text, thoughts: this.#thoughts, status, error: this.#error, waiting };
    for (const listener of this.#listeners) listener();
  }
}
