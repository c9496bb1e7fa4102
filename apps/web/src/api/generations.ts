import type { components } from "@raconteur/api";
import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "./client.ts";

export type Generation = components["schemas"]["Generation"];
export type Explanation = components["schemas"]["Explanation"];

/** How a reply came about, with the exact prompt. It does not change once the reply has ended. */
export function generationQuery(id: string) {
  return queryOptions({
    queryKey: ["generations", id],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/generations/{id}", { params: { path: { id }, query: { prompt: true } }, signal })),
    staleTime: ({ state }) => (state.data?.status === "running" ? 0 : Number.POSITIVE_INFINITY),
  });
}
