import type { components } from "@raconteur/api";
import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api } from "./client.ts";

/** A sign-in that goes on. */
export type SessionInfo = components["schemas"]["Session"];

/** Where one is signed in, the one that was seen last first: the latest hundred. */
export const sessionsQuery = queryOptions({
  queryKey: ["sessions"],
  queryFn: async ({ signal }) =>
    (await answer(api.GET("/api/auth/sessions", { params: { query: { page_size: 100 } }, signal }))).results,
});

export function useSessions() {
  return useQuery(sessionsQuery);
}

/** Ends one session. */
export function useEndSession() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => answer(api.DELETE("/api/auth/sessions/{id}", { params: { path: { id } } })),
    onSettled: () => client.invalidateQueries({ queryKey: sessionsQuery.queryKey }),
  });
}

/** Ends all sessions, this one too. */
export async function endAllSessions(): Promise<void> {
  await answer(api.DELETE("/api/auth/sessions"));
}
