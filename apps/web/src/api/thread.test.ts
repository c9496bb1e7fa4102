import { describe, expect, test } from "vitest";
import { type Message, type StreamStart, withNewest, withOlder, withStarted } from "./thread.ts";

/** Messages, each of which follows the one before it; the first one follows `after`. */
function path(ids: string, after: string | null = null): Message[] {
  return Array.from(ids, (id, index) => ({
    id,
    role: index % 2 === 0 ? ("user" as const) : ("assistant" as const),
    content: id,
    meta: null,
    created_at: "",
    parent_id: ids[index - 1] ?? after,
    status: "complete" as const,
    generation_id: null,
    active: true,
    siblings: { index: 0, count: 1 },
  }));
}

const ids = (messages: Message[]) => messages.map(({ id }) => id).join("");

const start: StreamStart = {
  message_id: "R",
  user_message_id: "U",
  generation_id: "G",
  conversation_id: "C",
  character: "Bronn",
  model: "m",
  ts: "",
};

describe("the newest messages", () => {
  test("take the place of those that are loaded, and keep the ones before", () => {
    expect(ids(withNewest(path("abcd"), path("cdef", "b")))).toBe("abcdef");
  });

  test("follow what is loaded, where they go on from its end", () => {
    expect(ids(withNewest(path("ab"), path("cd", "b")))).toBe("abcd");
  });

  test("of another branch end the one that was shown where they part", () => {
    expect(ids(withNewest(path("abcd"), path("xy", "b")))).toBe("abxy");
  });

  test("are all there is, where nobody knows what stands between", () => {
    expect(ids(withNewest(path("ab"), path("yz", "x")))).toBe("yz");
    expect(ids(withNewest(path("ab"), []))).toBe("");
  });

  test("are as the server has them now", () => {
    const edited = path("cd", "b").map((message) => ({ ...message, content: "new" }));
    expect(withNewest(path("abcd"), edited).map(({ content }) => content)).toEqual(["a", "b", "new", "new"]);
  });
});

test("older messages stand before the others, unless the path has become another one meanwhile", () => {
  expect(ids(withOlder(path("cd", "b"), path("ab")))).toBe("abcd");
  expect(ids(withOlder(path("xy", "w"), path("ab")))).toBe("xy");
});

describe("a reply that has begun", () => {
  test("stands behind its prompt, at the end, and runs", () => {
    const shown = withStarted(path("ab"), start, { kind: "prompt", prompt: "Well?" });
    expect(ids(shown)).toBe("abUR");
    expect(shown[2]).toMatchObject({ role: "user", content: "Well?", parent_id: "b" });
    expect(shown[3]).toMatchObject({ role: "assistant", status: "running", generation_id: "G", parent_id: "U" });
  });

  test("is shown once, however often it is told of", () => {
    const cause = { kind: "prompt" as const, prompt: "Well?" };
    expect(ids(withStarted(withStarted(path("ab"), start, cause), start, cause))).toBe("abUR");
  });

  test("in place of another one is a sibling of it, and what followed that is gone", () => {
    const shown = withStarted(path("abcd"), start, { kind: "regenerate", message: "b" });
    expect(ids(shown)).toBe("aR");
    expect(shown[1]).toMatchObject({ parent_id: "a", siblings: { index: 1, count: 2 } });
  });

  test("without a prompt of its own follows what is there", () => {
    const shown = withStarted(path("abc"), { ...start, user_message_id: "c" }, { kind: "prompt", prompt: null });
    expect(ids(shown)).toBe("abcR");
  });
});
