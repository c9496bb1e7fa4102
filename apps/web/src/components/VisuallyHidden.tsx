import type { ReactNode } from "react";

/** Read to those who do not see the page, and shown to nobody. */
export function VisuallyHidden({ children }: { children: ReactNode }) {
  return <span className="sr-only">{children}</span>;
}
