import { useConversations } from "@/api/conversations.ts";
import { Loaded } from "@/components/Loaded.tsx";
import { LoadMore } from "@/components/LoadMore.tsx";
import { ChatRow } from "@/pages/chats/ChatRow.tsx";
import { ChatsSkeleton } from "@/pages/chats/ChatsSkeleton.tsx";
import { useHiddenChats } from "@/pages/chats/deletions.ts";
import { characters } from "@/strings/index.ts";

const text = characters.page;

/** One's chats with a character of this name. */
export function ChatsWith({ name, picture }: { name: string; picture: string | null }) {
  const query = useConversations(name);
  const hidden = useHiddenChats();
  const now = new Date();
  return (
    <section className="grid grid-cols-1 gap-3">
      <h2 className="text-2xl">{text.chats(name)}</h2>
      <Loaded query={query} skeleton={<ChatsSkeleton rows={2} />}>
        {(all) => {
          const chats = all.filter(({ id }) => !hidden.has(id));
          if (chats.length === 0) return <p className="text-ink-soft">{text.noChats}</p>;
          return (
            <ul className="-mx-2">
              {chats.map((chat) => (
                <li key={chat.id}>
                  <ChatRow chat={chat} picture={picture} now={now} isUnderName />
                </li>
              ))}
            </ul>
          );
        }}
      </Loaded>
      <LoadMore query={query} />
    </section>
  );
}
