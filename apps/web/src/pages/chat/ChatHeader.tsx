import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowLeft, NotebookPen, Pencil } from "lucide-react";
import { type FormEvent, type RefObject, useState } from "react";
import { changeConversation, threadKey } from "@/api/messages.ts";
import type { Thread } from "@/api/thread.ts";
import { Avatar } from "@/components/Avatar.tsx";
import { controlLook } from "@/components/Field.tsx";
import { IconButton } from "@/components/IconButton.tsx";
import { DocumentTitle } from "@/shell/Page.tsx";
import { chats, chat as text } from "@/strings/index.ts";
import { act } from "./act.ts";
import { useChat } from "./context.ts";
import { changed } from "./live.ts";

type ChatHeaderProps = { thread: Thread; heading: RefObject<HTMLHeadingElement | null>; onNote: () => void };

/** With whom one talks, and about what. */
export function ChatHeader({ thread, heading, onNote }: ChatHeaderProps) {
  const { character } = useChat();
  const [renaming, setRenaming] = useState(false);
  const title = thread.title || chats.untitled(thread.character);
  return (
    <header className="flex items-center gap-1 border-b border-rule px-2 py-2 sm:gap-3 sm:px-6">
      <DocumentTitle title={title} />
      <Link
        to="/chats"
        aria-label={text.back}
        title={text.back}
        className="inline-grid size-10 shrink-0 place-items-center rounded-md text-ink-soft hover:bg-accent-wash hover:text-accent md:hidden"
      >
        <ArrowLeft aria-hidden className="size-5" strokeWidth={1.75} />
      </Link>
      <Avatar name={character.name} picture={character.avatar} size="small" />
      {renaming ? (
        <TitleForm thread={thread} onDone={() => setRenaming(false)} />
      ) : (
        <div className="group flex min-w-0 flex-1 items-center">
          <h1 ref={heading} tabIndex={-1} className="truncate pl-1 text-lg" title={title}>
            {title}
          </h1>
          <IconButton
            icon={Pencil}
            label={text.title.rename}
            onClick={() => setRenaming(true)}
            className="transition-opacity group-hover:opacity-100 focus-visible:opacity-100 pointer-fine:opacity-0 [&_svg]:size-4"
          />
        </div>
      )}
      <IconButton icon={NotebookPen} label={text.note.open} onClick={onNote} />
    </header>
  );
}

/** The title in a field: Enter and leaving it save, Escape leaves it as it was. */
function TitleForm({ thread, onDone }: { thread: Thread; onDone: () => void }) {
  const client = useQueryClient();
  const [title, setTitle] = useState(thread.title);
  const save = async (event?: FormEvent) => {
    event?.preventDefault();
    onDone();
    const next = title.trim();
    if (next === thread.title) return;
    client.setQueryData<Thread>(threadKey(thread.id), (shown) => shown && { ...shown, title: next });
    const saved = await act(() => changeConversation(client, thread.id, { title: next }));
    if (saved) void changed(thread.id);
    else client.setQueryData<Thread>(threadKey(thread.id), (shown) => shown && { ...shown, title: thread.title });
  };
  return (
    <form onSubmit={save} className="min-w-0 flex-1">
      <input
        // biome-ignore lint/a11y/noAutofocus: whoever asks to rename it wants to write here.
        autoFocus
        aria-label={text.title.label}
        maxLength={200}
        value={title}
        onChange={(event) => setTitle(event.target.value)}
        onBlur={() => void save()}
        onFocus={(event) => event.target.select()}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          event.stopPropagation();
          onDone();
        }}
        className={`${controlLook} py-1.5`}
      />
    </form>
  );
}
