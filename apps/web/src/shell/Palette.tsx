import { lazy, Suspense, useEffect, useState } from "react";
import { isMac, showPalette, usePalette } from "./paletteState.ts";

const CommandPalette = lazy(() => import("@/pages/search/CommandPalette.tsx"));

/** The palette, whose code is fetched when it is first wanted, and the shortcut that brings it up from anywhere. */
export function Palette() {
  const open = usePalette();
  const [wanted, setWanted] = useState(false);
  if (open && !wanted) setWanted(true);
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
  if (!wanted) return null;
  return (
    <Suspense>
      <CommandPalette open={open} onClose={() => showPalette(false)} />
    </Suspense>
  );
}
