// Runs before the page is painted, and is no module for that reason. `src/theme/theme.ts` writes what is read here.
try {
  const chosen = localStorage.getItem("raconteur.theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
} catch {
  // Storage is forbidden: the system's theme it is.
}
