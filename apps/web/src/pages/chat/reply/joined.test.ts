import { describe, expect, test } from "vitest";
import { Joined } from "./joined.ts";

/** What is shown after each of these pieces. */
function shown(content: string, pieces: string[]): string[] {
  const joined = new Joined(content);
  let generated = "";
  return pieces.map((piece) => {
    generated += piece;
    return joined.text(generated);
  });
}

describe("the text of a message that is being written", () => {
  test("is what has been said, where it was empty", () => {
    expect(shown("", ["Gold ", "first."])).toEqual(["Gold ", "Gold first."]);
  });

  test("does not shrink while what it had comes again from the beginning", () => {
    expect(shown("Gold first. Que", ["Gold ", "first. ", "Questions ", "after."])).toEqual([
      "Gold first. Que",
      "Gold first. Que",
      "Gold first. Questions ",
      "Gold first. Questions after.",
    ]);
  });

  test("of a reply that goes on keeps the words before", () => {
    expect(shown("He said: Aye.", [" And", " left."])).toEqual(["He said: Aye. And", "He said: Aye. And left."]);
  });

  test("of a reply that goes on, looked at in the middle, has nothing twice", () => {
    expect(shown("He said: Aye. And le", [" And", " left."])).toEqual([
      "He said: Aye. And le",
      "He said: Aye. And left.",
    ]);
  });
});
