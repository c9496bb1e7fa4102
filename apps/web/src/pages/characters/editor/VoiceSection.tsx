import { Plus } from "lucide-react";
import { Button } from "@/components/Button.tsx";
import { editor } from "@/strings/index.ts";
import { LongField } from "./fields.tsx";
import { Section } from "./Section.tsx";
import type { PartProps } from "./WhoSection.tsx";

const text = editor.voice;
const EXCHANGE = "<START>\n{{user}}: \n{{char}}: ";

/** How the character talks. */
export function VoiceSection({ draft, change, problems }: PartProps) {
  const lines = draft.example_dialogue.trimEnd();
  return (
    <Section title={text.title}>
      <div className="grid justify-items-start gap-2">
        <div className="w-full">
          <LongField
            label={text.examples}
            hint={text.examplesHint}
            rows={6}
            value={draft.example_dialogue}
            error={problems.example_dialogue}
            onChange={(value) => change("example_dialogue", value)}
          />
        </div>
        <Button
          size="small"
          onClick={() => change("example_dialogue", lines === "" ? EXCHANGE : `${lines}\n${EXCHANGE}`)}
        >
          <Plus aria-hidden className="size-4" />
          {text.addExchange}
        </Button>
      </div>
    </Section>
  );
}
