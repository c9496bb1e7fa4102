import type { QueryClient, QueryKey } from "@tanstack/react-query";

/** Puts back what was there before an optimistic change. */
export type Rollback = () => void;

/**
 * Shows a change before the server has agreed to it, in every loaded list and object whose key begins with `queryKey`.
 *
 * For `onMutate` of a mutation: call what it answers in `onError`, and invalidate the key in `onSettled`.
 */
export async function showAtOnce<Data>(
  client: QueryClient,
  queryKey: QueryKey,
  change: (data: Data) => Data,
): Promise<Rollback> {
  // An answer that is under way would bring back what was there before.
  await client.cancelQueries({ queryKey });
  const before = client.getQueriesData<Data>({ queryKey });
  client.setQueriesData<Data>({ queryKey }, (data) => (data === undefined ? undefined : change(data)));
  return () => {
    for (const [key, data] of before) client.setQueryData(key, data);
  };
}
