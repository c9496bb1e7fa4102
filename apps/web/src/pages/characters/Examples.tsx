import { useState } from "react";
import type { WholePersona } from "@/api/types.ts";
import { Button } from "@/components/Button.tsx";
import { characters } from "@/strings/index.ts";

const text = characters.page;
const FIRST = 3;

/** How a character talks: what somebody said, and what it answered. */
export function Examples({ examples, name }: { examples: WholePersona["examples"]; name: string }) {
  const [all, setAll] = useState(false);
  const shown = all ? examples : examples.slice(0, FIRST);
  const more = examples.length - shown.length;
  return (
    <section className="grid gap-4">
      <h2 className="text-2xl">{text.examples}</h2>
      <ul className="grid max-w-measure gap-5">
        {shown.map((example) => (
          <li key={`${example.user}\n${example.reply}`} className="grid gap-1.5">
            {example.user && (
              <p className="text-ink-soft">
                <span className="eyebrow mr-2">{text.you}</span>
                {example.user}
              </p>
            )}
            <p>
              <span className="eyebrow mr-2 text-accent">{name}</span>
              {example.reply}
            </p>
          </li>
        ))}
      </ul>
      {more > 0 && (
        <Button size="small" className="justify-self-start" onClick={() => setAll(true)}>
          {text.moreExamples(more)}
        </Button>
      )}
    </section>
  );
}
