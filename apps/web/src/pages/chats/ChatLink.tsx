import { Link } from "@tanstack/react-router";
import type { Conversation } from "@/api/types.ts";
import { chats as text } from "@/strings/index.ts";

/** A chat in a list. */
export function ChatLink({ chat }: { chat: Conversation }) {
  return (
    <Link
      to="/chats/$id"
      params={{ id: chat.id }}
      className="block truncate rounded-md px-3 py-1.5 text-[0.9375rem] text-ink-soft transition-colors hover:bg-accent-wash hover:text-ink aria-[current=page]:bg-accent-wash aria-[current=page]:text-ink"
    >
      {chat.title || text.untitled(chat.character)}
    </Link>
  );
}
