import { useQueryClient } from "@tanstack/react-query";
import { clsx } from "clsx";
import { type FormEvent, useState } from "react";
import { useAbout } from "@/api/about.ts";
import { explain, fieldErrors } from "@/api/errors.ts";
import { changeConversation } from "@/api/messages.ts";
import type { ReplySettings, Thread } from "@/api/thread.ts";
import { Button } from "@/components/Button.tsx";
import { Drawer } from "@/components/Drawer.tsx";
import { controlLook, Field, TextField } from "@/components/Field.tsx";
import { TextArea } from "@/components/TextArea.tsx";
import { notify } from "@/components/toasts.ts";
import { chat } from "@/strings/index.ts";
import { changed } from "../live.ts";

const text = chat.note;

type About = NonNullable<ReturnType<typeof useAbout>["data"]>;

/** What only the character is told, and with which model it answers, in this conversation. */
export default function NoteDrawer({ thread, onClose }: { thread: Thread; onClose: () => void }) {
  const client = useQueryClient();
  const { data: about } = useAbout();
  const [entered, setEntered] = useState<ReplySettings>(() => settingsOf(thread));
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const wrong = fieldErrors(error);
  const set = (change: Partial<ReplySettings>) => setEntered((before) => ({ ...before, ...change }));

  const save = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      await changeConversation(client, thread.id, entered);
      void changed(thread.id);
      notify({ text: text.saved });
      onClose();
    } catch (problem) {
      setError(problem);
    }
    setBusy(false);
  };

  return (
    <Drawer open onClose={onClose} title={text.title} description={text.lead}>
      <form onSubmit={save} className="grid gap-6">
        <Field label={text.note} hint={text.noteHint} error={wrong.note}>
          {(control) => (
            <TextArea
              {...control}
              rows={4}
              maxLength={8000}
              value={entered.note}
              onChange={(event) => set({ note: event.target.value })}
              className={clsx(controlLook, "max-h-60 min-h-28")}
            />
          )}
        </Field>
        <TextField
          label={text.depth}
          hint={text.depthHint}
          error={wrong.note_depth}
          type="number"
          min={0}
          max={100}
          required
          value={entered.note_depth}
          onChange={(event) => set({ note_depth: event.target.valueAsNumber })}
        />
        <Field label={text.summary} hint={text.summaryHint} error={wrong.summary}>
          {(control) => (
            <TextArea
              {...control}
              rows={3}
              maxLength={20_000}
              value={entered.summary}
              onChange={(event) => set({ summary: event.target.value })}
              className={clsx(controlLook, "max-h-60 min-h-20")}
            />
          )}
        </Field>
        {about !== undefined && about.model !== null && (
          <ModelFields about={about} entered={entered} wrong={wrong} set={set} />
        )}
        {error !== undefined && Object.keys(wrong).length === 0 && (
          <p role="alert" className="text-danger">
            {explain(error).detail}
          </p>
        )}
        <Button type="submit" variant="primary" busy={busy} className="justify-self-end">
          {text.save}
        </Button>
      </form>
    </Drawer>
  );
}

type ModelFieldsProps = {
  about: About;
  entered: ReplySettings;
  wrong: Record<string, string[]>;
  set: (change: Partial<ReplySettings>) => void;
};

function ModelFields({ about, entered, wrong, set }: ModelFieldsProps) {
  const number = (value: number) => (Number.isNaN(value) ? null : value);
  return (
    <>
      <Field label={text.model} error={wrong.model}>
        {(control) => (
          <select
            {...control}
            value={entered.model ?? ""}
            onChange={(event) => set({ model: event.target.value || null })}
            className={controlLook}
          >
            <option value="">{text.usual}</option>
            {about.models.map((model) => (
              <option key={model}>{model}</option>
            ))}
          </select>
        )}
      </Field>
      <TextField
        label={text.temperature}
        hint={text.temperatureHint}
        error={wrong.temperature}
        type="number"
        min={0}
        max={2}
        step={0.05}
        value={entered.temperature ?? ""}
        onChange={(event) => set({ temperature: number(event.target.valueAsNumber) })}
      />
      <TextField
        label={text.tokens}
        hint={text.tokensHint(about.max_tokens)}
        error={wrong.max_tokens}
        type="number"
        min={1}
        max={about.max_tokens}
        value={entered.max_tokens ?? ""}
        onChange={(event) => set({ max_tokens: number(event.target.valueAsNumber) })}
      />
    </>
  );
}

function settingsOf({ note, note_depth, model, temperature, max_tokens, summary }: Thread): ReplySettings {
  return {
    note,
    note_depth,
    model: model ?? null,
    temperature: temperature ?? null,
    max_tokens: max_tokens ?? null,
    summary,
  };
}
