import { ChevronRight } from "lucide-react";
import { useId } from "react";
import type { Knowledge } from "@/api/types.ts";
import { VisuallyHidden } from "@/components/VisuallyHidden.tsx";
import { editor } from "@/strings/index.ts";
import { LongField, ShortField, WordsField } from "./fields.tsx";
import { ItemTools } from "./ItemTools.tsx";

const text = editor.knowledge;

type KnowledgeEntryProps = {
  entry: Knowledge;
  at: number;
  count: number;
  open: boolean;
  onToggle: () => void;
  onChange: (entry: Knowledge) => void;
  onMove: (to: number) => void;
  onRemove: () => void;
};

/** One thing that the character knows: a line, which opens to be edited. What a file brought besides stays in it, unseen. */
export function KnowledgeEntry({ entry, at, count, open, onToggle, onChange, onMove, onRemove }: KnowledgeEntryProps) {
  const panel = useId();
  const name = entry.id || text.unnamed;
  const set = (change: Partial<Knowledge>) => onChange({ ...entry, ...change });
  return (
    <div>
      <div className="flex items-center pr-1">
        <button
          type="button"
          aria-expanded={open}
          aria-controls={panel}
          onClick={onToggle}
          className="flex min-h-12 min-w-0 flex-1 items-center gap-2.5 rounded-lg px-3 py-1.5 text-left -outline-offset-2 hover:text-accent"
        >
          <ChevronRight aria-hidden className={`size-4 shrink-0 transition-transform ${open ? "rotate-90" : ""}`} />
          <span className="min-w-0 flex-1 truncate">
            <VisuallyHidden>{text.edit}</VisuallyHidden> <span className="font-medium">{name}</span>
            {!open && <span className="text-ink-soft"> {entry.summary}</span>}
          </span>
        </button>
        <ItemTools
          labels={{ up: text.up(name), down: text.down(name), remove: text.remove(name) }}
          at={at}
          count={count}
          onMove={onMove}
          onRemove={onRemove}
        />
      </div>
      <div id={panel} hidden={!open} className="grid gap-4 border-t border-rule px-4 py-5">
        {open && (
          <>
            <ShortField
              label={text.id}
              hint={text.idHint}
              value={entry.id}
              autoCapitalize="none"
              spellCheck={false}
              onChange={(id) => set({ id })}
            />
            <LongField label={text.summary} value={entry.summary ?? ""} onChange={(summary) => set({ summary })} />
            <LongField
              label={text.line}
              hint={text.lineHint}
              rows={2}
              value={entry.ic_reply ?? ""}
              onChange={(line) => set({ ic_reply: line || undefined })}
            />
            <div className="grid items-start gap-4 sm:grid-cols-2">
              <WordsField
                label={text.tags}
                hint={text.tagsHint}
                value={entry.tags ?? []}
                onChange={(tags) => set({ tags })}
              />
              <WordsField
                label={text.aliases}
                value={entry.aliases ?? []}
                onChange={(aliases) => set({ aliases: aliases.length > 0 ? aliases : undefined })}
              />
            </div>
          </>
        )}
      </div>
    </div>
  );
}
