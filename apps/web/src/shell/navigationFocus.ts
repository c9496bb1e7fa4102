import { useLocation } from "@tanstack/react-router";
import { type RefObject, useEffect } from "react";

// The page that has the focus, or had it last. A page that was loaded as such keeps the browser's own start.
let focusedPath = globalThis.location.pathname;

/**
 * Moves the focus here after each navigation to another page, so that a keyboard goes on from there and a screen reader reads
 * where one is. `PageHeading` does this; a page with a better place for it, such as a box to write in, does it instead.
 */
export function useNavigationFocus(target: RefObject<HTMLElement | null>): void {
  const path = useLocation({ select: ({ pathname }) => pathname });
  useEffect(() => {
    if (path === focusedPath || target.current === null) return;
    focusedPath = path;
    target.current.focus({ preventScroll: true });
  }, [path, target]);
}
