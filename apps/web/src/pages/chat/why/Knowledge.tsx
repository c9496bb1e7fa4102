import { clsx } from "clsx";
import type { Explanation } from "@/api/generations.ts";
import { why } from "@/strings/index.ts";

const text = why.knowledge;

/** What of the character's knowledge was about the prompt, how well it matched, and what was used. */
export function Knowledge({ explanation: { candidates, query } }: { explanation: Explanation }) {
  const best = Math.max(...candidates.map(({ score }) => score));
  return (
    <section className="grid gap-4">
      <div>
        <h3 className="text-lg">{text.title}</h3>
        <p className="line-clamp-3 text-sm text-ink-soft">{text.lead(query)}</p>
      </div>
      {candidates.length === 0 && <p>{text.none}</p>}
      <ol className="grid gap-4">
        {candidates.map(({ id, score, matched, outcome }) => {
          const used = outcome === "used";
          return (
            <li key={id} className={clsx("grid gap-1", !used && "text-ink-soft")}>
              <p className="flex items-baseline justify-between gap-3">
                <span className={clsx("min-w-0 break-words", used && "font-medium")}>{id}</span>
                <span className={clsx("shrink-0 text-sm", used && "text-success")}>{text.outcomes[outcome]}</span>
              </p>
              <Score score={score} best={best} used={used} />
              <ul aria-label={text.matched} className="flex flex-wrap gap-1.5 text-sm">
                {byWord(matched).map(([word, fields]) => (
                  <li
                    key={word}
                    title={fields.map((field) => text.fields[field]).join(", ")}
                    className="rounded-sm bg-shade px-1.5 text-ink-soft"
                  >
                    {word}
                  </li>
                ))}
              </ul>
            </li>
          );
        })}
      </ol>
    </section>
  );
}

/** A score as a bar beside the best one. */
function Score({ score, best, used }: { score: number; best: number; used: boolean }) {
  const exact = score.toLocaleString("en", { maximumFractionDigits: 2 });
  return (
    <p className="flex items-center gap-3">
      <span className="h-1.5 flex-1 overflow-hidden rounded-full bg-shade">
        <span
          style={{ width: `${(score / best) * 100}%` }}
          className={clsx("block h-full rounded-full", used ? "bg-accent" : "bg-edge")}
        />
      </span>
      <span className="w-12 text-right text-sm tabular-nums" title={text.score(exact)}>
        {exact}
      </span>
    </p>
  );
}

type Match = Explanation["candidates"][number]["matched"][number];

/** Each word once, with everywhere it was found. */
function byWord(matched: Match[]): [string, Match["field"][]][] {
  const words = new Map<string, Match["field"][]>();
  for (const { word, field } of matched) words.set(word, [...(words.get(word) ?? []), field]);
  return [...words];
}
