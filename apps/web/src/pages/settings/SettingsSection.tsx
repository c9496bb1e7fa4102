import { type ReactNode, useId } from "react";

type SettingsSectionProps = { title: string; lead?: ReactNode; children: ReactNode };

/** A part of the settings. */
export function SettingsSection({ title, lead, children }: SettingsSectionProps) {
  const id = useId();
  return (
    <section
      aria-labelledby={id}
      className="grid grid-cols-1 gap-5 not-first:border-t not-first:border-rule not-first:pt-10"
    >
      <header>
        <h2 id={id} className="text-2xl">
          {title}
        </h2>
        {lead && <p className="mt-1 wrap-anywhere text-ink-soft">{lead}</p>}
      </header>
      {children}
    </section>
  );
}
