import { ChevronRight } from "lucide-react";
import type { ReactNode } from "react";

type FoldProps = {
  title: string;
  lead?: string /** Whether it is unfolded at first. */;
  open: boolean;
  children: ReactNode;
};

/** A part of the form that few need: folded until somebody does. */
export function Fold({ title, lead, open, children }: FoldProps) {
  return (
    <details open={open} className="group border-t border-rule pt-6">
      <summary className="flex cursor-pointer list-none items-center gap-2 rounded-md py-2 [&::-webkit-details-marker]:hidden">
        <ChevronRight aria-hidden className="size-5 transition-transform group-open:rotate-90" strokeWidth={1.75} />
        <h2 className="text-2xl">{title}</h2>
      </summary>
      <div className="grid grid-cols-1 gap-5 pt-3">
        {lead && <p className="max-w-measure text-ink-soft">{lead}</p>}
        {children}
      </div>
    </details>
  );
}
