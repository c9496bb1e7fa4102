import type { components } from "@raconteur/api";

type Schemas = components["schemas"];

export type Persona = Schemas["Persona"];
export type Conversation = Schemas["Conversation"];
export type Me = Schemas["Me"];
export type Preview = Schemas["Preview"];
export type Explanation = Schemas["Explanation"];
export type FoundMessage = Schemas["FoundMessage"];

/** Something that a character knows: what is edited here, and whatever else a file brought. */
export type Knowledge = {
  id: string;
  tags?: string[];
  aliases?: string[] | undefined;
  summary?: string;
  ic_reply?: string | undefined;
  [other: string]: unknown;
};

/** A lorebook, as character cards of version 3 have it. */
export type Lorebook = { entries: unknown[]; [other: string]: unknown };

/** What a character is made of. The document calls its open objects empty ones. */
export type PersonaSource = Omit<Schemas["PersonaSource"], "knowledge" | "character_book"> & {
  knowledge: Knowledge[] | null;
  character_book: Lorebook | null;
};

export type WholePersona = Omit<Schemas["WholePersona"], "source"> & { source: PersonaSource | null };

/** A character that came in a file, and what in it was left out. */
export type ImportedPersona = { persona: WholePersona; ignored: string[] };
