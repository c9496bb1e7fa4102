import { clsx } from "clsx";
import type { ReactNode } from "react";
import { common } from "@/strings/index.ts";
import { VisuallyHidden } from "./VisuallyHidden.tsx";

/** The shape of what will be here. Give it the size of that, so that nothing moves when it comes. */
export function Skeleton({ className }: { className?: string }) {
  return <span aria-hidden className={clsx("block animate-breathe rounded-md bg-rule", className)} />;
}

/** Around skeletons: tells those who do not see them. */
export function Skeletons({ children, className }: { children: ReactNode; className?: string }) {
  return (
    <div role="status" className={className}>
      <VisuallyHidden>{common.loading}</VisuallyHidden>
      {children}
    </div>
  );
}
