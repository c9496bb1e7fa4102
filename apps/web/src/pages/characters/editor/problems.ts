import { fieldErrors } from "@/api/errors.ts";
import type { Knowledge } from "@/api/types.ts";
import { editor as text } from "@/strings/index.ts";
import type { Draft } from "./draft.ts";

/** What is wrong, by the field that it is about. */
export type Problems = Partial<Record<keyof Draft, string>>;

/** What is wrong with a draft, as far as this can be known without the server. */
export function problemsIn(draft: Draft): Problems {
  const found: Partial<Record<keyof Draft, string | undefined>> = {
    name: draft.name.trim() === "" ? text.who.nameMissing : undefined,
    knowledge: knowledgeProblem(draft.knowledge),
    character_book: bookProblem(draft.character_book),
    temperature: temperatureProblem(draft.temperature),
    max_tokens: tokensProblem(draft.max_tokens),
  };
  return Object.fromEntries(Object.entries(found).filter(([, problem]) => problem !== undefined));
}

/** What the server says is wrong, by field; nothing where its answer is about something else. */
export function problemsOf(error: unknown): Problems {
  return Object.fromEntries(Object.entries(fieldErrors(error)).map(([field, messages]) => [field, messages.join(" ")]));
}

/** What is wrong with the text of a lorebook. */
export function bookProblem(book: string): string | undefined {
  if (book.trim() === "") return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(book);
  } catch (error) {
    return text.book.notJson(error instanceof Error ? error.message : String(error));
  }
  if (!isObject(parsed)) return text.book.noObject;
  if (!Array.isArray(parsed.entries)) return text.book.noEntries;
  const bad = parsed.entries.findIndex((entry) => !isEntry(entry));
  return bad === -1 ? undefined : text.book.badEntry(bad + 1);
}

/** Whether it is what an entry of a lorebook has to be at least. */
function isEntry(entry: unknown): boolean {
  if (!isObject(entry) || typeof entry.content !== "string") return false;
  return Array.isArray(entry.keys) && entry.keys.every((key) => typeof key === "string");
}

function knowledgeProblem(knowledge: Knowledge[]): string | undefined {
  const seen = new Set<string>();
  for (const [at, { id }] of knowledge.entries()) {
    if (typeof id !== "string" || id.trim() === "") return text.knowledge.idMissing(at + 1);
    if (seen.has(id)) return text.knowledge.idTwice(id);
    seen.add(id);
  }
  return undefined;
}

function temperatureProblem(temperature: string): string | undefined {
  if (temperature.trim() === "") return undefined;
  const value = Number(temperature);
  return value >= 0 && value <= 2 ? undefined : text.advanced.temperatureWrong;
}

function tokensProblem(tokens: string): string | undefined {
  if (tokens.trim() === "") return undefined;
  const value = Number(tokens);
  return Number.isInteger(value) && value >= 1 ? undefined : text.advanced.maxTokensWrong;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
