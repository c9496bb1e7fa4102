import type { Explanation } from "@/api/types.ts";

type Section = keyof Explanation["tokens"];

/** The parts of a prompt, in the order in which they stand in it. */
const order: Section[] = [
  "system",
  "user",
  "knowledge",
  "examples",
  "instructions",
  "summary",
  "history",
  "note",
  "prompt",
];

/**
 * What each part takes of the room that a prompt has, from 0 to 1, or of the prompt itself where nobody knows how much room
 * there is; parts that take nothing are left out.
 */
export function tokenShares({ tokens, budget }: Pick<Explanation, "tokens" | "budget">, isLimited: boolean) {
  const used = order.reduce((sum, section) => sum + tokens[section], 0);
  const room = Math.max(isLimited ? budget.context - budget.reply : 0, used, 1);
  const shares = order
    .map((section) => ({ section, tokens: tokens[section], share: tokens[section] / room }))
    .filter((part) => part.tokens > 0);
  return { shares, used, room: isLimited ? room : undefined };
}
