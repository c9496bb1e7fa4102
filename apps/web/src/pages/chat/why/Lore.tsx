import type { Explanation } from "@/api/generations.ts";
import { why } from "@/strings/index.ts";

const text = why.lore;

/** The entries of the character's lorebook that something spoke for. */
export function Lore({ lore }: Pick<Explanation, "lore">) {
  if (lore.length === 0) return null;
  return (
    <section className="grid gap-3">
      <h3 className="text-lg">{text.title}</h3>
      <ul className="grid gap-2">
        {lore.map(({ id, name, matched, outcome }) => (
          <li key={id} className="flex flex-wrap items-baseline justify-between gap-x-3">
            <span>{name || text.unnamed(id)}</span>
            <span className="text-sm text-ink-soft">
              {[...matched, text.outcomes[outcome] ?? outcome.replaceAll("_", " ")].join(" · ")}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
