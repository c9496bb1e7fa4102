import { MonitorSmartphone } from "lucide-react";
import { type SessionInfo, useEndSession } from "@/api/sessions.ts";
import { Button } from "@/components/Button.tsx";
import { notify } from "@/components/toasts.ts";
import { shortTime } from "@/pages/chats/dates.ts";
import { settings } from "@/strings/index.ts";
import { deviceOf } from "./device.ts";

const text = settings.sessions;

/** Where one is signed in, and what ends that. */
export function Sessions({ sessions }: { sessions: SessionInfo[] }) {
  return (
    <ul className="divide-y divide-rule rounded-lg border border-rule bg-sheet">
      {sessions.map((session) => (
        <li key={session.id}>
          <Row session={session} />
        </li>
      ))}
    </ul>
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
