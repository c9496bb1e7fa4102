import { beforeEach, expect, test } from "vitest";
import { draftOf, forgetDrafts, keepDraft, putBack, watchDraft } from "./drafts.ts";

beforeEach(() => localStorage.clear());

test("each conversation has its own draft, which outlives the page", () => {
  keepDraft("a", "Well");
  keepDraft("b", "Aye");
  expect([draftOf("a"), draftOf("b"), draftOf("c")]).toEqual(["Well", "Aye", ""]);
});

test("a text that comes back stands before what has been written meanwhile", () => {
  const shown: string[] = [];
  const leave = watchDraft("a", (text) => shown.push(text));
  putBack("a", "First.");
  keepDraft("a", "Second.");
  putBack("a", "First.");
  leave();
  putBack("a", "Zeroth.");
  expect(shown).toEqual(["First.", "First.\n\nSecond."]);
  expect(draftOf("a")).toBe("Zeroth.\n\nFirst.\n\nSecond.");
});

test("nothing is left of anybody who has signed out, and everything else stays", () => {
  keepDraft("a", "Secret");
  localStorage.setItem("raconteur.theme", "dark");
  forgetDrafts();
  expect(draftOf("a")).toBe("");
  expect(localStorage.getItem("raconteur.theme")).toBe("dark");
});
