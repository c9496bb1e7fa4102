import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { beyondDocument } from "./beyondDocument.ts";
import { answer } from "./client.ts";

/** A sign-in that goes on. */
export type SessionInfo = {
  id: string;
  created_at: string;
  last_seen_at: string;
  /** What the browser or program called itself when it was last seen. */
  user_agent: string | null;
  address: string | null;
  /** Whether it is the one that asks. */
  current: boolean;
};

/** Where one is signed in, the one that was seen last first: the latest hundred. */
export const sessionsQuery = queryOptions({
  queryKey: ["sessions"],
  queryFn: async ({ signal }) => {
    const page = await answer(
      beyondDocument<{ results: SessionInfo[] }>("GET", "/api/auth/sessions?page_size=100", { signal }),
    );
    return page.results;
  },
});

export function useSessions() {
  return useQuery(sessionsQuery);
}

/** Ends one session. */
export function useEndSession() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => answer(beyondDocument("DELETE", `/api/auth/sessions/${id}`)),
    onSettled: () => client.invalidateQueries({ queryKey: sessionsQuery.queryKey }),
  });
}

/** Ends all sessions, this one too. */
export async function endAllSessions(): Promise<void> {
  await answer(beyondDocument("DELETE", "/api/auth/sessions"));
}
