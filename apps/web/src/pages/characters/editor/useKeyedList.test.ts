import { act, renderHook } from "@testing-library/react";
import { useState } from "react";
import { expect, test } from "vitest";
import { useKeyedList } from "./useKeyedList.ts";

/** Each item with its key. */
function editing(...initial: string[]) {
  return renderHook(() => {
    const [items, setItems] = useState(initial);
    const list = useKeyedList(items, setItems);
    return { list, keyed: Object.fromEntries(items.map((item, at) => [item, list.keys[at]])), items };
  });
}

test("an item keeps its key where it is moved, and others where one is removed or added", () => {
  const { result } = editing("a", "b", "c");
  const before = result.current.keyed;
  act(() => result.current.list.move(2, 0));
  expect(result.current.items).toEqual(["c", "a", "b"]);
  expect(result.current.keyed).toEqual(before);
  act(() => result.current.list.remove(1));
  act(() => void result.current.list.add("d"));
  expect(result.current.items).toEqual(["c", "b", "d"]);
  expect(result.current.keyed).toMatchObject({ b: before.b, c: before.c });
  expect(Object.values(before)).not.toContain(result.current.keyed.d);
});

test("nothing moves beyond the ends", () => {
  const { result } = editing("a", "b");
  act(() => result.current.list.move(0, -1));
  act(() => result.current.list.move(1, 2));
  expect(result.current.items).toEqual(["a", "b"]);
});
