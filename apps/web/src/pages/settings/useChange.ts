import { useState } from "react";
import { explain, fieldErrors } from "@/api/errors.ts";
import { type MeChange, useChangeMe } from "@/api/me.ts";
import { notify } from "@/components/toasts.ts";

/** What is wrong with a change, by field; `form` with all of it. */
export type Problems = Partial<Record<keyof MeChange | "form", string>>;

type Attempt = {
  change: MeChange;
  /** What is wrong with it, as far as this can be known without the server, which is not asked then. */
  problems: Problems;
  form: HTMLFormElement;
};

/**
 * Changes something about whoever is signed in, and says that it is done. What is wrong stands beside its field, and the first
 * wrong field takes the focus.
 */
export function useChange(saved: string, onSaved?: (form: HTMLFormElement) => void) {
  const change = useChangeMe();
  const [problems, setProblems] = useState<Problems>({});
  const show = (found: Problems, form: HTMLFormElement) => {
    setProblems(found);
    const first = Object.keys(found).find((field) => field !== "form");
    if (first !== undefined) form.querySelector<HTMLElement>(`[name="${first}"]`)?.focus();
  };
  const attempt = ({ change: wanted, problems: found, form }: Attempt) => {
    show(found, form);
    if (Object.keys(found).length > 0) return;
    change.mutate(wanted, {
      onSuccess: () => {
        notify({ text: saved });
        onSaved?.(form);
      },
      onError: (error) => show(problemsOf(error), form),
    });
  };
  return { attempt, problems, busy: change.isPending };
}

/** What a refused change says about which field. It always says something. */
export function problemsOf(error: unknown): Problems {
  const fields = Object.entries(fieldErrors(error)).map(([field, messages]) => [field, messages.join(" ")]);
  return fields.length > 0 ? Object.fromEntries(fields) : { form: explain(error).detail };
}
