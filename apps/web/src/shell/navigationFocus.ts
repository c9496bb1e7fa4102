import { useRouterState } from "@tanstack/react-router";
import { type RefObject, useEffect } from "react";

// The page that has the focus, or had it last. A page that was loaded as such keeps the browser's own start.
let focusedPath = globalThis.location.pathname;

/**
 * Moves the focus here after each navigation to another page, so that a keyboard goes on from there and a screen reader reads
 * where one is. `PageHeading` does this; a page with a better place for it, such as a box to write in, does it instead.
 */
export function useNavigationFocus(target: RefObject<HTMLElement | null>): void {
  // The place that is shown, not the one that is on its way: its page would be the last one's still.
  const path = useRouterState({ select: ({ resolvedLocation }) => resolvedLocation?.pathname });
  useEffect(() => {
    if (path === undefined || path === focusedPath || target.current === null) return;
    focusedPath = path;
    target.current.focus({ preventScroll: true });
  }, [path, target]);
}
