import { queryOptions, useQuery } from "@tanstack/react-query";
import { answer, api } from "./client.ts";

/** What there is to know of the server: its models, and how one may sign in. It changes only when the server is started anew. */
export const aboutQuery = queryOptions({
  queryKey: ["about"],
  queryFn: ({ signal }) => answer(api.GET("/api/about", { signal })),
  staleTime: 10 * 60_000,
});

export function useAbout() {
  return useQuery(aboutQuery);
}
