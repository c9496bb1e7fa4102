import type { LucideIcon } from "lucide-react";
import type { Conversation, FoundMessage, Persona } from "@/api/types.ts";
import { search as text } from "@/strings/index.ts";

/** Something that the palette leads to. */
export type Item = { id: string; label: string; detail?: string | undefined; href: string } & (
  | { kind: "page"; icon: LucideIcon }
  | { kind: "chat"; name: string; picture: string | null }
  | { kind: "message" }
  | { kind: "character"; name: string; picture: string | null }
);

export type ItemGroup = { value: string; items: Item[] };

/** What is known that could be gone to. */
export type Known = {
  sought: string;
  /** Whether what the server found is about this, and not about what was sought before. */
  isFresh: boolean;
  pages: Item[];
  chats: Pick<Conversation, "id" | "title" | "character">[];
  messages: FoundMessage[];
  characters: Persona[];
  titleOf: (chat: Pick<Conversation, "title" | "character">) => string;
  faceOf: (id: string) => string | null;
};

const MOST = 6;

/** What the palette shows, in groups of which none is empty. Without anything sought: the latest chats, and pages. */
export function itemGroups(known: Known): ItemGroup[] {
  const sought = known.sought.trim().toLocaleLowerCase();
  const says = ({ label, detail = "" }: Item) => `${label}\n${detail}`.toLocaleLowerCase().includes(sought);
  // Until the server has answered, what it found for other words is shown as far as it has these, too.
  const counts = (item: Item) => known.isFresh || says(item);
  const pages = known.pages.filter(says);
  const chats = known.chats.map(
    (chat): Item => ({
      kind: "chat",
      id: `chat-${chat.id}`,
      label: known.titleOf(chat),
      detail: chat.title === "" ? undefined : chat.character,
      href: `/chats/${chat.id}`,
      name: chat.character,
      picture: known.faceOf(chat.id),
    }),
  );
  const characters = known.characters.map(
    (persona): Item => ({
      kind: "character",
      id: `character-${persona.slug}`,
      label: persona.name,
      detail: persona.full_name ?? undefined,
      href: `/characters/${encodeURIComponent(persona.slug)}`,
      name: persona.name,
      picture: persona.avatar,
    }),
  );
  const messages = known.messages.map(
    (message): Item => ({
      kind: "message",
      id: `message-${message.id}`,
      label: message.snippet.map((piece) => piece.text).join(""),
      href: `/chats/${message.conversation_id}?message=${message.id}`,
    }),
  );
  const groups = [
    { value: sought === "" ? text.groups.recent : text.groups.chats, items: chats.filter(counts).slice(0, MOST) },
    { value: text.groups.characters, items: sought === "" ? [] : characters.filter(counts).slice(0, MOST) },
    { value: text.groups.pages, items: pages },
    { value: text.groups.messages, items: messages.filter(counts).slice(0, 2 * MOST) },
  ];
  return groups.filter(({ items }) => items.length > 0);
}
