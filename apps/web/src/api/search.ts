import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import { answer, api } from "./client.ts";
import { conversationsKey } from "./conversations.ts";

/** The longest text that is searched for, in characters. */
export const LONGEST_SEARCH = 500;

/** One's own conversations and messages with this text in them. Below the key of conversations: what changes them, changes these. */
export function searchQuery(q: string, limit = 50) {
  return queryOptions({
    queryKey: [...conversationsKey, "search", { q, limit }],
    queryFn: ({ signal }) => answer(api.GET("/api/search", { params: { query: { q, limit } }, signal })),
  });
}

/** {@link searchQuery} for more than blanks. While the next answer is on its way, the last one stays. */
export function useSearch(q: string, limit?: number) {
  const text = q.trim().slice(0, LONGEST_SEARCH);
  return useQuery({ ...searchQuery(text, limit), enabled: text !== "", placeholderData: keepPreviousData });
}
