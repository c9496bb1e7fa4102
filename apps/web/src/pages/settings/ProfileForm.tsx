import { useState } from "react";
import type { Me } from "@/api/types.ts";
import { controlLook, Field, TextField } from "@/components/Field.tsx";
import { TextArea } from "@/components/TextArea.tsx";
import { settings } from "@/strings/index.ts";
import { SettingsForm } from "./SettingsForm.tsx";
import { useChange } from "./useChange.ts";

const text = settings.profile;

/** As the server counts: in characters, not in UTF-16. */
const LONGEST = { display_name: 100, description: 4000 };
const lengthOf = (value: string) => Array.from(value).length;

/** Who one is to the characters. */
export function ProfileForm({ me }: { me: Me }) {
  const [name, setName] = useState(me.display_name);
  const [description, setDescription] = useState(me.description);
  const { attempt, problems, busy } = useChange(settings.saved);
  const tooLong = (value: string, most: number) => (lengthOf(value) > most ? text.tooLong(most) : undefined);
  const send = (form: HTMLFormElement) => {
    const wrong = {
      display_name: tooLong(name.trim(), LONGEST.display_name),
      description: tooLong(description, LONGEST.description),
    };
    const found = Object.fromEntries(Object.entries(wrong).filter(([, problem]) => problem !== undefined));
    attempt({ change: { display_name: name, description }, problems: found, form });
  };
  return (
    <SettingsForm submit={settings.save} busy={busy} problem={problems.form} onSubmit={send}>
      <TextField
        label={text.name}
        hint={text.nameHint}
        name="display_name"
        autoComplete="nickname"
        value={name}
        error={problems.display_name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Field
        label={text.description}
        hint={
          <>
            {text.descriptionHint}{" "}
            <span className="whitespace-nowrap">{text.count(lengthOf(description), LONGEST.description)}</span>
          </>
        }
        error={problems.description}
      >
        {(control) => (
          <TextArea
            {...control}
            name="description"
            rows={4}
            value={description}
            onChange={(event) => setDescription(event.currentTarget.value)}
            className={`${controlLook} max-h-[50dvh] min-h-30`}
          />
        )}
      </Field>
    </SettingsForm>
  );
}
