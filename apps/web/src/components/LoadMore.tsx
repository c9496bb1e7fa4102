import { useEffect, useRef } from "react";
import { common } from "@/strings/index.ts";
import { Button } from "./Button.tsx";

type LoadMoreProps = {
  query: {
    hasNextPage: boolean;
    isFetchingNextPage: boolean;
    isFetchNextPageError: boolean;
    fetchNextPage: () => unknown;
  };
};

/** At the end of an endless list: loads more of it when it comes near, or when it is pressed. */
export function LoadMore({ query }: LoadMoreProps) {
  const foot = useRef<HTMLDivElement>(null);
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError } = query;
  // After a failure it waits to be pressed, lest it ask again and again.
  const byItself = hasNextPage && !isFetchingNextPage && !isFetchNextPageError;
  const { fetchNextPage } = query;
  useEffect(() => {
    if (!byItself || foot.current === null) return;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && fetchNextPage(), {
      rootMargin: "600px",
    });
    observer.observe(foot.current);
    return () => observer.disconnect();
  }, [byItself, fetchNextPage]);
  if (!hasNextPage) return null;
  return (
    <div ref={foot} className="grid justify-items-center pt-6">
      <Button busy={isFetchingNextPage} onClick={() => fetchNextPage()}>
        {isFetchNextPageError ? common.retry : common.more}
      </Button>
    </div>
  );
}
