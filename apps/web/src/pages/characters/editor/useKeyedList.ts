import { useRef } from "react";

/** A list that is edited: each item has a key that stays with it wherever it goes. */
export function useKeyedList<Item>(items: Item[], onChange: (items: Item[]) => void) {
  const keys = useRef<number[]>([]);
  const next = useRef(0);
  // Changed from outside: what is there is taken for the same as far as it goes.
  while (keys.current.length < items.length) keys.current.push(next.current++);
  keys.current.length = items.length;

  return {
    keys: keys.current,
    set: (at: number, item: Item) => onChange(items.with(at, item)),
    /** Adds one at the end. Answers its key. */
    add: (item: Item): number => {
      const key = next.current++;
      keys.current = [...keys.current, key];
      onChange([...items, item]);
      return key;
    },
    remove: (at: number) => {
      keys.current = keys.current.toSpliced(at, 1);
      onChange(items.toSpliced(at, 1));
    },
    /** Moves one to the place of another. */
    move: (at: number, to: number) => {
      if (to < 0 || to >= items.length) return;
      keys.current = moved(keys.current, at, to);
      onChange(moved(items, at, to));
    },
  };
}

/** The list with one of its items in another place. */
export function moved<Item>(items: Item[], at: number, to: number): Item[] {
  const item = items.slice(at, at + 1);
  return items.toSpliced(at, 1).toSpliced(to, 0, ...item);
}
