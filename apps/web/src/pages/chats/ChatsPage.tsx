import { useConversations } from "@/api/conversations.ts";
import { Button, ButtonLink } from "@/components/Button.tsx";
import { EmptyState } from "@/components/EmptyState.tsx";
import { Loaded } from "@/components/Loaded.tsx";
import { Skeleton, Skeletons } from "@/components/Skeleton.tsx";
import { Page } from "@/shell/Page.tsx";
import { common, chats as text } from "@/strings/index.ts";
import { ChatLink } from "./ChatLink.tsx";

export function ChatsPage() {
  const query = useConversations();
  return (
    <Page title={text.title} width="measure">
      <Loaded query={query} skeleton={<ChatsSkeleton />}>
        {(chats) =>
          chats.length === 0 ? (
            <EmptyState title={text.empty.title} detail={text.empty.detail}>
              <ButtonLink to="/characters" variant="primary">
                {text.empty.action}
              </ButtonLink>
            </EmptyState>
          ) : (
            <ul>
              {chats.map((chat) => (
                <li key={chat.id}>
                  <ChatLink chat={chat} />
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      {query.hasNextPage && (
        <Button busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {common.more}
        </Button>
      )}
    </Page>
  );
}

function ChatsSkeleton() {
  return (
    <Skeletons className="grid gap-3">
      <Skeleton className="h-8" />
      <Skeleton className="h-8" />
      <Skeleton className="h-8" />
    </Skeletons>
  );
}
