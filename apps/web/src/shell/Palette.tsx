import { useEffect, useState } from "react";
import { notify } from "@/components/toasts.ts";
import type { CommandPalette } from "@/pages/search/CommandPalette.tsx";
import { errors } from "@/strings/index.ts";
import { isMac, showPalette, usePalette } from "./paletteState.ts";

/** The palette, whose code is fetched when it is first wanted, and the shortcut that brings it up from anywhere. */
export function Palette() {
  const open = usePalette();
  const [Shown, setShown] = useState<typeof CommandPalette>();
  useEffect(() => {
    if (!open || Shown !== undefined) return;
    import("@/pages/search/CommandPalette.tsx").then(
      (module) => setShown(() => module.CommandPalette),
      () => {
        showPalette(false);
        notify({ text: errors.unreachable.title, urgent: true });
      },
    );
  }, [open, Shown]);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const modified = isMac ? event.metaKey : event.ctrlKey;
      if (!modified || event.altKey || event.shiftKey || event.key.toLowerCase() !== "k") return;
      event.preventDefault();
      showPalette(true);
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, []);
  return Shown === undefined ? null : <Shown open={open} onClose={() => showPalette(false)} />;
}
