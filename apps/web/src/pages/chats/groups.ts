import type { Conversation } from "@/api/types.ts";
import { dateHeading } from "./dates.ts";

/** In which order a person looks through their chats. */
export const views = ["date", "character"] as const;
export type View = (typeof views)[number];

/** Chats under one heading. */
export type ChatGroup = { heading: string; chats: Conversation[] };

/** The chats, which come newest first, under headings: of days, or of characters in the order in which each was last spoken to. */
export function grouped(chats: Conversation[], view: View, now: Date): ChatGroup[] {
  const groups = new Map<string, Conversation[]>();
  for (const chat of chats) {
    const heading = view === "date" ? dateHeading(new Date(chat.updated_at), now) : chat.character;
    const group = groups.get(heading);
    if (group === undefined) groups.set(heading, [chat]);
    else group.push(chat);
  }
  return Array.from(groups, ([heading, members]) => ({ heading, chats: members }));
}
