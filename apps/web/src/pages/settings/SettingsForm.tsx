import type { ReactNode, SubmitEvent } from "react";
import { Button } from "@/components/Button.tsx";

type SettingsFormProps = {
  submit: string;
  busy: boolean;
  /** What is wrong and belongs to no field. */
  problem?: string | undefined;
  onSubmit: (form: HTMLFormElement) => void;
  children: ReactNode;
};

/** A few fields that are saved together. Enter saves them, too. */
export function SettingsForm({ submit, busy, problem, onSubmit, children }: SettingsFormProps) {
  const send = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (!busy) onSubmit(event.currentTarget);
  };
  return (
    <form noValidate onSubmit={send} className="grid gap-5">
      {children}
      <div role="alert" className="not-has-[p]:-mt-5">
        {problem && <p className="rounded-md bg-danger-wash px-4 py-3 font-medium text-danger">{problem}</p>}
      </div>
      <Button type="submit" busy={busy} className="justify-self-start">
        {submit}
      </Button>
    </form>
  );
}
