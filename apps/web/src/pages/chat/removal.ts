import { useCallback, useRef, useState } from "react";
import { deleteMessage } from "@/api/messages.ts";
import type { Message } from "@/api/thread.ts";
import { notify } from "@/components/toasts.ts";
import { chat as text } from "@/strings/index.ts";
import { act } from "./act.ts";
import { changed } from "./live.ts";

type Pending = { close: () => void; finish: () => Promise<boolean> };

/** Deleting messages in a way that can be undone: they are hidden at once, and deleted when the chance to undo is gone. */
export function useRemoval(conversation: string, messages: Message[]) {
  const [removed, setRemoved] = useState<string>();
  const pending = useRef<Pending>(undefined);

  /** Deletes what is only hidden so far, before anything is said behind it. @returns whether that worked */
  const settle = useCallback(async (): Promise<boolean> => {
    const { current } = pending;
    if (current === undefined) return true;
    current.close();
    return current.finish();
  }, []);

  const at = removed === undefined ? -1 : messages.findIndex(({ id }) => id === removed);
  const shown = at < 0 ? messages : messages.slice(0, at);

  const remove = async ({ id }: Message) => {
    await settle();
    const forget = () => {
      pending.current = undefined;
      setRemoved((current) => (current === id ? undefined : current));
    };
    let work: Promise<boolean> | undefined;
    const finish = () => {
      work ??= act(async () => {
        await deleteMessage(id);
        await changed(conversation);
      }).finally(forget);
      return work;
    };
    setRemoved(id);
    const count = messages.length - messages.findIndex((message) => message.id === id);
    const close = notify({ text: text.actions.removed(count), undo: forget, onGone: () => void finish() });
    pending.current = { close, finish };
  };

  return { shown, remove, settle };
}
