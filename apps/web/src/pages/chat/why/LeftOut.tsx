import type { Explanation } from "@/api/generations.ts";
import { why } from "@/strings/index.ts";

const text = why.leftOut;

/** What had no room in the prompt. */
export function LeftOut({ explanation }: { explanation: Explanation }) {
  const { history_dropped: turns, examples_dropped: examples, left_out: sections } = explanation;
  const things = [
    ...(turns > 0 ? [text.history(turns)] : []),
    ...(examples > 0 ? [text.examples(examples)] : []),
    ...sections.map((section) => text.sections[section]),
  ];
  if (things.length === 0) return null;
  return (
    <section className="grid gap-3">
      <h3 className="text-lg">{text.title}</h3>
      <ul className="list-disc pl-5">
        {things.map((thing) => (
          <li key={thing}>{thing}</li>
        ))}
      </ul>
    </section>
  );
}
