import { Plus } from "lucide-react";
import { Button } from "@/components/Button.tsx";
import { editor } from "@/strings/index.ts";
import { LongField } from "./fields.tsx";
import { ItemTools } from "./ItemTools.tsx";
import { Section } from "./Section.tsx";
import { useKeyedList } from "./useKeyedList.ts";
import type { PartProps } from "./WhoSection.tsx";

const text = editor.greetings;

/** What the character says first. The first of them is a field of its own in a card; here they are one list. */
export function GreetingsSection({ draft, change, problems }: PartProps) {
  const greetings = [draft.greeting, ...draft.alternate_greetings];
  const list = useKeyedList(greetings, ([first = "", ...others]) => {
    change("greeting", first);
    change("alternate_greetings", others);
  });
  return (
    <Section title={text.title} lead={text.lead}>
      {greetings.map((greeting, at) => {
        const number = at + 1;
        return (
          <div key={list.keys[at]} className="grid gap-1 sm:grid-cols-[1fr_auto] sm:gap-2">
            <LongField
              label={at === 0 ? text.first : text.other(number)}
              rows={3}
              value={greeting}
              error={at === 0 ? problems.greeting : at === 1 ? problems.alternate_greetings : undefined}
              onChange={(value) => list.set(at, value)}
            />
            {greetings.length > 1 && (
              <div className="justify-self-end sm:pt-7">
                <ItemTools
                  labels={{ up: text.up(number), down: text.down(number), remove: text.remove(number) }}
                  at={at}
                  count={greetings.length}
                  onMove={(to) => list.move(at, to)}
                  onRemove={() => list.remove(at)}
                />
              </div>
            )}
          </div>
        );
      })}
      <Button size="small" className="justify-self-start" onClick={() => list.add("")}>
        <Plus aria-hidden className="size-4" />
        {text.add}
      </Button>
    </Section>
  );
}
