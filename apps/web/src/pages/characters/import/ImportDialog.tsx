import { CircleAlert } from "lucide-react";
import { Avatar } from "@/components/Avatar.tsx";
import { Button, ButtonLink } from "@/components/Button.tsx";
import { Dialog } from "@/components/Dialog.tsx";
import { Spinner } from "@/components/Spinner.tsx";
import { TalkButton } from "@/pages/chats/TalkButton.tsx";
import { characters } from "@/strings/index.ts";
import { type Arrival, settledIn } from "./arrivals.ts";

const text = characters.import;

/** Who is on the way in, who has arrived, and what of each file was left out. */
export function ImportDialog({ arrivals, onClose }: { arrivals: Arrival[]; onClose: () => void }) {
  const settled = settledIn(arrivals);
  const isOver = settled === arrivals.length;
  return (
    <Dialog
      open={arrivals.length > 0}
      // While files are being read the dialog stays, and with it what is to be said about them.
      onClose={() => isOver && onClose()}
      title={text.title(arrivals.length)}
      description={isOver ? undefined : text.progress(settled, arrivals.length)}
      actions={
        <Button variant="primary" busy={!isOver} onClick={onClose}>
          {text.done}
        </Button>
      }
    >
      {!isOver && (
        <progress
          aria-label={text.progress(settled, arrivals.length)}
          value={settled}
          max={arrivals.length}
          className="progress"
        />
      )}
      <ul aria-live="polite" className="grid grid-cols-1 gap-4">
        {arrivals.map((arrival) => (
          <li key={arrival.id} className="not-last:border-b not-last:border-rule not-last:pb-4">
            <Row arrival={arrival} />
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

function Row({ arrival }: { arrival: Arrival }) {
  if (arrival.state === "arrived") return <Arrived {...arrival.imported} />;
  if (arrival.state === "failed") {
    return (
      <div className="flex gap-3">
        <CircleAlert aria-hidden className="mt-0.5 size-5 shrink-0 text-danger" strokeWidth={1.75} />
        <div className="min-w-0">
          <p className="font-medium wrap-anywhere text-danger">{text.failed(arrival.file)}</p>
          <p>{arrival.problem}</p>
        </div>
      </div>
    );
  }
  return (
    <p className="flex items-center gap-3 text-ink-soft">
      {arrival.state === "reading" && <Spinner />}
      <span className="min-w-0 flex-1 truncate">{arrival.file}</span>
      <span className="shrink-0">{arrival.state === "reading" ? text.reading : text.waiting}</span>
    </p>
  );
}

function Arrived({ persona, ignored }: Extract<Arrival, { state: "arrived" }>["imported"]) {
  return (
    <div className="grid gap-3">
      <div className="flex items-center gap-4">
        <Avatar name={persona.name} picture={persona.avatar} />
        <p className="min-w-0 flex-1 text-lg">{text.arrived(persona.name)}</p>
      </div>
      {ignored.length === 0 ? (
        <p className="text-sm text-ink-soft">{text.nothingIgnored}</p>
      ) : (
        <div className="rounded-md bg-accent-wash px-4 py-3 text-sm">
          <p className="font-medium">{text.ignored}</p>
          <ul className="mt-1 grid list-disc gap-1 pl-4">
            {ignored.map((sentence) => (
              <li key={sentence} className="wrap-anywhere">
                {sentence}
              </li>
            ))}
          </ul>
        </div>
      )}
      <div className="flex flex-wrap gap-2">
        <TalkButton persona={persona} variant="quiet" size="small" />
        <ButtonLink to="/characters/$slug" params={{ slug: persona.slug }} variant="plain" size="small">
          {text.read}
        </ButtonLink>
        <ButtonLink to="/characters/$slug/edit" params={{ slug: persona.slug }} variant="plain" size="small">
          {text.edit}
        </ButtonLink>
      </div>
    </div>
  );
}
