import { type QueryClient, queryOptions, useQuery } from "@tanstack/react-query";
import { answer, api } from "./client.ts";
import { conversationsKey } from "./conversations.ts";
import { type Message, type ReplySettings, type Thread, withNewest, withOlder } from "./thread.ts";

const OLDER = 200;
const NEWEST = 30;

export function threadKey(conversation: string) {
  return [...conversationsKey, "thread", conversation] as const;
}

/** A conversation with its newest messages, and with those older ones that were loaded before. */
export function threadQuery(conversation: string) {
  return queryOptions({
    queryKey: threadKey(conversation),
    queryFn: async ({ client, signal }): Promise<Thread> => {
      const fetched = await answer(
        api.GET("/api/conversations/{id}", { params: { path: { id: conversation } }, signal }),
      );
      return withFetched(client.getQueryData<Thread>(threadKey(conversation)), fetched);
    },
    // Whoever comes back to the window sees what has been said meanwhile on another device.
    refetchOnWindowFocus: "always",
    refetchOnMount: "always",
  });
}

export function useThread(conversation: string) {
  return useQuery(threadQuery(conversation));
}

/** Shows a conversation that the server has just answered with. */
export function showThread(client: QueryClient, fetched: Thread): void {
  client.setQueryData<Thread>(threadKey(fetched.id), (loaded) => withFetched(loaded, fetched));
}

function withFetched(loaded: Thread | undefined, fetched: Thread): Thread {
  return { ...fetched, messages: withNewest(loaded?.messages ?? [], fetched.messages) };
}

/** Changes the loaded messages of a conversation, if it is loaded. */
export function showMessages(
  client: QueryClient,
  conversation: string,
  change: (loaded: Message[]) => Message[],
): void {
  client.setQueryData<Thread>(threadKey(conversation), (thread) =>
    thread === undefined ? undefined : { ...thread, messages: change(thread.messages) },
  );
}

const refreshes = new Map<string, AbortController>();

/**
 * Loads the last few messages anew: enough after a reply has begun or ended, and little, however long the conversation is. The
 * whole thread is loaded where that is not enough. Of two refreshes the later one counts.
 */
export async function refreshNewest(client: QueryClient, conversation: string): Promise<void> {
  const thread = client.getQueryData<Thread>(threadKey(conversation));
  // The first message gives a conversation its title.
  if (thread === undefined || thread.title === "") {
    await client.invalidateQueries({ queryKey: threadKey(conversation) });
    return;
  }
  refreshes.get(conversation)?.abort();
  const abort = new AbortController();
  refreshes.set(conversation, abort);
  const params = { path: { id: conversation }, query: { order: "desc" as const, page_size: NEWEST } };
  const request = answer(api.GET("/api/conversations/{id}/messages", { params, signal: abort.signal }));
  const page = await request.catch((error: unknown) => {
    if (!abort.signal.aborted) throw error;
  });
  if (page === undefined || abort.signal.aborted) return;
  await client.cancelQueries({ queryKey: threadKey(conversation) });
  showMessages(client, conversation, (loaded) => withNewest(loaded, page.results.reverse()));
}

/** Loads the messages before those that are loaded. */
export async function loadOlder(client: QueryClient, conversation: string): Promise<void> {
  const first = client.getQueryData<Thread>(threadKey(conversation))?.messages[0];
  if (first === undefined || first.parent_id === null) return;
  const query = { before: first.id, limit: OLDER };
  const page = await answer(
    api.GET("/api/conversations/{id}/messages", { params: { path: { id: conversation }, query } }),
  );
  showMessages(client, conversation, (loaded) => withOlder(loaded, page.results));
}

/** The ids of a message and its siblings, in their order. */
async function siblingsOf(conversation: string, message: Message): Promise<string[]> {
  // Those of the first message were written first; the others are most likely among the newest.
  const order = message.parent_id === null ? ("asc" as const) : ("desc" as const);
  const found: Message[] = [];
  for (let page = 1, more = true; more && found.length < message.siblings.count; page++) {
    const query = { all: true, order, page, page_size: OLDER };
    const list = await answer(
      api.GET("/api/conversations/{id}/messages", { params: { path: { id: conversation }, query } }),
    );
    found.push(...list.results.filter(({ parent_id }) => parent_id === message.parent_id));
    more = list.next !== null;
  }
  return found.sort((one, other) => one.siblings.index - other.siblings.index).map(({ id }) => id);
}

/** Shows the sibling that stands so many places behind this message, with what followed it. */
export async function showSibling(
  client: QueryClient,
  conversation: string,
  message: Message,
  step: 1 | -1,
): Promise<void> {
  const siblings = await siblingsOf(conversation, message);
  const id = siblings[siblings.indexOf(message.id) + step];
  if (id === undefined) return;
  showThread(client, await answer(api.POST("/api/messages/{id}/activate", { params: { path: { id } } })));
}

/** Gives a message other words. The person's get a sibling, which is what this answers with. */
export function editMessage(id: string, content: string): Promise<Message> {
  return answer(api.PATCH("/api/messages/{id}", { params: { path: { id } }, body: { content } }));
}

/** Deletes a message and all that follows it. */
export async function deleteMessage(id: string): Promise<void> {
  await answer(api.DELETE("/api/messages/{id}", { params: { path: { id } } }));
}

/** Ends a reply, at the model too. What was said stays. */
export async function stopReply(generation_id: string): Promise<void> {
  await answer(api.POST("/api/chat/stop", { body: { generation_id } }));
}

/** Changes what is named of a conversation. */
export async function changeConversation(
  client: QueryClient,
  conversation: string,
  change: Partial<ReplySettings> & { title?: string },
): Promise<void> {
  const params = { path: { id: conversation } };
  showThread(client, await answer(api.PATCH("/api/conversations/{id}", { params, body: change })));
  await client.invalidateQueries({ queryKey: [...conversationsKey, "list"] });
}
