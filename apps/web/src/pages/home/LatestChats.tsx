import { Link } from "@tanstack/react-router";
import { useConversations } from "@/api/conversations.ts";
import type { Conversation } from "@/api/types.ts";
import { Avatar } from "@/components/Avatar.tsx";
import { Skeleton, Skeletons } from "@/components/Skeleton.tsx";
import { shortTime } from "@/pages/chats/dates.ts";
import { useHiddenChats } from "@/pages/chats/deletions.ts";
import { titleOf } from "@/pages/chats/titles.ts";
import { useFaces } from "@/pages/chats/useFaces.ts";
import { home as text } from "@/strings/index.ts";

const MOST = 3;
const shelf = "grid grid-cols-1 gap-3 sm:grid-cols-[repeat(auto-fit,minmax(14rem,1fr))]";

/** What one was reading last. It shows nothing where there is nothing yet; `/chats` says why something cannot be had. */
export function LatestChats() {
  const { data, isLoading } = useConversations();
  const hidden = useHiddenChats();
  const faceOf = useFaces();
  if (isLoading) return <ShelfSkeleton />;
  const chats = (data ?? []).filter(({ id }) => !hidden.has(id)).slice(0, MOST);
  if (chats.length === 0) return null;
  return (
    <section aria-labelledby="go-on" className="grid grid-cols-1 gap-3">
      <div className="flex items-baseline justify-between gap-4">
        <h2 id="go-on" className="eyebrow">
          {text.goOn}
        </h2>
        <Link to="/chats" className="link text-sm">
          {text.chats}
        </Link>
      </div>
      <ul className={shelf}>
        {chats.map((chat) => (
          <li key={chat.id}>
            <ChatCard chat={chat} picture={faceOf(chat)} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function ChatCard({ chat, picture }: { chat: Conversation; picture: string | null }) {
  return (
    <Link
      to="/chats/$id"
      params={{ id: chat.id }}
      className="flex min-h-18 items-center gap-3.5 rounded-lg border border-rule bg-sheet px-4 py-3 shadow-page transition hover:border-accent hover:shadow-lifted"
    >
      <Avatar name={chat.character} picture={picture} />
      <span className="min-w-0 flex-1">
        <span className="block truncate font-medium">{titleOf(chat)}</span>
        <time dateTime={chat.updated_at} className="block text-sm text-ink-soft">
          {shortTime(new Date(chat.updated_at), new Date())}
        </time>
      </span>
    </Link>
  );
}

function ShelfSkeleton() {
  return (
    <Skeletons className={shelf}>
      <Skeleton className="h-18" />
      <Skeleton className="h-18" />
      <Skeleton className="h-18" />
    </Skeletons>
  );
}
