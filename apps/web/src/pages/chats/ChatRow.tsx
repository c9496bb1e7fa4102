import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import { useRenameChat } from "@/api/chatChanges.ts";
import type { Conversation } from "@/api/types.ts";
import { Avatar } from "@/components/Avatar.tsx";
import { MenuButton } from "@/components/MenuButton.tsx";
import { notify } from "@/components/toasts.ts";
import { chats as text } from "@/strings/index.ts";
import { shortTime } from "./dates.ts";
import { deleteWithUndo } from "./deletions.ts";
import { RenameField } from "./RenameField.tsx";
import { titleOf } from "./titles.ts";

type ChatRowProps = {
  chat: Conversation;
  picture: string | null;
  now: Date;
  /** Whether the heading above it says with whom it is. */
  isUnderName?: boolean;
};

/** A chat in the list of all of them: leads there, and can be renamed in its place or deleted. */
export function ChatRow({ chat, picture, now, isUnderName = false }: ChatRowProps) {
  const client = useQueryClient();
  const [renaming, setRenaming] = useState(false);
  const rename = useRenameChat();
  const title = titleOf(chat);
  if (renaming) {
    return (
      <RenameField
        title={title}
        onDone={(next) => {
          setRenaming(false);
          if (next === undefined || next === title) return;
          const onError = () => notify({ text: text.renameFailed, urgent: true });
          rename.mutate({ id: chat.id, title: next }, { onError });
        }}
      />
    );
  }
  return (
    <div className="group relative flex items-center rounded-lg transition-colors hover:bg-accent-wash">
      <Link
        to="/chats/$id"
        params={{ id: chat.id }}
        className="flex min-h-14 min-w-0 flex-1 items-center gap-3.5 rounded-lg py-2 pl-2 -outline-offset-2"
      >
        <Avatar name={chat.character} picture={picture} />
        <span className="min-w-0 flex-1">
          <span className="block truncate">{title}</span>
          <span className="block truncate text-sm text-ink-soft">
            {chat.title !== "" && !isUnderName && `${chat.character} · `}
            <time dateTime={chat.updated_at}>{shortTime(new Date(chat.updated_at), now)}</time>
          </span>
        </span>
      </Link>
      <MenuButton
        label={text.more(title)}
        className="mr-1"
        entries={[
          { label: text.rename, icon: Pencil, onSelect: () => setRenaming(true) },
          "rule",
          { label: text.delete, icon: Trash2, danger: true, onSelect: () => deleteWithUndo(client, chat) },
        ]}
      />
    </div>
  );
}
