import { useMutation } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { saveFile } from "@/api/files.ts";
import { exportMe } from "@/api/me.ts";
import { Button } from "@/components/Button.tsx";
import { notify } from "@/components/toasts.ts";
import { settings } from "@/strings/index.ts";

const text = settings.export;

/** Gives a person all that is theirs. */
export function ExportEverything() {
  const exporting = useMutation({
    mutationFn: exportMe,
    onSuccess: saveFile,
    onError: () => notify({ text: text.failed, urgent: true }),
  });
  return (
    <Button className="justify-self-start" busy={exporting.isPending} onClick={() => exporting.mutate()}>
      <Download aria-hidden className="size-4.5" strokeWidth={1.75} />
      {text.action}
    </Button>
  );
}
