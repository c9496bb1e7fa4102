import { clsx } from "clsx";
import type { Explanation } from "@/api/generations.ts";
import { why } from "@/strings/index.ts";

const text = why.tokens;

type Section = keyof Explanation["tokens"];

// In the order in which they stand in the prompt. Neighbours differ in more than their colour: each has its share beside it.
const looks: [Section, string][] = [
  ["system", "bg-accent"],
  ["user", "bg-accent/55"],
  ["knowledge", "bg-success"],
  ["examples", "bg-success/55"],
  ["instructions", "bg-edge"],
  ["summary", "bg-ink-soft"],
  ["history", "bg-ink-soft/60"],
  ["note", "bg-danger/70"],
  ["prompt", "bg-ink"],
];

/** What each part of the prompt takes of the model's context. */
export function Tokens({ tokens, budget }: Pick<Explanation, "tokens" | "budget">) {
  const parts = looks
    .map(([section, look]) => ({ section, look, count: tokens[section] }))
    .filter(({ count }) => count > 0);
  const total = parts.reduce((sum, { count }) => sum + count, 0);
  // A context that nobody has set is a number without meaning: then the bar is the prompt alone.
  const known = budget.context > 0 && budget.context < 10_000_000;
  const whole = known ? Math.max(budget.context, total + budget.reply) : total;
  const share = (count: number) => `${(count / whole) * 100}%`;
  return (
    <section className="grid gap-3">
      <div>
        <h3 className="text-lg">{text.title}</h3>
        <p className="text-sm text-ink-soft">{known ? text.ofContext(total, budget.context) : text.total(total)}</p>
      </div>
      <div aria-hidden className="flex h-4 gap-px overflow-hidden rounded-full bg-shade">
        {parts.map(({ section, look, count }) => (
          <span key={section} style={{ width: share(count) }} className={look} />
        ))}
        {known && <span style={{ width: share(budget.reply) }} className="ml-auto bg-accent-wash" />}
      </div>
      <dl className="grid gap-x-8 gap-y-1 text-[0.9375rem] sm:grid-cols-2">
        {parts.map(({ section, look, count }) => (
          <Share key={section} name={text.sections[section]} look={look} count={count} />
        ))}
        {known && <Share name={text.reply} look="bg-accent-wash border border-rule" count={budget.reply} />}
      </dl>
    </section>
  );
}

function Share({ name, look, count }: { name: string; look: string; count: number }) {
  return (
    <div className="flex items-center gap-2">
      <span aria-hidden className={clsx("size-2.5 shrink-0 rounded-sm", look)} />
      <dt className="flex-1">{name}</dt>
      <dd className="text-ink-soft tabular-nums">{count.toLocaleString("en")}</dd>
    </div>
  );
}
