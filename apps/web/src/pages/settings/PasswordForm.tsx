import { TextField } from "@/components/Field.tsx";
import { settings } from "@/strings/index.ts";
import { SettingsForm } from "./SettingsForm.tsx";
import { type Problems, useChange } from "./useChange.ts";

const text = settings.password;
const LEAST = 8;

/** With what password one signs in. */
export function PasswordForm({ email }: { email: string }) {
  const { attempt, problems, busy } = useChange(text.saved, (form) => form.reset());
  const send = (form: HTMLFormElement) => {
    const data = new FormData(form);
    const current = String(data.get("current_password"));
    const password = String(data.get("password"));
    const found: Problems = {
      ...(current === "" && { current_password: text.currentMissing }),
      // Counted as the server counts: in code points.
      ...(Array.from(password).length < LEAST && { password: text.tooShort }),
    };
    attempt({ change: { current_password: current, password }, problems: found, form });
  };
  return (
    <SettingsForm submit={text.submit} busy={busy} problem={problems.form} onSubmit={send}>
      {/* For password managers, which want to know whose password it is. */}
      <input type="text" name="username" autoComplete="username" value={email} readOnly hidden />
      <TextField
        label={text.current}
        name="current_password"
        type="password"
        autoComplete="current-password"
        error={problems.current_password}
      />
      <TextField
        label={text.next}
        hint={text.hint}
        name="password"
        type="password"
        autoComplete="new-password"
        error={problems.password}
      />
    </SettingsForm>
  );
}
