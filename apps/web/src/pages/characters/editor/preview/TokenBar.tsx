import { useAbout } from "@/api/about.ts";
import type { Explanation } from "@/api/types.ts";
import { editor } from "@/strings/index.ts";
import { tokenShares } from "./tokens.ts";

const text = editor.preview;

/** How the prompt's room is used: a bar of all of it, and what each part takes. */
export function TokenBar({ explanation }: { explanation: Explanation }) {
  const { data: about } = useAbout();
  const isLimited = typeof about?.context_tokens === "number";
  const { shares, used, room } = tokenShares(explanation, isLimited);
  return (
    <section className="grid gap-2">
      <p className="text-sm text-ink-soft">{text.tokens(used, room)}</p>
      <div aria-hidden className="flex h-3 gap-px overflow-hidden rounded-full bg-rule">
        {shares.map(({ section, share }, at) => (
          <span
            key={section}
            style={{ width: `${share * 100}%`, opacity: 1 - (0.75 * at) / shares.length }}
            className="min-w-0.5 bg-accent transition-[width]"
          />
        ))}
      </div>
      <dl className="grid grid-cols-2 gap-x-6 text-sm">
        {shares.map(({ section, tokens }, at) => (
          <div key={section} className="flex items-center gap-2 py-0.5">
            <span
              aria-hidden
              style={{ opacity: 1 - (0.75 * at) / shares.length }}
              className="size-2.5 shrink-0 rounded-full bg-accent"
            />
            <dt className="min-w-0 flex-1 truncate text-ink-soft">{text.sections[section]}</dt>
            <dd className="tabular-nums">{tokens.toLocaleString("en")}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
