import { History } from "lucide-react";
import { Button } from "@/components/Button.tsx";
import { editor as text } from "@/strings/index.ts";

/** Says that the form is as it was left, rather than as it was saved. */
export function Restored({ onStartOver }: { onStartOver: () => void }) {
  return (
    <div role="status" className="flex flex-wrap items-center gap-3 rounded-lg bg-accent-wash px-4 py-3">
      <History aria-hidden className="size-5 shrink-0" strokeWidth={1.75} />
      <p className="min-w-0 flex-1">{text.restored}</p>
      <Button size="small" onClick={onStartOver}>
        {text.startOver}
      </Button>
    </div>
  );
}
