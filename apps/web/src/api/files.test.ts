import { expect, test } from "vitest";
import { fileName } from "./files.ts";

test.each([
  ['attachment; filename="wren.png"', "wren.png"],
  ["attachment; filename=wren.png", "wren.png"],
  ["attachment; filename=\"_owyn.png\"; filename*=UTF-8''%C3%89owyn.png", "Éowyn.png"],
  ["attachment; filename=\"wren.png\"; filename*=UTF-8''%E9", "wren.png"],
  ['attachment; filename="the \\"wren\\".png"', 'the "wren".png'],
  ["attachment", undefined],
  [null, undefined],
])("%j names the file %j", (disposition, name) => {
  expect(fileName(disposition)).toBe(name);
});
