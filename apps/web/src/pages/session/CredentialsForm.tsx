import { useMutation } from "@tanstack/react-query";
import { type SubmitEvent, useRef } from "react";
import { Button } from "@/components/Button.tsx";
import { TextField } from "@/components/Field.tsx";
import type { Credentials } from "@/session/index.ts";
import { session as text } from "@/strings/index.ts";
import { PasswordField } from "./PasswordField.tsx";
import { InvalidCredentials, type Problems, problemsOf } from "./problems.ts";

type CredentialsFormProps = {
  submitLabel: string;
  /** Whether a password is being chosen, rather than recalled: what password managers want to know. */
  newPassword: boolean;
  passwordHint?: string;
  /** What is wrong with these before the server is asked. */
  check: (credentials: Credentials) => Problems;
  submit: (credentials: Credentials) => Promise<void>;
};

/**
 * An address and a password. What is wrong stands beside its field, and the first wrong field takes the focus. After a success
 * the route itself leads on.
 */
export function CredentialsForm({ submitLabel, newPassword, passwordHint, check, submit }: CredentialsFormProps) {
  const form = useRef<HTMLFormElement>(null);
  const { mutate, isPending, error } = useMutation({
    mutationFn: async (credentials: Credentials) => {
      const problems = check(credentials);
      if (Object.keys(problems).length > 0) throw new InvalidCredentials(problems);
      await submit(credentials);
    },
    onError: (failure) => {
      const first = Object.keys(problemsOf(failure)).find((name) => name !== "form");
      if (first !== undefined) form.current?.querySelector<HTMLInputElement>(`[name="${first}"]`)?.focus();
    },
  });
  const problems = error === null ? {} : problemsOf(error);

  const onSubmit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (isPending) return;
    const data = new FormData(event.currentTarget);
    mutate({ email: String(data.get("email")), password: String(data.get("password")) });
  };

  return (
    <form ref={form} noValidate onSubmit={onSubmit} className="grid gap-5">
      <TextField
        label={text.email}
        name="email"
        type="email"
        inputMode="email"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        error={problems.email}
      />
      <PasswordField
        name="password"
        autoComplete={newPassword ? "new-password" : "current-password"}
        hint={passwordHint}
        error={problems.password}
      />
      <div role="alert" className="not-has-[p]:-mt-5">
        {problems.form && (
          <p className="rounded-md bg-danger-wash px-4 py-3 font-medium text-danger">{problems.form}</p>
        )}
      </div>
      <Button type="submit" variant="primary" wide busy={isPending}>
        {submitLabel}
      </Button>
    </form>
  );
}
