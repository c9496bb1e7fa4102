import { useConversations } from "@/api/conversations.ts";
import { shell as text } from "@/strings/index.ts";
import { ChatLink } from "./ChatLink.tsx";

/** The latest chats, in the sidebar. It shows nothing where there are none, or none can be had: `/chats` says why. */
export default function RecentChats() {
  const { data: chats = [] } = useConversations();
  if (chats.length === 0) return null;
  return (
    <section aria-labelledby="recent-chats">
      <h2 id="recent-chats" className="eyebrow px-3 pb-1">
        {text.recent}
      </h2>
      <ul>
        {chats.map((chat) => (
          <li key={chat.id}>
            <ChatLink chat={chat} />
          </li>
        ))}
      </ul>
    </section>
  );
}
