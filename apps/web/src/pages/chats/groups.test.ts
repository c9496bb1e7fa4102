import { expect, test } from "vitest";
import type { Conversation } from "@/api/types.ts";
import { chats as text } from "@/strings/index.ts";
import { grouped } from "./groups.ts";

const now = new Date(2026, 2, 12, 12);

function chat(title: string, character: string, day: number): Conversation {
  const time = new Date(2026, 2, day, 10).toISOString();
  return { id: title, title, character, persona: null, created_at: time, updated_at: time };
}

const chats = [chat("a", "Bronn", 12), chat("b", "Nemo", 12), chat("c", "Bronn", 11)];
const titles = (view: "date" | "character") =>
  grouped(chats, view, now).map((group) => [group.heading, group.chats.map(({ title }) => title)]);

test("by date, each day keeps the order in which the chats came", () => {
  expect(titles("date")).toEqual([
    [text.days.today, ["a", "b"]],
    [text.days.yesterday, ["c"]],
  ]);
});

test("by character, whoever was spoken to last comes first, with all their chats", () => {
  expect(titles("character")).toEqual([
    ["Bronn", ["a", "c"]],
    ["Nemo", ["b"]],
  ]);
});
