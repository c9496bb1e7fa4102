// Chats that are deleted but for the chance to undo. They are in no list any more, and the server is told when that chance is
// gone: with the toast that offers it, or with the page.
import type { QueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { deleteChat } from "@/api/chatChanges.ts";
import { conversationsKey } from "@/api/conversations.ts";
import type { Conversation } from "@/api/types.ts";
import { notify } from "@/components/toasts.ts";
import { chats as text } from "@/strings/index.ts";
import { titleOf } from "./titles.ts";

let hidden: ReadonlySet<string> = new Set();
const waiting = new Map<string, (leaving: boolean) => Promise<void>>();
const listeners = new Set<() => void>();

/** Hides a chat at once, offers to undo that, and deletes it when nobody did. */
export function deleteWithUndo(client: QueryClient, chat: Pick<Conversation, "id" | "title" | "character">): void {
  const title = titleOf(chat);
  hide(chat.id, true);
  waiting.set(chat.id, async (leaving) => {
    waiting.delete(chat.id);
    try {
      await deleteChat(chat.id, leaving);
      await client.invalidateQueries({ queryKey: conversationsKey });
    } catch {
      notify({ text: text.deleteFailed(title), urgent: true });
    }
    hide(chat.id, false);
  });
  notify({
    text: text.deleted(title),
    undo: () => {
      waiting.delete(chat.id);
      hide(chat.id, false);
    },
    onGone: () => void waiting.get(chat.id)?.(false),
  });
}

/** Deletes now what waits. With `leaving` the requests outlive the page. */
export async function deleteWaiting(leaving = false): Promise<void> {
  await Promise.all(Array.from(waiting.values(), (run) => run(leaving)));
}

/** The ids of chats that no list shows any more. */
export function useHiddenChats(): ReadonlySet<string> {
  return useSyncExternalStore(subscribe, () => hidden);
}

function hide(id: string, hides: boolean): void {
  const next = new Set(hidden);
  if (hides) next.add(id);
  else next.delete(id);
  hidden = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

window.addEventListener("pagehide", () => void deleteWaiting(true));
