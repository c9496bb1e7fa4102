import { useCallback, useEffect, useLayoutEffect, useState, useSyncExternalStore } from "react";
import type { Message } from "@/api/thread.ts";
import { followReply, leaveReplies, replyOf } from "./live.ts";
import type { Reply, ReplyView } from "./reply/reply.ts";

/** The replies that are being written in a conversation, by their generation. They are followed until the page is left. */
export function useReplies(conversation: string, messages: Message[]): ReadonlyMap<string, Reply> {
  const [replies, setReplies] = useState<ReadonlyMap<string, Reply>>(new Map());
  useLayoutEffect(() => {
    const running = messages.filter(({ status }) => status === "running");
    const followed = running
      .map((message) => followReply(conversation, message))
      .filter((reply) => reply !== undefined);
    setReplies((before) => {
      const same = before.size === followed.length && followed.every(({ generation }) => before.has(generation));
      return same ? before : new Map(followed.map((reply) => [reply.generation, reply]));
    });
  }, [conversation, messages]);
  useEffect(() => () => leaveReplies(conversation), [conversation]);
  return replies;
}

/** A message as it is shown: while it is being written, as far as it has been heard. */
export function useShown(message: Message, reply: Reply | undefined): ReplyView {
  const subscribe = useCallback((changed: () => void) => reply?.subscribe(oncePerFrame(changed)) ?? nothing, [reply]);
  const view = useSyncExternalStore(subscribe, () => reply?.view());
  if (view !== undefined && message.status === "running") return view;
  const { content: text, status } = message;
  const heard = replyOf(message.generation_id)?.view();
  return { text, status, thoughts: heard?.thoughts ?? "", error: heard?.error, waiting: false };
}

const nothing = () => {};

/** However often it is called, it calls back once for each frame that is painted. */
function oncePerFrame(callBack: () => void): () => void {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      callBack();
    });
  };
}
