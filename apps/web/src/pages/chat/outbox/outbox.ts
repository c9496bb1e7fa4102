import { isTemporary } from "@/api/errors.ts";

/** A prompt on its way to the server. */
export type Sending = {
  /** Makes it one and the same, however often it is sent. */
  key: string;
  conversation: string;
  prompt: string;
};

/** What is on its way in a conversation, the oldest first. */
export type OutboxView = {
  sendings: Sending[];
  /** Whether the server could not be reached, and is tried again by and by. */
  waiting: boolean;
};

type World = {
  storage: Pick<Storage, "getItem" | "setItem">;
  /** Sends one, and ends once the server has it. */
  deliver: (sending: Sending) => Promise<void>;
  /** The server does not want it. */
  refused: (sending: Sending, error: unknown) => void;
  /** Ends when it is time to try again, after so many failures in a row. */
  patience: (failures: number) => Promise<void>;
  /** Runs this while no other tab runs its own for the same conversation, if that can be had. */
  exclusively: (conversation: string, run: () => Promise<void>) => Promise<void>;
};

const KEY = "raconteur.outbox";
const NOTHING: OutboxView = { sendings: [], waiting: false };

/**
 * Prompts that the server does not have yet. They outlive the page, and are sent in their order, each until the server has
 * taken or refused it. One tab sends for all; where several do, the key makes it one prompt and one reply.
 */
export class Outbox {
  readonly #world: World;
  readonly #listeners = new Set<() => void>();
  readonly #busy = new Set<string>();
  readonly #waiting = new Set<string>();
  #sendings: Sending[];
  #views = new Map<string, OutboxView>();

  constructor(world: World) {
    this.#world = world;
    this.#sendings = this.#stored();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** What is on its way in a conversation: the same object until that changes. */
  view(conversation: string): OutboxView {
    return this.#views.get(conversation) ?? this.#look(conversation);
  }

  /** Sends a prompt, now or once that is possible. */
  add(sending: Sending): void {
    this.#change([...this.#stored(), sending]);
    void this.#deliver(sending.conversation);
  }

  /** Sends what another page has left, or leaves when it goes. */
  resume(): void {
    this.#sendings = this.#stored();
    this.#changed();
    for (const { conversation } of this.#sendings) void this.#deliver(conversation);
  }

  /** Takes a prompt out that has not been sent. @returns it, unless it is gone already */
  takeBack(key: string): Sending | undefined {
    const sending = this.#stored().find((one) => one.key === key);
    this.#drop(key);
    return sending;
  }

  clear(): void {
    this.#change([]);
  }

  async #deliver(conversation: string): Promise<void> {
    if (this.#busy.has(conversation)) return;
    this.#busy.add(conversation);
    try {
      await this.#world.exclusively(conversation, () => this.#deliverAll(conversation));
    } finally {
      this.#busy.delete(conversation);
      this.#wait(conversation, false);
    }
  }

  async #deliverAll(conversation: string): Promise<void> {
    for (let failures = 0; ; ) {
      const next = this.#stored().find((sending) => sending.conversation === conversation);
      if (next === undefined) return;
      try {
        await this.#world.deliver(next);
        failures = 0;
      } catch (error) {
        if (isTemporary(error)) {
          this.#wait(conversation, true);
          await this.#world.patience(failures++);
          continue;
        }
        this.#world.refused(next, error);
      }
      this.#waiting.delete(conversation);
      this.#drop(next.key);
    }
  }

  #wait(conversation: string, waiting: boolean): void {
    if (waiting) this.#waiting.add(conversation);
    else this.#waiting.delete(conversation);
    this.#changed();
  }

  #drop(key: string): void {
    this.#change(this.#stored().filter((sending) => sending.key !== key));
  }

  #change(sendings: Sending[]): void {
    this.#sendings = sendings;
    try {
      this.#world.storage.setItem(KEY, JSON.stringify(sendings));
    } catch {
      // The browser's storage is full or switched off: then they live as long as the page.
    }
    this.#changed();
  }

  /** Other tabs have the same outbox, so what is stored counts. */
  #stored(): Sending[] {
    try {
      const text = this.#world.storage.getItem(KEY);
      return text === null ? (this.#sendings ?? []) : (JSON.parse(text) as Sending[]);
    } catch {
      return this.#sendings ?? [];
    }
  }

  #changed(): void {
    this.#views = new Map();
    for (const listener of this.#listeners) listener();
  }

  #look(conversation: string): OutboxView {
    const sendings = this.#sendings.filter((sending) => sending.conversation === conversation);
    const waiting = this.#waiting.has(conversation);
    const view = sendings.length === 0 && !waiting ? NOTHING : { sendings, waiting };
    this.#views.set(conversation, view);
    return view;
  }
}
