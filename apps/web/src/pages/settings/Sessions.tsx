import { useMutation } from "@tanstack/react-query";
import { MonitorSmartphone } from "lucide-react";
import { useState } from "react";
import { endAllSessions, type SessionInfo, useEndSession } from "@/api/sessions.ts";
import { Button } from "@/components/Button.tsx";
import { ConfirmDialog } from "@/components/ConfirmDialog.tsx";
import { notify } from "@/components/toasts.ts";
import { shortTime } from "@/pages/chats/dates.ts";
import { useSignOut } from "@/session/useSignOut.ts";
import { settings } from "@/strings/index.ts";
import { deviceOf } from "./device.ts";

const text = settings.sessions;

/** Where one is signed in, and what ends that. */
export function Sessions({ sessions }: { sessions: SessionInfo[] }) {
  return (
    <div className="grid grid-cols-1 gap-4">
      <ul className="divide-y divide-rule rounded-lg border border-rule bg-sheet">
        {sessions.map((session) => (
          <li key={session.id}>
            <Row session={session} />
          </li>
        ))}
      </ul>
      <EndAll />
    </div>
  );
}

function Row({ session }: { session: SessionInfo }) {
  const end = useEndSession();
  const device = deviceOf(session.user_agent);
  const seen = text.seen(shortTime(new Date(session.last_seen_at), new Date()));
  return (
    <div className="flex items-center gap-3.5 px-4 py-3">
      <MonitorSmartphone aria-hidden className="size-5 shrink-0 text-ink-soft" strokeWidth={1.5} />
      <div className="min-w-0 flex-1">
        <p className="truncate" title={session.user_agent ?? undefined}>
          {device}
        </p>
        <p className="text-sm text-ink-soft">
          {session.address === null ? seen : `${seen} ${text.from(session.address)}`}
        </p>
      </div>
      {session.current ? (
        <span className="shrink-0 text-sm text-success">{text.current}</span>
      ) : (
        <Button
          size="small"
          aria-label={text.endOf(device)}
          busy={end.isPending}
          onClick={() =>
            end.mutate(session.id, {
              onSuccess: () => notify({ text: text.ended }),
              onError: () => notify({ text: text.endFailed, urgent: true }),
            })
          }
        >
          {text.end}
        </Button>
      )}
    </div>
  );
}

function EndAll() {
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
      <Button className="justify-self-start" onClick={() => setAsking(true)}>
        {text.endAll}
      </Button>
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
