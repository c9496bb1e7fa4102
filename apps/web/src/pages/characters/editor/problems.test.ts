import { errorOf } from "@raconteur/api";
import { expect, test } from "vitest";
import { editor as text } from "@/strings/index.ts";
import { blankSource, type Draft, draftOf } from "./draft.ts";
import { bookProblem, problemsIn, problemsOf } from "./problems.ts";

const wren: Draft = { ...draftOf(blankSource), name: "Wren" };

test("a name is enough", () => {
  expect(problemsIn(wren)).toEqual({});
});

test.each<[Partial<Draft>, string]>([
  [{ name: "  " }, text.who.nameMissing],
  [{ temperature: "2.1" }, text.advanced.temperatureWrong],
  [{ temperature: "warm" }, text.advanced.temperatureWrong],
  [{ max_tokens: "0" }, text.advanced.maxTokensWrong],
  [{ max_tokens: "1.5" }, text.advanced.maxTokensWrong],
  [{ knowledge: [{ id: "bell" }, { id: " " }] }, text.knowledge.idMissing(2)],
  [{ knowledge: [{ id: "bell" }, { id: "bell" }] }, text.knowledge.idTwice("bell")],
])("%j has a problem: %s", (change, problem) => {
  expect(problemsIn({ ...wren, ...change })).toEqual({ [Object.keys(change)[0] ?? ""]: problem });
});

test.each([
  ["", undefined],
  ['{"entries": []}', undefined],
  ['{"entries": [{"keys": ["bell"], "content": "It rings.", "anything": 1}]}', undefined],
  ["[]", text.book.noObject],
  ['{"entries": {}}', text.book.noEntries],
  ['{"entries": [{"keys": ["bell"], "content": ""}, {"keys": "bell", "content": ""}]}', text.book.badEntry(2)],
])("of the lorebook %j is said: %s", (book, problem) => {
  expect(bookProblem(book)).toBe(problem);
});

test("of a lorebook that is no JSON is said where it stops being one", () => {
  expect(bookProblem('{"entries": [,]}')).toMatch(/^This is no JSON: ./);
});

test("what the server says about a field stands beside that field", () => {
  const error = errorOf(400, { detail: "style: line 3: …", code: "invalid", style: ["line 3: a list was expected"] });
  expect(problemsOf(error)).toEqual({ style: "line 3: a list was expected" });
});
