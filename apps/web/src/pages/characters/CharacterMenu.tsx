import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Download, Trash2 } from "lucide-react";
import { useState } from "react";
import { saveFile } from "@/api/files.ts";
import { deletePersona, type ExportFormat, exportFormats, exportPersona, personasKey } from "@/api/personas.ts";
import type { Persona } from "@/api/types.ts";
import { ConfirmDialog } from "@/components/ConfirmDialog.tsx";
import { MenuButton } from "@/components/MenuButton.tsx";
import { notify } from "@/components/toasts.ts";
import { characters } from "@/strings/index.ts";

const text = characters.page;

/** What else can be done with a character: take it along, and delete it where it is one's own. */
export function CharacterMenu({ persona }: { persona: Persona }) {
  const [asking, setAsking] = useState(false);
  const exporting = useMutation({
    mutationFn: (format: ExportFormat) => exportPersona(persona, format),
    onSuccess: saveFile,
    onError: () => notify({ text: text.exportFailed, urgent: true }),
  });
  const exports = exportFormats.map((format) => ({
    label: text.exportAs[format],
    icon: Download,
    disabled: exporting.isPending,
    onSelect: () => exporting.mutate(format),
  }));
  const deletion = { label: text.delete, icon: Trash2, danger: true, onSelect: () => setAsking(true) };
  return (
    <>
      <MenuButton label={text.more(persona.name)} entries={persona.mine ? [...exports, "rule", deletion] : exports} />
      {persona.mine && <Deletion persona={persona} open={asking} onClose={() => setAsking(false)} />}
    </>
  );
}

function Deletion({ persona, open, onClose }: { persona: Persona; open: boolean; onClose: () => void }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const deletion = useMutation({
    mutationFn: () => deletePersona(persona.slug),
    onSuccess: async () => {
      notify({ text: text.deleted(persona.name) });
      // First away from its page, which would find nobody.
      await navigate({ to: "/characters", replace: true });
      await client.invalidateQueries({ queryKey: personasKey });
    },
    onError: () => notify({ text: text.deleteFailed(persona.name), urgent: true }),
    onSettled: onClose,
  });
  return (
    <ConfirmDialog
      open={open}
      onClose={onClose}
      title={text.deleteTitle(persona.name)}
      description={text.deleteDescription}
      confirm={text.deleteConfirm}
      busy={deletion.isPending}
      onConfirm={() => deletion.mutate()}
    />
  );
}
