import { useConversations } from "@/api/conversations.ts";
import { ButtonLink } from "@/components/Button.tsx";
import { EmptyState } from "@/components/EmptyState.tsx";
import { Loaded } from "@/components/Loaded.tsx";
import { LoadMore } from "@/components/LoadMore.tsx";
import { chats as text } from "@/strings/index.ts";
import { ChatRow } from "./ChatRow.tsx";
import { ChatsSkeleton } from "./ChatsSkeleton.tsx";
import { DeleteAllMenu } from "./DeleteAllMenu.tsx";
import { useHiddenChats } from "./deletions.ts";
import { grouped, type View } from "./groups.ts";
import { useFaces } from "./useFaces.ts";

/** All of one's chats, under headings. */
export function ChatList({ view }: { view: View }) {
  const query = useConversations();
  const hidden = useHiddenChats();
  const faceOf = useFaces();
  const now = new Date();
  return (
    <Loaded query={query} skeleton={<ChatsSkeleton />}>
      {(all) => {
        const chats = all.filter(({ id }) => !hidden.has(id));
        if (chats.length === 0 && !query.hasNextPage) return <NoChats />;
        return (
          <>
            <div className="grid grid-cols-1 gap-8">
              {grouped(chats, view, now).map((group) => (
                <section key={group.heading} aria-label={group.heading}>
                  <header className="flex min-h-10 items-center justify-between border-b border-rule pl-2">
                    <h2 className={view === "date" ? "eyebrow" : "text-lg"}>{group.heading}</h2>
                    {view === "character" && <DeleteAllMenu character={group.heading} />}
                  </header>
                  <ul className="pt-1.5">
                    {group.chats.map((chat) => (
                      <li key={chat.id} className="[contain-intrinsic-size:auto_3.5rem] [content-visibility:auto]">
                        <ChatRow chat={chat} picture={faceOf(chat)} now={now} isUnderName={view === "character"} />
                      </li>
                    ))}
                  </ul>
                </section>
              ))}
            </div>
            <LoadMore query={query} />
          </>
        );
      }}
    </Loaded>
  );
}

function NoChats() {
  return (
    <EmptyState title={text.empty.title} detail={text.empty.detail}>
      <ButtonLink to="/characters" variant="primary">
        {text.empty.action}
      </ButtonLink>
    </EmptyState>
  );
}
