// Tabs of one browser share the stream of a reply: a browser opens six connections to a server at most, and a stream holds one.
import { follow, type World } from "./follow.ts";
import type { Reply, Update } from "./reply.ts";

/** What tabs tell each other of a reply: what is new, or what somebody lacks. */
type Message = { generation: string } & ({ update: Update } | { lack: { text: number; thoughts: number } });

export type Tabs = {
  channel: BroadcastChannel;
  /** Missing on pages that were not loaded securely: there each tab has a stream of its own. */
  locks: LockManager | undefined;
};

/**
 * Hears a reply to its end. The tab that holds its lock has the stream, and tells the others; they wait for the lock
 * meanwhile. When that tab goes, the next one goes on with the stream from where it has heard itself.
 */
export async function share(
  reply: Reply,
  world: World,
  tabs: Tabs,
  signal: AbortSignal,
  events?: Parameters<typeof follow>[4],
): Promise<void> {
  const { locks, channel } = tabs;
  if (locks === undefined) return follow(reply, world, signal, () => {}, events);

  const { generation } = reply;
  const tell = (message: Message) => channel.postMessage(message);
  const lack = () => tell({ generation, lack: reply.heard });
  const done = new AbortController();
  const leave = () => done.abort();
  signal.addEventListener("abort", leave, { once: true });
  let leading = false;
  // Whether another tab listens. Each says so when it comes, and the lock goes to the one that came first: it has heard all others.
  let audience = false;

  const listen = ({ data }: MessageEvent<Message>) => {
    if (data.generation !== generation) return;
    if ("lack" in data) {
      audience = true;
      if (leading) tell({ generation, update: reply.since(data.lack) });
    } else if (!leading) {
      if (!reply.hear(data.update)) lack();
      if (reply.ended) leave();
    }
  };
  channel.addEventListener("message", listen);
  try {
    lack();
    await locks.request(`raconteur.reply.${generation}`, { signal: done.signal }, async () => {
      leading = true;
      await follow(reply, world, signal, (update) => audience && tell({ generation, update }), events);
    });
  } catch (error) {
    // Nobody waits for the lock any longer: the reply has ended, or its page has gone.
    if (!done.signal.aborted) throw error;
  } finally {
    channel.removeEventListener("message", listen);
    signal.removeEventListener("abort", leave);
  }
}
