import type { ReactNode } from "react";
import { DocumentTitle, PageHeading } from "@/shell/Page.tsx";
import { Ornament } from "./Ornament.tsx";

type EmptyStateProps = {
  title: string;
  detail?: ReactNode;
  /** Whether it stands in place of a whole page, and so gives it its heading. */
  whole?: boolean;
  children?: ReactNode;
};

/** Where nothing is yet: says what will be here, and what to do about it. */
export function EmptyState({ title, detail, whole = false, children }: EmptyStateProps) {
  return (
    <div className="mx-auto grid max-w-md justify-items-center gap-4 px-4 py-16 text-center">
      {whole && <DocumentTitle title={title} />}
      <Ornament />
      {whole ? <PageHeading>{title}</PageHeading> : <h2 className="text-2xl">{title}</h2>}
      {detail && <p className="text-ink-soft">{detail}</p>}
      {children}
    </div>
  );
}
