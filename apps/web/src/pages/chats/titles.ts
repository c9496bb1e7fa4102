import type { Conversation } from "@/api/types.ts";
import { chats as text } from "@/strings/index.ts";

/** What a chat is called: by its title, or by whom it is with. */
export function titleOf({ title, character }: Pick<Conversation, "title" | "character">): string {
  return title || text.untitled(character);
}
