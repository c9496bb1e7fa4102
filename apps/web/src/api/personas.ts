import { infiniteQueryOptions, queryOptions, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { answer, api } from "./client.ts";
import { itemsOf, pageAfter } from "./pages.ts";

/** Below this key is everything about characters: invalidate it after changing one. */
export const personasKey = ["personas"] as const;

/** The list of characters, page by page. */
export const personasQuery = infiniteQueryOptions({
  queryKey: [...personasKey, "list"],
  queryFn: ({ pageParam: page, signal }) =>
    answer(api.GET("/api/personas", { params: { query: { page, page_size: 50 } }, signal })),
  initialPageParam: 1,
  getNextPageParam: pageAfter,
  select: ({ pages }) => itemsOf(pages, ({ slug }) => slug),
});

/** One character, with how it talks. */
export function personaQuery(slug: string) {
  return queryOptions({
    queryKey: [...personasKey, "one", slug],
    queryFn: ({ signal }) => answer(api.GET("/api/personas/{slug}", { params: { path: { slug } }, signal })),
  });
}

export function usePersonas() {
  return useInfiniteQuery(personasQuery);
}

export function usePersona(slug: string) {
  return useQuery(personaQuery(slug));
}
