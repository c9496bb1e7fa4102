import { ApiError, type ChatEvent } from "@raconteur/api";
import { isTemporary } from "@/api/errors.ts";
import type { Reply, Update } from "./reply.ts";

type Events = AsyncGenerator<ChatEvent, void>;

/** What following a reply needs of the world. */
export type World = {
  /** Comes back to a reply behind the event with this id; nothing where there is nothing behind it. */
  resume: (generation: string, last: string | undefined, signal: AbortSignal) => Promise<Events | undefined>;
  /** Ends when it is time to try again, after so many failures in a row. */
  patience: (failures: number, signal: AbortSignal) => Promise<void>;
};

/**
 * Hears a reply to its end, however often the connection breaks, each time from the very byte where it broke off. It gives up
 * only where the server says that there is no such reply, or when the signal is aborted.
 *
 * @param events its stream, where that is open already
 * @param tell is told whatever is new
 */
export async function follow(
  reply: Reply,
  world: World,
  signal: AbortSignal,
  tell: (update: Update) => void,
  events?: Events,
): Promise<void> {
  let stream = events;
  for (let failures = 0; !reply.ended && !signal.aborted; failures++) {
    try {
      stream ??= await world.resume(reply.generation, reply.last, signal);
      if (stream === undefined) return reply.lose();
      for await (const event of untilAborted(stream, signal)) {
        failures = 0;
        tell(reply.take(event));
      }
      if (reply.ended) return;
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof ApiError && !isTemporary(error) && error.status !== 429) return reply.lose();
    }
    stream = undefined;
    if (signal.aborted) return;
    reply.wait();
    await world.patience(failures, signal);
  }
}

/** These events, until the signal is aborted: then whoever waits for the next one waits no longer. */
async function* untilAborted(events: Events, signal: AbortSignal): Events {
  const hangUp = () => void events.return();
  const aborted = new Promise<{ done: true; value: undefined }>((resolve) => {
    signal.addEventListener("abort", () => resolve({ done: true, value: undefined }), { once: true });
  });
  try {
    for (;;) {
      const next = await Promise.race([events.next(), aborted]);
      if (next.done) return;
      yield next.value;
      if (next.value.name === "end") return;
    }
  } finally {
    hangUp();
  }
}

/** Waits longer after each failure, up to ten seconds, but not once the browser is online again or the window in front. */
export function patience(failures: number, signal: AbortSignal): Promise<void> {
  const pause = Math.min(250 * 2 ** failures, 10_000) * (0.75 + Math.random() / 2);
  return new Promise((wake) => {
    const events = new AbortController();
    const done = () => {
      clearTimeout(timer);
      events.abort();
      wake();
    };
    const timer = setTimeout(done, pause);
    const { signal: until } = events;
    signal.addEventListener("abort", done, { signal: until });
    globalThis.addEventListener("online", done, { signal: until });
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && done(), {
      signal: until,
    });
  });
}
