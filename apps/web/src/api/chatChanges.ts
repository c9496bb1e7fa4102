import { type InfiniteData, type QueryClient, useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "./client.ts";
import { conversationsKey } from "./conversations.ts";
import { showAtOnce } from "./optimistic.ts";
import type { Conversation, Persona } from "./types.ts";

/** Opens a chat with a character, which speaks first where it has a greeting. */
export async function startChat({ slug, name }: Pick<Persona, "slug" | "name">): Promise<Conversation> {
  const body = { persona: slug, character: name, greeting: true };
  return answer(api.POST("/api/conversations", { body }));
}

/** Names a chat, at once; where the server does not agree, it is called as before. */
export function useRenameChat() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, title }: { id: string; title: string }) =>
      answer(api.PATCH("/api/conversations/{id}", { params: { path: { id } }, body: { title } })),
    onMutate: ({ id, title }) =>
      showAtOnce<Conversations>(client, [...conversationsKey, "list"], (list) => renamed(list, id, title)),
    onError: (_error, _variables, rollback) => rollback?.(),
    onSettled: () => client.invalidateQueries({ queryKey: conversationsKey }),
  });
}

/** Deletes a chat. With `leaving` the request outlives the page that makes it. */
export async function deleteChat(id: string, leaving = false): Promise<void> {
  await answer(api.DELETE("/api/conversations/{id}", { params: { path: { id } }, keepalive: leaving }));
}

/** How many chats there are with a character of this name. */
export async function countChats(character: string): Promise<number> {
  const query = { character, page_size: 1 };
  return (await answer(api.GET("/api/conversations", { params: { query } }))).count;
}

/** Deletes every chat with a character of this name. */
export async function deleteChatsWith(client: QueryClient, character: string): Promise<void> {
  await answer(api.DELETE("/api/conversations/bulk-delete", { params: { query: { character } } }));
  await client.invalidateQueries({ queryKey: conversationsKey });
}

type Conversations = InfiniteData<{ results: Conversation[] }>;

function renamed(list: Conversations, id: string, title: string): Conversations {
  const rename = (chat: Conversation) => (chat.id === id ? { ...chat, title } : chat);
  return { ...list, pages: list.pages.map((page) => ({ ...page, results: page.results.map(rename) })) };
}
