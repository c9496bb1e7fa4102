/** A page of a list, as the API gives it. */
type Page<Item> = { next: string | null; results: Item[] };

/** The number of the page after this one, for `getNextPageParam` of an endless list. */
export function pageAfter(page: Page<unknown>): number | undefined {
  const number = page.next === null ? null : new URL(page.next).searchParams.get("page");
  return number === null ? undefined : Number(number);
}

/**
 * The items of an endless list, each once: while it is read, new ones at its top push others on to the next page.
 */
export function itemsOf<Item>(pages: Page<Item>[], key: (item: Item) => string): Item[] {
  const items = new Map<string, Item>();
  for (const item of pages.flatMap(({ results }) => results)) {
    if (!items.has(key(item))) items.set(key(item), item);
  }
  return [...items.values()];
}
