import { expect, test } from "vitest";
import type { PersonaSource } from "@/api/types.ts";
import { blankSource, changesBetween, draftOf, sourceOf } from "./draft.ts";

const wren: PersonaSource = {
  ...blankSource,
  slug: "wren",
  name: "Wren",
  tags: ["ferry"],
  character_book: { entries: [{ keys: ["bell"], content: "It rings." }], extensions: { theirs: 1 } },
  knowledge: [{ id: "bell", tags: ["bell"], certainty: "high" }],
  temperature: 0.8,
  max_tokens: 300,
};

test("a character comes out of the form as it went in, with what the form does not show", () => {
  expect(sourceOf(draftOf(wren))).toEqual(wren);
  expect(sourceOf(draftOf(blankSource))).toEqual(blankSource);
});

test("what is emptied is said to be nothing, rather than to be empty", () => {
  const emptied = { ...draftOf(wren), character_book: " ", temperature: "", max_tokens: " ", knowledge: [] };
  expect(sourceOf(emptied)).toMatchObject({
    character_book: null,
    temperature: null,
    max_tokens: null,
    knowledge: null,
  });
});

test("only what was changed is sent, so that another tab's change of something else stays", () => {
  const changed = sourceOf({ ...draftOf(wren), description: "She runs the night ferry.", tags: ["ferry", "night"] });
  expect(changesBetween(wren, changed)).toEqual({
    description: "She runs the night ferry.",
    tags: ["ferry", "night"],
  });
});
