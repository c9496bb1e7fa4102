import { useSyncExternalStore } from "react";

// Whether the palette is up: anything may open it.
let open = false;
const listeners = new Set<() => void>();

/** Brings up the palette, in which one searches and goes anywhere, or takes it away. */
export function showPalette(shown: boolean): void {
  open = shown;
  for (const listener of listeners) listener();
}

/** Whether the palette is up. */
export function usePalette(): boolean {
  return useSyncExternalStore(subscribe, () => open);
}

/** Whether this machine's shortcuts are pressed with ⌘. */
export const isMac = /mac|iphone|ipad/i.test(globalThis.navigator?.platform ?? "");

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
