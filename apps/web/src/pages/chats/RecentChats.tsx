import { Link } from "@tanstack/react-router";
import { useConversations } from "@/api/conversations.ts";
import { chats as chatsText, shell as text } from "@/strings/index.ts";
import { ChatLink } from "./ChatLink.tsx";
import { useHiddenChats } from "./deletions.ts";
import { useFaces } from "./useFaces.ts";

const MOST = 12;

/** The latest chats, in the sidebar. It shows nothing where there are none, or none can be had: `/chats` says why. */
export default function RecentChats() {
  const { data = [] } = useConversations();
  const hidden = useHiddenChats();
  const faceOf = useFaces();
  const chats = data.filter(({ id }) => !hidden.has(id));
  if (chats.length === 0) return null;
  return (
    <section aria-labelledby="recent-chats">
      <h2 id="recent-chats" className="eyebrow px-3 pb-1">
        {text.recent}
      </h2>
      <ul>
        {chats.slice(0, MOST).map((chat) => (
          <li key={chat.id}>
            <ChatLink chat={chat} picture={faceOf(chat)} />
          </li>
        ))}
      </ul>
      {chats.length > MOST && (
        <Link to="/chats" activeOptions={{ exact: true }} className="link mx-3 mt-2 inline-block text-sm">
          {chatsText.all}
        </Link>
      )}
    </section>
  );
}
