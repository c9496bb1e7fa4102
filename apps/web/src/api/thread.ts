import type { components } from "@raconteur/api";

type Schemas = components["schemas"];

export type Message = Schemas["Message"];
export type StreamStart = Schemas["StreamStart"];

/** What of a conversation decides how it is answered. */
export type ReplySettings = Schemas["ConversationSettings"];

/** A conversation with what is loaded of its messages: a piece of the path that is shown, without gaps, up to its end. */
export type Thread = Schemas["ConversationWithMessages"];

/** Whether there are messages before those that are loaded. */
export function hasOlder({ messages: [first] }: Thread): boolean {
  return first !== undefined && first.parent_id !== null;
}

/**
 * What is loaded, with the newest messages as the server has them now. What stands before them stays, as long as it still leads
 * there: a message has one parent for good, so the same message has the same ones before it.
 */
export function withNewest(loaded: Message[], newest: Message[]): Message[] {
  const [first] = newest;
  if (first === undefined) return [];
  const at = loaded.findIndex(({ id }) => id === first.id);
  if (at >= 0) return [...loaded.slice(0, at), ...newest];
  const parent = loaded.findIndex(({ id }) => id === first.parent_id);
  return parent >= 0 ? [...loaded.slice(0, parent + 1), ...newest] : newest;
}

/** What is loaded, with a stretch of messages before it; unchanged where the path has become another one meanwhile. */
export function withOlder(loaded: Message[], older: Message[]): Message[] {
  return older.at(-1)?.id === loaded[0]?.parent_id ? [...older, ...loaded] : loaded;
}

/** What a reply that has begun is: an answer to a prompt, or to what was there already; or another reply in place of one. */
export type Cause = { kind: "prompt"; prompt: string | null } | { kind: "regenerate"; message: string };

/** What is loaded, with a reply that has just begun, so that it shows before the server is asked again. */
export function withStarted(loaded: Message[], start: StreamStart, cause: Cause): Message[] {
  if (loaded.some(({ id }) => id === start.message_id)) return loaded;
  const at = cause.kind === "regenerate" ? loaded.findIndex(({ id }) => id === cause.message) : -1;
  const replaced = loaded[at];
  const path = replaced === undefined ? [...loaded] : loaded.slice(0, at);
  if (cause.kind === "prompt" && cause.prompt !== null && start.user_message_id !== null) {
    if (!path.some(({ id }) => id === start.user_message_id)) {
      path.push(newMessage(start.user_message_id, "user", cause.prompt, start, path.at(-1)));
    }
  }
  const reply = newMessage(start.message_id, "assistant", "", start, path.at(-1));
  const siblings = replaced && { index: replaced.siblings.count, count: replaced.siblings.count + 1 };
  path.push({
    ...reply,
    status: "running",
    generation_id: start.generation_id,
    ...(replaced && { parent_id: replaced.parent_id }),
    ...(siblings && { siblings }),
  });
  return path;
}

function newMessage(
  id: string,
  role: Message["role"],
  content: string,
  { ts: created_at }: StreamStart,
  parent: Message | undefined,
): Message {
  return {
    id,
    role,
    content,
    meta: null,
    created_at,
    parent_id: parent?.id ?? null,
    status: "complete",
    generation_id: null,
    active: true,
    siblings: { index: 0, count: 1 },
  };
}
