import { Link } from "@tanstack/react-router";
import type { Conversation } from "@/api/types.ts";
import { Avatar } from "@/components/Avatar.tsx";
import { titleOf } from "./titles.ts";

/** A chat in a short list. */
export function ChatLink({ chat, picture }: { chat: Conversation; picture: string | null }) {
  return (
    <Link
      to="/chats/$id"
      params={{ id: chat.id }}
      title={titleOf(chat)}
      className="flex min-h-10 items-center gap-2.5 rounded-md px-2 py-1 text-[0.9375rem] text-ink-soft transition-colors hover:bg-accent-wash hover:text-ink aria-[current=page]:bg-accent-wash aria-[current=page]:text-ink"
    >
      <Avatar name={chat.character} picture={picture} size="small" />
      <span className="min-w-0 flex-1 truncate">{titleOf(chat)}</span>
    </Link>
  );
}
