import type { ReactNode } from "react";
import { Ornament } from "@/components/Ornament.tsx";
import { DocumentTitle, PageHeading } from "@/shell/Page.tsx";

type SessionPageProps = {
  title: string;
  lead: string;
  notice?: string | undefined;
  children: ReactNode;
  otherwise: ReactNode;
};

/** The leaf on which one signs in or makes an account. */
export function SessionPage({ title, lead, notice, children, otherwise }: SessionPageProps) {
  return (
    <div className="grid flex-1 place-content-center px-4 py-10">
      <DocumentTitle title={title} />
      <div className="w-[min(26rem,calc(100vw-2rem))] rounded-xl border border-rule bg-sheet px-6 py-8 shadow-lifted sm:px-10 sm:py-10">
        <header className="mb-7 grid justify-items-center gap-3 text-center">
          <Ornament />
          <PageHeading>{title}</PageHeading>
          <p className="text-ink-soft">{lead}</p>
        </header>
        {notice && (
          <p role="status" className="mb-5 rounded-md bg-accent-wash px-4 py-3">
            {notice}
          </p>
        )}
        {children}
        <p className="mt-6 text-center text-ink-soft">{otherwise}</p>
      </div>
    </div>
  );
}
