import { Plus } from "lucide-react";
import { useState } from "react";
import type { Knowledge } from "@/api/types.ts";
import { Button } from "@/components/Button.tsx";
import { SearchField } from "@/components/SearchField.tsx";
import { editor } from "@/strings/index.ts";
import { KnowledgeEntry } from "./KnowledgeEntry.tsx";
import { Section } from "./Section.tsx";
import { useKeyedList } from "./useKeyedList.ts";
import type { PartProps } from "./WhoSection.tsx";

const text = editor.knowledge;

/** From how many entries on one may look for some of them, and how many are shown at a time. */
const FILTER_FROM = 8;
const PAGE = 40;

/** What the character knows, a line for each thing, of which one is open. */
export function KnowledgeSection({ draft, change, problems }: PartProps) {
  const entries = draft.knowledge;
  const list = useKeyedList(entries, (next) => change("knowledge", next));
  const [sought, setSought] = useState("");
  const [open, setOpen] = useState<number>();
  const [most, setMost] = useState(PAGE);
  const found = Array.from(entries.keys()).filter((at) => has(entries[at], sought));

  const add = () => {
    setSought("");
    setMost(Math.max(most, entries.length + 1));
    setOpen(list.add({ id: "", tags: [], summary: "" }));
  };
  return (
    <Section
      title={text.title}
      lead={text.lead}
      aside={entries.length > 0 && <span className="text-ink-soft">{text.count(entries.length)}</span>}
    >
      <div aria-live="polite" className="font-medium text-danger empty:hidden">
        {problems.knowledge}
      </div>
      {entries.length >= FILTER_FROM && <SearchField label={text.filter} value={sought} onChange={setSought} />}
      {found.length > 0 ? (
        <ul className="divide-y divide-rule rounded-lg border border-rule bg-sheet">
          {found.slice(0, most).map((at) => {
            const key = list.keys[at];
            const isOpen = open === key;
            return (
              <li key={key}>
                <KnowledgeEntry
                  entry={entries[at] ?? { id: "" }}
                  at={at}
                  count={entries.length}
                  open={isOpen}
                  onToggle={() => setOpen(isOpen ? undefined : key)}
                  onChange={(entry) => list.set(at, entry)}
                  onMove={(to) => list.move(at, to)}
                  onRemove={() => list.remove(at)}
                />
              </li>
            );
          })}
        </ul>
      ) : (
        entries.length > 0 && <p className="text-ink-soft">{text.none}</p>
      )}
      <div className="flex flex-wrap gap-3">
        <Button size="small" onClick={add}>
          <Plus aria-hidden className="size-4" />
          {text.add}
        </Button>
        {found.length > most && (
          <Button size="small" variant="plain" onClick={() => setMost(most + PAGE)}>
            {text.more(Math.min(PAGE, found.length - most))}
          </Button>
        )}
      </div>
    </Section>
  );
}

/** Whether an entry has this text in what is shown of it. */
function has(entry: Knowledge | undefined, sought: string): boolean {
  if (entry === undefined) return false;
  const words = [entry.id, entry.summary, entry.ic_reply, ...(entry.tags ?? []), ...(entry.aliases ?? [])];
  return words.join("\n").toLocaleLowerCase().includes(sought.trim().toLocaleLowerCase());
}
