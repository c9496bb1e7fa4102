import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { isTemporary } from "@/api/errors.ts";
import { errors } from "@/strings/index.ts";
import { EmptyState } from "./EmptyState.tsx";
import { ErrorState } from "./ErrorState.tsx";

type LoadedProps<Data> = {
  query: Pick<UseQueryResult<Data>, "data" | "error" | "fetchStatus" | "refetch">;
  /** The shape of what is being loaded. */
  skeleton: ReactNode;
  /** Whether the page consists of nothing else, not even a heading. */
  whole?: boolean;
  children: (data: Data) => ReactNode;
};

/** What a query loaded; until then its shape, and why not where it cannot be had. What is there stays through later failures. */
export function Loaded<Data>({ query, skeleton, whole = false, children }: LoadedProps<Data>) {
  const { data, error, fetchStatus, refetch } = query;
  if (data !== undefined) return children(data);
  if (fetchStatus === "paused") return <EmptyState {...errors.offline} whole={whole} />;
  if (error === null) return skeleton;
  if (!isTemporary(error)) return <ErrorState whole={whole} error={error} />;
  return <ErrorState whole={whole} error={error} busy={fetchStatus === "fetching"} onRetry={() => void refetch()} />;
}
