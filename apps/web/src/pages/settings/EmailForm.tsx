import { TextField } from "@/components/Field.tsx";
import { settings } from "@/strings/index.ts";
import { SettingsForm } from "./SettingsForm.tsx";
import { type Problems, useChange } from "./useChange.ts";

const text = settings.email;

/** With what address one signs in. */
export function EmailForm() {
  const { attempt, problems, busy } = useChange(text.saved, (form) => form.reset());
  const send = (form: HTMLFormElement) => {
    const data = new FormData(form);
    const email = String(data.get("email")).trim();
    const password = String(data.get("current_password"));
    const found: Problems = {
      ...(email === "" && { email: text.empty }),
      ...(password === "" && { current_password: settings.password.currentMissing }),
    };
    attempt({ change: { email, current_password: password }, problems: found, form });
  };
  return (
    <SettingsForm submit={text.submit} busy={busy} problem={problems.form} onSubmit={send}>
      <TextField
        label={text.field}
        name="email"
        type="email"
        inputMode="email"
        autoComplete="email"
        autoCapitalize="none"
        spellCheck={false}
        error={problems.email}
      />
      <TextField
        label={text.password}
        name="current_password"
        type="password"
        autoComplete="current-password"
        error={problems.current_password}
      />
    </SettingsForm>
  );
}
