import { queryOptions, useQuery } from "@tanstack/react-query";
import { useSession } from "@/session/index.ts";
import { answer, api } from "./client.ts";

/** Whoever is signed in. */
export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: ({ signal }) => answer(api.GET("/api/me", { signal })),
  staleTime: 60_000,
});

/** Whoever is signed in; nothing is asked for a visitor. */
export function useMe() {
  return useQuery({ ...meQuery, enabled: useSession().signedIn });
}
