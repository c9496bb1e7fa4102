import { createContext, useContext } from "react";
import type { Message } from "@/api/thread.ts";

/** What every part of a conversation knows. */
export type Chat = {
  id: string;
  character: { name: string; avatar: string | null };
  /** Deletes a message and all that follows it, with a while to undo that. */
  remove: (message: Message) => void;
  /** Shows how a reply came about. */
  explain: (generation: string) => void;
  /** Which message is being edited, if any. */
  editing: string | undefined;
  edit: (message: string | undefined) => void;
};

export const ChatContext = createContext<Chat | undefined>(undefined);

export function useChat(): Chat {
  const chat = useContext(ChatContext);
  if (chat === undefined) throw new Error("a part of a conversation stands outside of one");
  return chat;
}
