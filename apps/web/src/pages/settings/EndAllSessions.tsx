import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { endAllSessions } from "@/api/sessions.ts";
import { Button } from "@/components/Button.tsx";
import { ConfirmDialog } from "@/components/ConfirmDialog.tsx";
import { notify } from "@/components/toasts.ts";
import { useSignOut } from "@/session/useSignOut.ts";
import { settings } from "@/strings/index.ts";

const text = settings.sessions;

/** Ends every session, this one too, once that is confirmed. */
export function EndAllSessions() {
  const [asking, setAsking] = useState(false);
  const signOut = useSignOut();
  const ending = useMutation({
    mutationFn: endAllSessions,
    onSuccess: signOut,
    onError: () => notify({ text: text.endFailed, urgent: true }),
    onSettled: () => setAsking(false),
  });
  return (
    <>
      <Button onClick={() => setAsking(true)}>{text.endAll}</Button>
      <ConfirmDialog
        open={asking}
        onClose={() => setAsking(false)}
        {...text.confirm}
        busy={ending.isPending}
        onConfirm={() => ending.mutate()}
      />
    </>
  );
}
