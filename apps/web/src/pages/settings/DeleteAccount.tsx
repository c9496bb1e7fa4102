import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { deleteMe } from "@/api/me.ts";
import { Button } from "@/components/Button.tsx";
import { Dialog } from "@/components/Dialog.tsx";
import { TextField } from "@/components/Field.tsx";
import { notify } from "@/components/toasts.ts";
import { useSignOut } from "@/session/useSignOut.ts";
import { common, settings } from "@/strings/index.ts";
import { type Problems, problemsOf } from "./useChange.ts";

const text = settings.delete;

/** Ends everything, for whoever types their address and their password. */
export function DeleteAccount({ email }: { email: string }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button variant="danger" className="justify-self-start" onClick={() => setOpen(true)}>
        {text.action}
      </Button>
      <Dialog open={open} onClose={() => setOpen(false)} title={text.dialog} description={text.lead}>
        <DeletionForm email={email} onCancel={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function DeletionForm({ email, onCancel }: { email: string; onCancel: () => void }) {
  const [typed, setTyped] = useState("");
  const [password, setPassword] = useState("");
  const [problems, setProblems] = useState<Problems>({});
  const signOut = useSignOut();
  const deletion = useMutation({
    mutationFn: () => deleteMe(password),
    onSuccess: async () => {
      await signOut();
      notify({ text: text.done });
    },
    onError: (error) => setProblems(problemsOf(error)),
  });
  const send = () => {
    const found: Problems = {
      ...(typed.trim() !== email && { email: text.mismatch }),
      ...(password === "" && { password: settings.password.currentMissing }),
    };
    setProblems(found);
    if (Object.keys(found).length === 0 && !deletion.isPending) deletion.mutate();
  };
  return (
    <form
      noValidate
      className="grid gap-5"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <TextField
        label={text.type(email)}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        value={typed}
        error={problems.email}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <TextField
        label={text.password}
        type="password"
        autoComplete="current-password"
        value={password}
        error={problems.password}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      <div role="alert" className="empty:hidden">
        {problems.form && <p className="font-medium text-danger">{problems.form}</p>}
      </div>
      <div className="flex flex-col-reverse gap-3 sm:flex-row sm:justify-end">
        <Button onClick={onCancel}>{common.cancel}</Button>
        <Button type="submit" variant="danger" busy={deletion.isPending}>
          {text.confirm}
        </Button>
      </div>
    </form>
  );
}
