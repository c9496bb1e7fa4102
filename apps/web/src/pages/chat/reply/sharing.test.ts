// @vitest-environment node
import type { ChatEvent } from "@raconteur/api";
import { afterEach, expect, test, vi } from "vitest";
import type { World } from "./follow.ts";
import { Reply } from "./reply.ts";
import { share, type Tabs } from "./sharing.ts";

/** Locks as a browser's: one holder at a time, the others in the order in which they came. */
function lockManager(): LockManager {
  let queue = Promise.resolve();
  const request = async (_: string, { signal }: LockOptions, run: () => Promise<void>) => {
    const before = queue;
    let release = () => {};
    queue = new Promise((done) => {
      release = () => done();
    });
    try {
      await Promise.race([
        before,
        new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason))),
      ]);
      await run();
    } finally {
      void before.then(release);
    }
  };
  return { request, query: async () => ({}) } as unknown as LockManager;
}

/** A reply on the server, which grows when it is told to; and how many streams of it are and were open. */
function source() {
  const words: string[] = [];
  let ended = false;
  let wake = () => {};
  let more = new Promise<void>((resolve) => {
    wake = resolve;
  });
  const opened: (string | undefined)[] = [];
  const grow = () => {
    wake();
    more = new Promise<void>((resolve) => {
      wake = resolve;
    });
  };
  async function* events(from: number): AsyncGenerator<ChatEvent, void> {
    for (let at = from; ; at++) {
      while (at >= words.length && !ended) await more;
      if (at >= words.length) break;
      yield { name: "token", data: { delta: words[at] ?? "" }, id: `g:${at + 1}` };
    }
    const data = { ts: "", status: "complete" as const, finish_reason: null, usage: null, ttft_ms: null };
    yield { name: "end", data, id: "g:end" };
  }
  const world: World = {
    resume: async (_, last) => {
      opened.push(last);
      return events(last === undefined ? 0 : Number(last.split(":")[1]));
    },
    patience: async () => {},
  };
  const say = (word: string) => {
    words.push(word);
    grow();
  };
  const end = () => {
    ended = true;
    grow();
  };
  return { world, opened, say, end };
}

const locks = lockManager();
const channels: BroadcastChannel[] = [];
afterEach(() => {
  for (const channel of channels.splice(0)) channel.close();
});

/** A tab that has just found this reply. */
function openTab(world: World) {
  const channel = new BroadcastChannel("replies");
  channels.push(channel);
  const reply = new Reply("g", "");
  const close = new AbortController();
  const tabs: Tabs = { channel, locks };
  return { reply, done: share(reply, world, tabs, close.signal), close: () => close.abort() };
}

const shows = (tab: { reply: Reply }, text: string) => vi.waitFor(() => expect(tab.reply.view().text).toBe(text));

test("two tabs hear one reply through one stream", async () => {
  const { world, opened, say, end } = source();
  const one = openTab(world);
  const other = openTab(world);
  say("Gold ");
  say("first.");
  await shows(one, "Gold first.");
  await shows(other, "Gold first.");
  expect(opened).toEqual([undefined]);
  end();
  await Promise.all([one.done, other.done]);
  expect(other.reply.view().status).toBe("complete");
});

test("a tab that comes later gets what was said before from the one that has the stream", async () => {
  const { world, opened, say, end } = source();
  const one = openTab(world);
  say("Gold ");
  await shows(one, "Gold ");
  const other = openTab(world);
  await shows(other, "Gold ");
  say("first.");
  await shows(other, "Gold first.");
  expect(opened).toEqual([undefined]);
  end();
  await Promise.all([one.done, other.done]);
});

test("when the tab with the stream is closed, the other one goes on where it has heard to", async () => {
  const { world, opened, say, end } = source();
  const one = openTab(world);
  const other = openTab(world);
  say("Gold ");
  await shows(other, "Gold ");
  one.close();
  await one.done;
  say("first.");
  await shows(other, "Gold first.");
  expect(one.reply.view().text).toBe("Gold ");
  end();
  await other.done;
  expect(other.reply.view().status).toBe("complete");
  expect(opened).toEqual([undefined, "g:1"]);
});
