import { ApiError } from "@raconteur/api";
import { errors as text } from "@/strings/index.ts";

/** What went wrong, for people. */
export type Explained = { title: string; detail: string };

/** Says in words what any failure of a request was. */
export function explain(error: unknown): Explained {
  if (!(error instanceof ApiError)) return text.unreachable;
  if (error.status === 404) return text.notFound;
  if (error.status === 429) return { title: text.tooMany, detail: error.message };
  if (error.status >= 500) return text.server(requestId(error));
  return { title: text.refused, detail: error.message };
}

/** Of an answer about fields, what is wrong with each: `{ email: ["…"] }`. Of anything else nothing. */
export function fieldErrors(error: unknown): Record<string, string[]> {
  if (!(error instanceof ApiError) || error.status !== 400) return {};
  const entries = Object.entries(error.body).filter((entry): entry is [string, string[]] => isTexts(entry[1]));
  return Object.fromEntries(entries);
}

/** Whether the same request may do better in a moment: the server was busy or broken, or not to be reached. */
export function isTemporary(error: unknown): boolean {
  return !(error instanceof ApiError) || error.status >= 500;
}

function requestId(error: ApiError): string | undefined {
  const { request_id: id } = error.body;
  return typeof id === "string" ? id : undefined;
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
