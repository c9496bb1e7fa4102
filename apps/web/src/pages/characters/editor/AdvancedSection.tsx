import { useState } from "react";
import { useAbout } from "@/api/about.ts";
import { controlLook, Field } from "@/components/Field.tsx";
import { editor } from "@/strings/index.ts";
import { Fold } from "./Fold.tsx";
import { LongField, ShortField } from "./fields.tsx";
import type { PartProps } from "./WhoSection.tsx";

const text = editor.advanced;

/** What is told to the model, which model, and how. */
export function AdvancedSection({ draft, change, problems }: PartProps) {
  const { data: about } = useAbout();
  const [unfolded] = useState(
    [draft.system_prompt, draft.post_history_instructions, draft.style, draft.temperature, draft.max_tokens].some(
      (value) => value !== "",
    ) || draft.model !== null,
  );
  const wrong = problems.style ?? problems.temperature ?? problems.max_tokens ?? problems.model;
  return (
    <Fold title={text.title} open={unfolded || wrong !== undefined}>
      <LongField
        label={text.systemPrompt}
        hint={text.systemPromptHint}
        rows={4}
        value={draft.system_prompt}
        error={problems.system_prompt}
        onChange={(value) => change("system_prompt", value)}
      />
      <LongField
        label={text.postHistory}
        hint={text.postHistoryHint}
        rows={2}
        value={draft.post_history_instructions}
        error={problems.post_history_instructions}
        onChange={(value) => change("post_history_instructions", value)}
      />
      <LongField
        mono
        label={editor.voice.style}
        hint={editor.voice.styleHint}
        rows={5}
        value={draft.style}
        error={problems.style}
        onChange={(value) => change("style", value)}
      />
      <div className="grid items-start gap-5 sm:grid-cols-3">
        <ModelField draft={draft} change={change} problems={problems} />
        <ShortField
          label={text.temperature}
          hint={text.temperatureHint(about === undefined ? text.usual : String(round(about.temperature)))}
          inputMode="decimal"
          value={draft.temperature}
          error={problems.temperature}
          onChange={(value) => change("temperature", value)}
        />
        <ShortField
          label={text.maxTokens}
          hint={text.maxTokensHint(about === undefined ? text.usual : String(about.max_tokens))}
          inputMode="numeric"
          value={draft.max_tokens}
          error={problems.max_tokens}
          onChange={(value) => change("max_tokens", value)}
        />
      </div>
    </Fold>
  );
}

/** One of the server's models; also one that it does not offer any more, as long as that is what is saved. */
function ModelField({ draft, change, problems }: PartProps) {
  const { data: about } = useAbout();
  const models = new Set(about?.models);
  if (draft.model !== null) models.add(draft.model);
  return (
    <Field label={text.model} error={problems.model}>
      {(control) => (
        <select
          {...control}
          value={draft.model ?? ""}
          onChange={(event) => change("model", event.currentTarget.value || null)}
          className={controlLook}
        >
          <option value="">{text.usualModel(about?.model ?? null)}</option>
          {Array.from(models, (model) => (
            <option key={model}>{model}</option>
          ))}
        </select>
      )}
    </Field>
  );
}

/** Without what a float of 32 bits adds when it is written as one of 64. */
function round(temperature: number): number {
  return Number(temperature.toFixed(2));
}
