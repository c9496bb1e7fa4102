import { CSPProvider } from "@base-ui/react/csp-provider";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { queryClient } from "@/api/queryClient.ts";
import { Toasts } from "@/components/Toasts.tsx";
import { session } from "@/session/index.ts";
import { preloadPages } from "./lazyPage.tsx";
import { router } from "./router.tsx";

// Another person, or nobody: what was loaded for the last one goes, and each route says anew whether one may be there.
let { epoch } = session.state();
session.subscribe(() => {
  if (session.state().epoch === epoch) return;
  epoch = session.state().epoch;
  queryClient.clear();
  void router.invalidate();
});

// After the first page, and once the network has had a moment for what that one shows.
const unsubscribe = router.subscribe("onRendered", () => {
  unsubscribe();
  setTimeout(preloadPages, 2_000);
});

/** The whole app. */
export function App() {
  return (
    <CSPProvider disableStyleElements>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
        <Toasts />
      </QueryClientProvider>
    </CSPProvider>
  );
}
