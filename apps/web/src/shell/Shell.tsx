import { Outlet, useMatches } from "@tanstack/react-router";
import { clsx } from "clsx";
import { Suspense } from "react";
import { Spinner } from "@/components/Spinner.tsx";
import { common, shell as text } from "@/strings/index.ts";
import { Banners } from "./Banners.tsx";
import { BottomBar } from "./BottomBar.tsx";
import { Palette } from "./Palette.tsx";
import { Sidebar } from "./Sidebar.tsx";

/** What is around every page: a sidebar on wide screens, a bar at the foot of phones, and what has to be said above. */
export function Shell() {
  const immersive = useMatches({ select: (matches) => matches.some(({ staticData }) => staticData.immersive) });
  return (
    <div className={clsx("flex", immersive ? "h-dvh overflow-hidden" : "min-h-dvh")}>
      <a
        href="#page"
        className="fixed top-2 left-2 z-70 -translate-y-20 rounded-md bg-accent px-4 py-2 text-on-accent focus:translate-y-0"
      >
        {text.skip}
      </a>
      <Sidebar />
      <div className="flex min-w-0 flex-1 flex-col">
        <Banners />
        <main
          id="page"
          tabIndex={-1}
          className={clsx("flex min-h-0 flex-1 flex-col outline-none", !immersive && "pb-20 md:pb-0")}
        >
          <Suspense fallback={<Turning />}>
            <Outlet />
          </Suspense>
        </main>
      </div>
      {!immersive && <BottomBar />}
      <Palette />
    </div>
  );
}

/** While the code of a page is on its way, which is seldom seen. */
function Turning() {
  return (
    <div role="status" className="grid flex-1 place-items-center text-ink-soft">
      <span className="flex items-center gap-3">
        <Spinner />
        {common.loading}
      </span>
    </div>
  );
}
