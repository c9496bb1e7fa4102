import { Skeleton, Skeletons } from "@/components/Skeleton.tsx";

/** The shape of the form. */
export function EditorSkeleton() {
  return (
    <Skeletons className="mx-auto grid w-full max-w-6xl gap-6 px-4 py-8 sm:px-8 sm:py-12">
      <Skeleton className="h-10 w-1/2" />
      <Skeleton className="size-28" />
      <Skeleton className="h-12" />
      <Skeleton className="h-40" />
      <Skeleton className="h-20" />
    </Skeletons>
  );
}
