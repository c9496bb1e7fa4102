import { type ChatEvent, errorOf } from "@raconteur/api";
import { expect, test } from "vitest";
import { follow, type World } from "./follow.ts";
import { Reply } from "./reply.ts";

const encoder = new TextEncoder();
const bytes = (text: string) => encoder.encode(text).length;
const END: ChatEvent = {
  name: "end",
  data: { ts: "", status: "complete", finish_reason: "stop", usage: null, ttft_ms: 1 },
  id: "g:end",
};

/** A server with this reply, over a network that cuts each stream after so many tokens, or refuses with an error. */
function server(words: string[], cuts: (number | Error)[] = []) {
  const asked: (string | undefined)[] = [];
  const waits: number[] = [];
  async function* events(last: string | undefined): AsyncGenerator<ChatEvent, void> {
    const cut = cuts.shift() ?? Number.POSITIVE_INFINITY;
    if (cut instanceof Error) throw cut;
    const from = last === undefined ? 0 : Number(last.split(":")[1]);
    let at = 0;
    let sent = 0;
    for (const delta of words) {
      at += bytes(delta);
      if (at <= from) continue;
      if (sent++ === cut) throw new TypeError("network error");
      yield { name: "token", data: { delta }, id: `g:${at}` };
    }
    yield END;
  }
  const world: World = {
    resume: async (_, last) => {
      asked.push(last);
      return last === "g:end" ? undefined : events(last);
    },
    patience: async (failures) => void waits.push(failures),
  };
  return { world, asked, waits };
}

test("a reply that is cut again and again is whole in the end, and goes on at the exact byte each time", async () => {
  const { world, asked } = server(["Gé", "ld ", "fir", "st."], [1, 2]);
  const reply = new Reply("g", "");
  await follow(reply, world, new AbortController().signal, () => {});
  expect(reply.view()).toMatchObject({ text: "Géld first.", status: "complete" });
  expect(asked).toEqual([undefined, "g:3", "g:9"]);
});

test("between attempts in vain the pauses become longer, and short again once something has come", async () => {
  const down = new TypeError("Failed to fetch");
  const { world, waits } = server(["a", "b"], [down, errorOf(503, {}), 1]);
  await follow(new Reply("g", ""), world, new AbortController().signal, () => {});
  expect(waits).toEqual([0, 1, 0]);
});

test("a reply that the server does not have is given up", async () => {
  const { world, waits } = server([], [errorOf(404, { code: "not_found", detail: "Not found." })]);
  const reply = new Reply("g", "so far");
  await follow(reply, world, new AbortController().signal, () => {});
  expect(reply.view()).toMatchObject({ text: "so far", status: "interrupted" });
  expect(waits).toEqual([]);
});

test("whoever leaves hears no more, even in the middle of silence", async () => {
  let hungUp = false;
  async function* silence(): AsyncGenerator<ChatEvent, void> {
    try {
      yield { name: "token", data: { delta: "a" }, id: "g:1" };
    } finally {
      hungUp = true;
    }
  }
  const leave = new AbortController();
  const reply = new Reply("g", "");
  const world: World = { resume: async () => silence(), patience: async () => {} };
  const following = follow(reply, world, leave.signal, () => leave.abort());
  await following;
  expect(hungUp).toBe(true);
  expect(reply.view()).toMatchObject({ text: "a", status: "running" });
});

test("whatever is new is told, once", async () => {
  const { world } = server(["a", "b", "c"], [2]);
  const there = new Reply("g", "");
  const here = new Reply("g", "");
  await follow(there, world, new AbortController().signal, (update) => expect(here.hear(update)).toBe(true));
  expect(here.view()).toMatchObject({ text: "abc", status: "complete" });
});
