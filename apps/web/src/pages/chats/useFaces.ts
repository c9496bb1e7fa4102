import { usePersonas } from "@/api/personas.ts";
import type { Conversation } from "@/api/types.ts";

/** What finds the picture of a chat's character, as far as the characters are loaded. */
export function useFaces(): (chat: Pick<Conversation, "persona">) => string | null {
  const { data: personas = [] } = usePersonas();
  return ({ persona: slug }) => personas.find((persona) => persona.slug === slug)?.avatar ?? null;
}
