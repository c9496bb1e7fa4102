import { expect, test } from "vitest";
import { placeAfterSignIn } from "./next.ts";

test("whoever wanted to be somewhere gets there, with the query and the fragment", () => {
  expect(placeAfterSignIn("/chats/01a2?at=7#end")).toBe("/chats/01a2?at=7#end");
});

test.each([
  "https://example.org/",
  "//example.org/",
  "/\\example.org",
  "\\\\example.org",
  "javascript:alert(1)",
  "chats",
  "",
  "http://",
])("%j leads nobody out of the app", (next) => {
  expect(placeAfterSignIn(next)).toBe("/chats");
});
