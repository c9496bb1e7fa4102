import { Link, useParams } from "@tanstack/react-router";
import { useConversation } from "@/api/conversations.ts";
import { Loaded } from "@/components/Loaded.tsx";
import { DocumentTitle, PageHeading } from "@/shell/Page.tsx";
import { chats, chat as text } from "@/strings/index.ts";

export function ChatPage() {
  const { id } = useParams({ from: "/signed-in/chats/$id" });
  return (
    <Loaded whole query={useConversation(id)} skeleton={null}>
      {(conversation) => {
        const title = conversation.title || chats.untitled(conversation.character);
        return (
          <>
            <DocumentTitle title={title} />
            <header className="border-b border-rule px-4 py-3">
              <Link to="/chats" className="link text-sm md:hidden">
                {text.back}
              </Link>
              <PageHeading className="truncate text-xl sm:text-xl">{title}</PageHeading>
            </header>
            <ol className="min-h-0 flex-1 overflow-y-auto px-4">
              {conversation.messages.map((message) => (
                <li key={message.id} className="mx-auto max-w-measure py-3 whitespace-pre-wrap">
                  {message.content}
                </li>
              ))}
            </ol>
          </>
        );
      }}
    </Loaded>
  );
}
