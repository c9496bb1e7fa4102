import type { Explanation } from "@/api/types.ts";
import { editor } from "@/strings/index.ts";

const text = editor.preview;

/** What of the character's knowledge, and of its lorebook, is about what was said. */
export function WhatWasFound({ explanation: { candidates, lore } }: { explanation: Explanation }) {
  const best = Math.max(...candidates.map(({ score }) => score), 1e-9);
  return (
    <>
      <section className="grid grid-cols-1 gap-2">
        <h3 className="eyebrow">{text.knowledge}</h3>
        {candidates.length === 0 ? (
          <p className="text-[0.9375rem] text-ink-soft">{text.nothingFound}</p>
        ) : (
          <ul className="grid grid-cols-1 gap-3">
            {candidates.map(({ id, score, matched, outcome }) => (
              <li key={id} className="grid grid-cols-1 gap-1">
                <p className="flex items-baseline justify-between gap-3">
                  <span className="min-w-0 truncate">{id}</span>
                  <span className={outcome === "used" ? "text-sm text-success" : "text-sm text-ink-soft"}>
                    {text.outcomes[outcome]}
                  </span>
                </p>
                <span aria-hidden className="h-1.5 overflow-hidden rounded-full bg-rule">
                  <span
                    style={{ width: `${(score / best) * 100}%` }}
                    className={`block h-full rounded-full ${outcome === "used" ? "bg-accent" : "bg-edge"}`}
                  />
                </span>
                <Words words={matched.map(({ word }) => word)} />
              </li>
            ))}
          </ul>
        )}
      </section>
      {lore.length > 0 && (
        <section className="grid grid-cols-1 gap-2">
          <h3 className="eyebrow">{text.lore}</h3>
          <ul className="grid grid-cols-1 gap-2">
            {lore.map((entry) => (
              <li key={entry.id}>
                <p className="flex items-baseline justify-between gap-3">
                  <span className="min-w-0 truncate">{entry.name || entry.matched.join(", ") || entry.id}</span>
                  <span className="text-sm text-ink-soft">{entry.outcome.replaceAll("_", " ")}</span>
                </p>
                <Words words={entry.matched} />
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

function Words({ words }: { words: string[] }) {
  if (words.length === 0) return null;
  return <p className="text-sm text-ink-soft">{text.words([...new Set(words)].join(", "))}</p>;
}
