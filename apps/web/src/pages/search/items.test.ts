import { Library } from "lucide-react";
import { expect, test } from "vitest";
import type { Persona } from "@/api/types.ts";
import { search as text } from "@/strings/index.ts";
import { type Item, itemGroups, type Known } from "./items.ts";

const page: Item = { kind: "page", id: "characters", label: "Characters", href: "/characters", icon: Library };
const bronn: Persona = {
  slug: "bronn",
  name: "Bronn",
  full_name: "Ser Bronn",
  description: null,
  avatar: null,
  tags: [],
  mine: false,
  visibility: "built_in",
};
const known: Known = {
  sought: "",
  isFresh: true,
  pages: [page],
  chats: [{ id: "1", title: "At the inn", character: "Bronn" }],
  messages: [],
  characters: [bronn],
  titleOf: ({ title }) => title,
  faceOf: () => null,
};

const shown = (given: Partial<Known>) =>
  itemGroups({ ...known, ...given }).map(({ value, items }) => [value, items.map(({ label }) => label)]);

test("nothing sought: the latest chats and all pages, but not all characters", () => {
  expect(shown({})).toEqual([
    [text.groups.recent, ["At the inn"]],
    [text.groups.pages, ["Characters"]],
  ]);
});

test("a page is found by a part of its name, in any case", () => {
  expect(shown({ sought: " charact", chats: [], characters: [] })).toEqual([[text.groups.pages, ["Characters"]]]);
});

test("until the server has answered, only what has the words in it is shown of what was there", () => {
  const stale = {
    isFresh: false,
    characters: [bronn, { ...bronn, slug: "nemo", name: "Captain Nemo", full_name: null }],
  };
  expect(shown({ ...stale, sought: "nemo" })).toEqual([[text.groups.characters, ["Captain Nemo"]]]);
});

test("a message leads to its place in its chat, and reads as its snippet", () => {
  const message = {
    id: "m1",
    conversation_id: "c1",
    role: "assistant" as const,
    content: "Gold first. Questions after.",
    created_at: "2026-01-31T18:42:05.000000Z",
    snippet: [
      { text: "Gold", match: true },
      { text: " first.", match: false },
    ],
  };
  const groups = itemGroups({ ...known, sought: "gold", chats: [], characters: [], messages: [message] });
  expect(groups).toEqual([
    {
      value: text.groups.messages,
      items: [{ kind: "message", id: "message-m1", label: "Gold first.", href: "/chats/c1?message=m1" }],
    },
  ]);
});
