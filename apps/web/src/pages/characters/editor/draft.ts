// A character as it is being written: as the form has it, where a lorebook may be half a JSON and a number half a number.
import type { Knowledge, Lorebook, PersonaSource } from "@/api/types.ts";

type AsText = { character_book: string; temperature: string; max_tokens: string };

/** What is in the form. */
export type Draft = Omit<PersonaSource, keyof AsText | "knowledge"> & AsText & { knowledge: Knowledge[] };

/** Nobody yet. */
export const blankSource: PersonaSource = {
  slug: "",
  visibility: "private",
  name: "",
  description: "",
  personality: "",
  scenario: "",
  greeting: "",
  alternate_greetings: [],
  example_dialogue: "",
  system_prompt: "",
  post_history_instructions: "",
  creator_notes: "",
  tags: [],
  character_book: null,
  knowledge: null,
  style: "",
  model: null,
  temperature: null,
  max_tokens: null,
};

/** The form for a character that is made of this. */
export function draftOf(source: PersonaSource): Draft {
  const { character_book: book, knowledge, temperature, max_tokens: tokens } = source;
  return {
    ...source,
    knowledge: knowledge ?? [],
    character_book: book === null ? "" : JSON.stringify(book, undefined, 2),
    temperature: temperature === null ? "" : String(temperature),
    max_tokens: tokens === null ? "" : String(tokens),
  };
}

/** What a form without problems says that the character is made of. */
export function sourceOf(draft: Draft): PersonaSource {
  const { character_book: book, knowledge, temperature, max_tokens: tokens } = draft;
  return {
    ...draft,
    name: draft.name.trim(),
    slug: draft.slug.trim(),
    knowledge: knowledge.length === 0 ? null : knowledge,
    character_book: book.trim() === "" ? null : (JSON.parse(book) as Lorebook),
    temperature: temperature.trim() === "" ? null : Number(temperature),
    max_tokens: tokens.trim() === "" ? null : Number(tokens),
  };
}

/** The fields in which the two differ, as the second has them. */
export function changesBetween(before: PersonaSource, after: PersonaSource): Partial<PersonaSource> {
  const changed = Object.entries(after).filter(
    ([field, value]) => JSON.stringify(value) !== JSON.stringify(before[field as keyof PersonaSource]),
  );
  return Object.fromEntries(changed);
}
