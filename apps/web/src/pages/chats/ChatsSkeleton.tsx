import { Skeleton, Skeletons } from "@/components/Skeleton.tsx";

/** The shape of a list of chats. */
export function ChatsSkeleton({ rows = 6 }: { rows?: number }) {
  return (
    <Skeletons className="grid gap-3 pt-2">
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all the same, and stay so.
        <span key={row} className="flex min-h-11 items-center gap-3.5 pl-2">
          <Skeleton className="size-11 rounded-full" />
          <Skeleton className={row % 2 === 0 ? "h-5 w-2/3" : "h-5 w-1/2"} />
        </span>
      ))}
    </Skeletons>
  );
}
