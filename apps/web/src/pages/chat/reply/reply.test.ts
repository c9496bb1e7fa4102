import type { ChatEvent } from "@raconteur/api";
import { describe, expect, test } from "vitest";
import { Reply } from "./reply.ts";

const token = (delta: string, at: number): ChatEvent => ({ name: "token", data: { delta }, id: `g:${at}` });
const thought = (delta: string): ChatEvent => ({ name: "reasoning", data: { delta } });
const end = (status: "complete" | "failed"): ChatEvent => ({
  name: "end",
  data: { ts: "", status, finish_reason: null, usage: null, ttft_ms: null },
  id: "g:end",
});

describe("a reply", () => {
  test("is the sum of its tokens, and knows where to go on", () => {
    const reply = new Reply("g", "");
    reply.take(token("Wärm", 5));
    expect(reply.view()).toMatchObject({ text: "Wärm", status: "running" });
    expect(reply.last).toBe("g:5");
    reply.take(token("e.", 7));
    reply.take(end("complete"));
    expect(reply.view()).toMatchObject({ text: "Wärme.", status: "complete" });
  });

  test("keeps why it failed beside what was said", () => {
    const reply = new Reply("g", "");
    const error = { code: "model_timeout" as const, detail: "Too slow.", retryable: true };
    reply.take(token("Well", 4));
    reply.take({ name: "error", data: error });
    reply.take(end("failed"));
    expect(reply.view()).toMatchObject({ text: "Well", status: "failed", error });
  });

  test("does not think twice what comes again after a break", () => {
    const reply = new Reply("g", "");
    reply.take(thought("A fool?"));
    reply.take(token("Aye.", 4));
    reply.take(thought("Or a friend"));
    reply.wait();
    expect(reply.view()).toMatchObject({ thoughts: "A fool?", waiting: true });
    reply.take(thought("Or a friend."));
    expect(reply.view()).toMatchObject({ thoughts: "A fool?Or a friend.", waiting: false });
  });

  test("tells its listeners, until they leave", () => {
    const reply = new Reply("g", "");
    let calls = 0;
    const leave = reply.subscribe(() => calls++);
    reply.take(token("a", 1));
    leave();
    reply.take(token("b", 2));
    expect(calls).toBe(1);
  });
});

describe("a reply that another tab hears", () => {
  test("is the same here", () => {
    const there = new Reply("g", "");
    const here = new Reply("g", "");
    for (const event of [thought("Hm."), token("Gold ", 5), token("first.", 11), end("complete")]) {
      expect(here.hear(there.take(event))).toBe(true);
    }
    expect(here.view()).toEqual(there.view());
    expect(here.last).toBe("g:end");
  });

  test("is noticed to have a gap, which what the other tab has from there fills", () => {
    const there = new Reply("g", "");
    const here = new Reply("g", "");
    there.take(token("Gold ", 5));
    expect(here.hear(there.take(token("first.", 11)))).toBe(false);
    expect(here.view().text).toBe("");
    expect(here.hear(there.since(here.heard))).toBe(true);
    expect(here.view().text).toBe("Gold first.");
  });

  test("takes nothing twice, and nothing back", () => {
    const there = new Reply("g", "");
    const here = new Reply("g", "");
    const first = there.take(token("Gold ", 5));
    there.take(token("first.", 11));
    const both = there.since({ text: 0, thoughts: 0 });
    here.hear(first);
    here.hear(both);
    here.hear(first);
    here.hear(both);
    expect(here.view().text).toBe("Gold first.");
    expect(here.last).toBe("g:11");
  });
});
