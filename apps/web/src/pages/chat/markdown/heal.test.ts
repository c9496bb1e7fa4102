import { describe, expect, test } from "vitest";
import { heal } from "./heal.ts";

describe("Markdown that was cut", () => {
  test.each([
    ["*He leans back", "*He leans back*"],
    ["*He leans back ", "*He leans back*"],
    ["Well, **gold", "Well, **gold**"],
    ["Well, **gold*", "Well, **gold**"],
    ["***Never", "***Never***"],
    ["*He says **no", "*He says **no***"],
    ["_softly", "_softly_"],
    ["~~silver", "~~silver~~"],
    ["`rm -r", "`rm -r`"],
    ["Gold. *", "Gold. "],
    ["Gold. **", "Gold. "],
    ["see [the inn", "see the inn"],
    ["see [the inn]", "see the inn"],
    ["see [the inn](https://exa", "see the inn"],
    ["![a map](https://exa", "a map"],
  ])("%j shows as %j", (cut, healed) => expect(heal(cut)).toBe(healed));

  test.each([
    "*He nods.* Gold first.",
    "**Gold.**",
    "snake_case_name",
    "2 * 3 * 4",
    "* a list",
    "`*` is a star",
    "\\*not an action",
    "```\n*code*\n**",
    "*an open one in a paragraph that has ended\n\nand another",
  ])("%j is left as it is", (whole) => expect(heal(whole)).toBe(whole));
});
