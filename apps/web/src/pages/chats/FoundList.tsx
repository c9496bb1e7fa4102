import { Link } from "@tanstack/react-router";
import { useConversations } from "@/api/conversations.ts";
import { useSearch } from "@/api/search.ts";
import type { Conversation, FoundMessage } from "@/api/types.ts";
import { Avatar } from "@/components/Avatar.tsx";
import { EmptyState } from "@/components/EmptyState.tsx";
import { Loaded } from "@/components/Loaded.tsx";
import { VisuallyHidden } from "@/components/VisuallyHidden.tsx";
import { chats as text } from "@/strings/index.ts";
import { ChatsSkeleton } from "./ChatsSkeleton.tsx";
import { shortTime } from "./dates.ts";
import { useHiddenChats } from "./deletions.ts";
import { Snippet } from "./Snippet.tsx";
import { titleOf } from "./titles.ts";
import { useFaces } from "./useFaces.ts";

const row = "flex gap-3.5 rounded-lg px-2 py-2.5 -outline-offset-2 transition-colors hover:bg-accent-wash";

/** The chats and messages with a text in them. A message leads to its place in its chat. */
export function FoundList({ sought }: { sought: string }) {
  const query = useSearch(sought);
  const hidden = useHiddenChats();
  const faceOf = useFaces();
  const { data: known = [] } = useConversations();
  return (
    <Loaded query={query} skeleton={<ChatsSkeleton />}>
      {(found) => {
        const chats = found.conversations.filter(({ id }) => !hidden.has(id));
        const messages = found.messages.filter(({ conversation_id: id }) => !hidden.has(id));
        const count = chats.length + messages.length;
        return (
          <div className="grid grid-cols-1 gap-8" aria-busy={query.isPlaceholderData}>
            <VisuallyHidden>
              <span role="status">{text.search.found(count)}</span>
            </VisuallyHidden>
            {count === 0 && <EmptyState {...text.search.nothing} />}
            {chats.length > 0 && (
              <Section heading={text.search.titles}>
                {chats.map((chat) => {
                  const whole = known.find(({ id }) => id === chat.id);
                  return (
                    <li key={chat.id}>
                      <Link to="/chats/$id" params={{ id: chat.id }} className={row}>
                        <Avatar name={chat.character} picture={whole ? faceOf(whole) : null} size="small" />
                        <span className="min-w-0 flex-1 self-center">
                          <Snippet pieces={chat.snippet} />
                        </span>
                      </Link>
                    </li>
                  );
                })}
              </Section>
            )}
            {messages.length > 0 && (
              <Section heading={text.search.messages}>
                {messages.map((message) => (
                  <li key={message.id}>
                    <MessageLink message={message} chat={known.find(({ id }) => id === message.conversation_id)} />
                  </li>
                ))}
              </Section>
            )}
          </div>
        );
      }}
    </Loaded>
  );
}

function Section({ heading, children }: { heading: string; children: React.ReactNode }) {
  return (
    <section aria-label={heading}>
      <h2 className="eyebrow border-b border-rule pb-2 pl-2">{heading}</h2>
      <ul className="pt-1.5">{children}</ul>
    </section>
  );
}

function MessageLink({ message, chat }: { message: FoundMessage; chat: Conversation | undefined }) {
  const speaker = message.role === "user" ? text.search.you : (chat?.character ?? text.search.somebody);
  return (
    <Link
      to="/chats/$id"
      params={{ id: message.conversation_id }}
      search={{ message: message.id }}
      className={`${row} flex-col gap-0.5`}
    >
      <span className="flex min-w-0 items-baseline gap-2 text-sm text-ink-soft">
        <span className="shrink-0 font-medium text-ink">{speaker}</span>
        <span className="min-w-0 flex-1 truncate">{chat && titleOf(chat)}</span>
        <time dateTime={message.created_at} className="shrink-0">
          {shortTime(new Date(message.created_at), new Date())}
        </time>
      </span>
      <span className="line-clamp-3">
        <Snippet pieces={message.snippet} />
      </span>
    </Link>
  );
}
