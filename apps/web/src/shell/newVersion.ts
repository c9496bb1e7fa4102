import { useSyncExternalStore } from "react";

// Names of files carry a hash of what is in them. Once the server has another version, the pages that this one has not fetched
// yet are gone, and Vite says so.
let found = false;
const listeners = new Set<() => void>();

window.addEventListener("vite:preloadError", () => {
  if (!navigator.onLine) return;
  found = true;
  for (const listener of listeners) listener();
});

/** Whether the server has a newer version of the app than this one. */
export function useNewVersion(): boolean {
  return useSyncExternalStore(subscribe, () => found);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
