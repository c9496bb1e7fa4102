import { Library, type LucideIcon, MessagesSquare, SlidersHorizontal } from "lucide-react";
import { shell as text } from "@/strings/index.ts";

type Place = { to: "/characters" | "/chats" | "/settings"; label: string; icon: LucideIcon };

const characters: Place = { to: "/characters", label: text.characters, icon: Library };

/** Where the navigation leads. */
export function places(signedIn: boolean): Place[] {
  if (!signedIn) return [characters];
  return [
    characters,
    { to: "/chats", label: text.chats, icon: MessagesSquare },
    { to: "/settings", label: text.settings, icon: SlidersHorizontal },
  ];
}
