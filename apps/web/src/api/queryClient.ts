import { QueryClient } from "@tanstack/react-query";
import { isTemporary } from "./errors.ts";

/** Everything that was loaded. What is older than ten seconds is loaded anew when its page or the window comes back. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: { staleTime: 10_000, retry: (failures, error) => failures < 2 && isTemporary(error) },
    mutations: { retry: false },
  },
});
