import type { components } from "@raconteur/api";

type Schemas = components["schemas"];

export type Persona = Schemas["Persona"];
export type Conversation = Schemas["Conversation"];
