import { useState } from "react";
import { Button } from "@/components/Button.tsx";
import { editor } from "@/strings/index.ts";
import { Fold } from "./Fold.tsx";
import { LongField } from "./fields.tsx";
import { bookProblem } from "./problems.ts";
import type { PartProps } from "./WhoSection.tsx";

const text = editor.book;

const EXAMPLE = {
  entries: [
    {
      keys: ["bell", "drowned bell"],
      content: "The drowned bell of Saltmouth rings before every storm. {{char}} has heard it twice.",
      enabled: true,
      insertion_order: 10,
      extensions: {},
    },
  ],
};

/** The lorebook, as text: whoever has one has it from another program, and edits it there or as JSON. */
export function BookSection({ draft, change, problems }: PartProps) {
  const book = draft.character_book;
  const [unfolded] = useState(book !== "");
  const problem = bookProblem(book) ?? problems.character_book;
  const set = (value: string) => change("character_book", value);
  return (
    <Fold title={text.title} lead={text.lead} open={unfolded || problem !== undefined}>
      <LongField
        mono
        label={text.label}
        rows={8}
        value={book}
        error={problem}
        {...(book.trim() !== "" && problem === undefined && { hint: text.entries(entriesIn(book)) })}
        onChange={set}
      />
      <div className="flex gap-3">
        {book.trim() === "" && (
          <Button size="small" onClick={() => set(pretty(EXAMPLE))}>
            {text.example}
          </Button>
        )}
        {book.trim() !== "" && problem === undefined && (
          <Button size="small" onClick={() => set(pretty(JSON.parse(book)))}>
            {text.tidy}
          </Button>
        )}
      </div>
    </Fold>
  );
}

/** How many entries a lorebook without problems has. */
function entriesIn(book: string): number {
  return (JSON.parse(book) as { entries: unknown[] }).entries.length;
}

function pretty(book: unknown): string {
  return JSON.stringify(book, undefined, 2);
}
