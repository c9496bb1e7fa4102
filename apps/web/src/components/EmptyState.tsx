import type { ReactNode } from "react";
import { Ornament } from "./Ornament.tsx";

type EmptyStateProps = { title: string; detail?: ReactNode; children?: ReactNode };

/** Where nothing is yet: says what will be here, and what to do about it. */
export function EmptyState({ title, detail, children }: EmptyStateProps) {
  return (
    <div className="mx-auto grid max-w-md justify-items-center gap-4 px-4 py-16 text-center">
      <Ornament />
      <h2 className="text-2xl">{title}</h2>
      {detail && <p className="text-ink-soft">{detail}</p>}
      {children}
    </div>
  );
}
