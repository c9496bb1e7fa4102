import { infiniteQueryOptions, useInfiniteQuery } from "@tanstack/react-query";
import { useSession } from "@/session/index.ts";
import { answer, api } from "./client.ts";
import { itemsOf, pageAfter } from "./pages.ts";

/** Below this key is everything about conversations: invalidate it after changing one. */
export const conversationsKey = ["conversations"] as const;

/** The list of one's conversations, the latest first, page by page; of one character's alone where that is named. */
export function conversationsQuery(character?: string) {
  return infiniteQueryOptions({
    queryKey: [...conversationsKey, "list", { character }],
    queryFn: ({ pageParam: page, signal }) => {
      const query = { page, page_size: 50, ...(character === undefined ? {} : { character }) };
      return answer(api.GET("/api/conversations", { params: { query }, signal }));
    },
    initialPageParam: 1,
    getNextPageParam: pageAfter,
    select: ({ pages }) => itemsOf(pages, ({ id }) => id),
  });
}

/** {@link conversationsQuery}; nothing is asked for a visitor. */
export function useConversations(character?: string) {
  return useInfiniteQuery({ ...conversationsQuery(character), enabled: useSession().signedIn });
}
