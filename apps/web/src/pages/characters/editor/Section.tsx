import { type ReactNode, useId } from "react";

type SectionProps = { title: string; lead?: ReactNode; children: ReactNode; aside?: ReactNode };

/** A part of the form. */
export function Section({ title, lead, aside, children }: SectionProps) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="grid grid-cols-1 gap-5 border-t border-rule pt-8">
      <header>
        <div className="flex flex-wrap items-baseline justify-between gap-x-4">
          <h2 id={id} className="text-2xl">
            {title}
          </h2>
          {aside}
        </div>
        {lead && <p className="mt-1 max-w-measure text-ink-soft">{lead}</p>}
      </header>
      {children}
    </section>
  );
}
