import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useSession } from "@/session/index.ts";
import { answer, api } from "./client.ts";
import { type DownloadedFile, fileIn } from "./files.ts";
import type { Me } from "./types.ts";

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

/** What one can change about oneself. The address and the password want the current password, too. */
export type MeChange = Partial<Pick<Me, "display_name" | "description" | "email">> & {
  password?: string;
  current_password?: string;
};

/** Changes what the server knows of whoever is signed in. */
export function useChangeMe() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: MeChange) => answer(api.PUT("/api/me", { body: change })),
    onSuccess: (me) => client.setQueryData(meQuery.queryKey, me),
  });
}

/** Everything that the server keeps of whoever is signed in, as JSON lines. */
export function exportMe(): Promise<DownloadedFile> {
  return fileIn(api.GET("/api/me/export", { parseAs: "blob" }), "raconteur.jsonl");
}

/** Deletes the account of whoever is signed in, and everything that is theirs. */
export async function deleteMe(password: string): Promise<void> {
  await answer(api.DELETE("/api/me", { body: { password } }));
}
