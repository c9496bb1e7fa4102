import { House, Library, MessagesSquare, SlidersHorizontal, UserPlus } from "lucide-react";
import { useConversations } from "@/api/conversations.ts";
import { usePersonas } from "@/api/personas.ts";
import { useSearch } from "@/api/search.ts";
import { useDebounced } from "@/components/useDebounced.ts";
import { useHiddenChats } from "@/pages/chats/deletions.ts";
import { titleOf } from "@/pages/chats/titles.ts";
import { useFaces } from "@/pages/chats/useFaces.ts";
import { useSession } from "@/session/index.ts";
import { characters as charactersText, shell, search as text } from "@/strings/index.ts";
import { type Item, type ItemGroup, itemGroups } from "./items.ts";

const forAll: Item[] = [
  { kind: "page", id: "home", label: shell.home, href: "/", icon: House },
  { kind: "page", id: "characters", label: shell.characters, href: "/characters", icon: Library },
];

const forSignedIn: Item[] = [
  { kind: "page", id: "chats", label: shell.chats, href: "/chats", icon: MessagesSquare },
  { kind: "page", id: "new-character", label: charactersText.create, href: "/characters/new", icon: UserPlus },
  { kind: "page", id: "settings", label: shell.settings, href: "/settings", icon: SlidersHorizontal },
];

/** What the palette shows for what is sought, and what has to be said about it. */
export function useItems(sought: string): { groups: ItemGroup[]; problem: string | undefined } {
  const { signedIn } = useSession();
  const hidden = useHiddenChats();
  const faceOf = useFaces();
  const settled = useDebounced(sought, 150).trim();
  const { data: chats = [] } = useConversations();
  const personas = usePersonas(settled === "" ? {} : { q: settled });
  const found = useSearch(signedIn ? settled : "", 20);
  const searching = sought.trim() !== "";
  const isFresh = settled === sought.trim() && !personas.isPlaceholderData && !found.isPlaceholderData;
  const shownChats = searching && found.data !== undefined ? found.data.conversations : chats;
  const groups = itemGroups({
    sought,
    isFresh: isFresh && (!searching || found.data !== undefined || !signedIn),
    pages: signedIn ? [...forAll, ...forSignedIn] : forAll,
    chats: shownChats.filter(({ id }) => !hidden.has(id)),
    messages: searching ? (found.data?.messages ?? []).filter((message) => !hidden.has(message.conversation_id)) : [],
    characters: personas.data ?? [],
    titleOf,
    faceOf: (id) => {
      const chat = chats.find((one) => one.id === id);
      return chat ? faceOf(chat) : null;
    },
  });
  return { groups, problem: found.error || personas.error ? text.failed : undefined };
}
