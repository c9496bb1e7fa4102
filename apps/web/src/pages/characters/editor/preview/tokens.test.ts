import { expect, test } from "vitest";
import { tokenShares } from "./tokens.ts";

const none = {
  system: 0,
  user: 0,
  knowledge: 0,
  examples: 0,
  instructions: 0,
  summary: 0,
  history: 0,
  note: 0,
  prompt: 0,
};

test("each part takes its share of what the reply leaves free, in the order of the prompt", () => {
  const tokens = { ...none, prompt: 100, system: 300 };
  expect(tokenShares({ tokens, budget: { context: 2000, reply: 1000, history: 500 } }, true)).toEqual({
    shares: [
      { section: "system", tokens: 300, share: 0.3 },
      { section: "prompt", tokens: 100, share: 0.1 },
    ],
    used: 400,
    room: 1000,
  });
});

test("a prompt that takes more than there is fills the bar, and no more", () => {
  const { shares } = tokenShares(
    { tokens: { ...none, system: 500 }, budget: { context: 100, reply: 90, history: 0 } },
    true,
  );
  expect(shares.map(({ share }) => share)).toEqual([1]);
});

test("where nobody knows how much room there is, the prompt itself is the whole", () => {
  const tokens = { ...none, system: 300, prompt: 100 };
  const { shares, room } = tokenShares({ tokens, budget: { context: 10_000_000, reply: 1024, history: 0 } }, false);
  expect(shares.map(({ share }) => share)).toEqual([0.75, 0.25]);
  expect(room).toBeUndefined();
});
