import { expect, test } from "vitest";
import { withNames } from "./macros.ts";

test("names stand where the card has places for them", () => {
  const names = { char: "Wren", user: "Ada" };
  expect(withNames("{{char}} rows {{User}} over. {{CHAR}} is $1 {{dry}}.", names)).toBe(
    "Wren rows Ada over. Wren is $1 {{dry}}.",
  );
});
