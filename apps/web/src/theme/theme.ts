import { useSyncExternalStore } from "react";

/** What a person may choose; `system` follows the device. */
export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

// `public/theme.js` reads the same key before the page is painted.
const KEY = "raconteur.theme";
const listeners = new Set<() => void>();

/** What was chosen on this browser. */
function chosenTheme(): Theme {
  const chosen = document.documentElement.dataset.theme;
  return chosen === "light" || chosen === "dark" ? chosen : "system";
}

/** Changes the theme at once, in all tabs, and for the next visit. */
function chooseTheme(theme: Theme): void {
  if (theme === "system") localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, theme);
  show(theme);
}

/** The chosen theme, and what changes it. */
export function useTheme(): [Theme, (theme: Theme) => void] {
  return [useSyncExternalStore(subscribe, chosenTheme), chooseTheme];
}

function show(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

// Another tab chose. `storage` comes to the other tabs only.
window.addEventListener("storage", ({ key, newValue }) => {
  if (key === KEY) show(newValue === "light" || newValue === "dark" ? newValue : "system");
});
