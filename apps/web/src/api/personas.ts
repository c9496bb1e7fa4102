import type { components } from "@raconteur/api";
import {
  infiniteQueryOptions,
  keepPreviousData,
  queryOptions,
  useInfiniteQuery,
  useQuery,
} from "@tanstack/react-query";
import { answer, api } from "./client.ts";
import { type DownloadedFile, fileIn } from "./files.ts";
import { itemsOf, pageAfter } from "./pages.ts";
import type { ImportedPersona, Persona, PersonaSource, Preview, WholePersona } from "./types.ts";

/** Below this key is everything about characters: invalidate it after changing one. */
export const personasKey = ["personas"] as const;

/** Which characters to list: all, or those with this text in them, or one's own alone. */
export type PersonaFilter = { q?: string; mine?: boolean };

/** As what a character is taken along: a card in one of three wrappings, or a zip of its folder. */
export const exportFormats = ["png", "json", "charx", "zip"] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** The list of characters, page by page. */
export function personasQuery({ q = "", mine = false }: PersonaFilter = {}) {
  return infiniteQueryOptions({
    queryKey: [...personasKey, "list", { q, mine }],
    queryFn: ({ pageParam: page, signal }) => {
      const query = { page, page_size: 50, ...(q && { q }), ...(mine && { mine }) };
      return answer(api.GET("/api/personas", { params: { query }, signal }));
    },
    initialPageParam: 1,
    getNextPageParam: pageAfter,
    select: ({ pages }) => itemsOf(pages, ({ slug }) => slug),
  });
}

/** One character, with how it talks. */
export function personaQuery(slug: string) {
  return queryOptions({
    queryKey: [...personasKey, "one", slug],
    queryFn: async ({ signal }) =>
      (await answer(api.GET("/api/personas/{slug}", { params: { path: { slug } }, signal }))) as WholePersona,
  });
}

/** {@link personasQuery}. While another filter's answer is on its way, the last one's stays. */
export function usePersonas(filter?: PersonaFilter) {
  return useInfiniteQuery({ ...personasQuery(filter), placeholderData: keepPreviousData });
}

export function usePersona(slug: string) {
  return useQuery(personaQuery(slug));
}

/** Makes a character of one's own. */
export async function createPersona(source: PersonaSource): Promise<WholePersona> {
  return (await answer(api.POST("/api/personas", { body: draftOf(source) }))) as WholePersona;
}

/** Changes these fields of a character of one's own; `slug` is what it was before. */
export async function changePersona(slug: string, changes: Partial<PersonaSource>): Promise<WholePersona> {
  const request = api.PUT("/api/personas/{slug}", { params: { path: { slug } }, body: draftOf(changes) });
  return (await answer(request)) as WholePersona;
}

export async function deletePersona(slug: string): Promise<void> {
  await answer(api.DELETE("/api/personas/{slug}", { params: { path: { slug } } }));
}

/** Takes in a card, or a zip of a character's folder. */
export async function importPersona(file: Blob): Promise<ImportedPersona> {
  return (await answer(api.POST("/api/personas/import", rawBody(file)))) as ImportedPersona;
}

/** Gives a character of one's own another picture, or none. */
export async function setPersonaPicture(slug: string, picture: Blob | null): Promise<void> {
  const params = { path: { slug } };
  if (picture === null) await answer(api.DELETE("/api/personas/{slug}/avatar", { params }));
  else await answer(api.PUT("/api/personas/{slug}/avatar", { params, ...rawBody(picture) }));
}

/** A character as a file. */
export function exportPersona({ slug }: Persona, format: ExportFormat): Promise<DownloadedFile> {
  const params = { path: { slug }, query: { format } };
  return fileIn(api.GET("/api/personas/{slug}/export", { params, parseAs: "blob" }), `${slug}.${format}`);
}

/** What a model would be asked if a character were made of this, and somebody said `query` to it. */
export async function previewDraft(source: PersonaSource, query: string, signal: AbortSignal): Promise<Preview> {
  // A short name that is taken, or wrong, is no reason to show nothing.
  const { slug: _, ...rest } = draftOf(source);
  return answer(api.POST("/api/personas/preview", { body: { ...rest, query }, signal }));
}

type Draft = components["schemas"]["PersonaDraft"];

/** What is sent. An empty short name is none: the server makes one of the name, or leaves the one that there is. */
function draftOf({ slug, ...source }: Partial<PersonaSource>): Draft {
  return { ...source, ...(slug && { slug }) } as Draft;
}

/** A body that is sent as it is. The document calls it text. */
function rawBody(file: Blob) {
  return {
    body: file as unknown as string,
    bodySerializer: (body: unknown) => body as Blob,
    headers: { "Content-Type": file.type || "application/octet-stream" },
  };
}
