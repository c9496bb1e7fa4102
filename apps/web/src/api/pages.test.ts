import { expect, test } from "vitest";
import { itemsOf, pageAfter } from "./pages.ts";

test("the next page is the one that the server names, and after the last there is none", () => {
  expect(pageAfter({ next: "http://127.0.0.1:8000/api/conversations?page=3&page_size=20", results: [] })).toBe(3);
  expect(pageAfter({ next: null, results: [] })).toBeUndefined();
});

test("an item that moved on to the next page while the list was read is listed once", () => {
  const pages = [
    { next: "…", results: ["c", "b"] },
    { next: null, results: ["b", "a"] },
  ];
  expect(itemsOf(pages, (item) => item)).toEqual(["c", "b", "a"]);
});
