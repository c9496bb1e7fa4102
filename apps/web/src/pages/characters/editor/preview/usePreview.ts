import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { previewDraft } from "@/api/personas.ts";
import { useDebounced } from "@/components/useDebounced.ts";
import { type Draft, sourceOf } from "../draft.ts";
import { problemsIn } from "../problems.ts";

const SETTLED_AFTER_MS = 600;

/** What a model would be asked for this, once nobody has typed for a moment. The last one stays until the next is there. */
export function usePreview(draft: Draft, question: string) {
  const settled = useDebounced(draft, SETTLED_AFTER_MS);
  const asked = useDebounced(question, SETTLED_AFTER_MS);
  const ready = Object.keys(problemsIn(settled)).length === 0;
  return useQuery({
    queryKey: ["preview", settled, asked],
    queryFn: ({ signal }) => previewDraft(sourceOf(settled), asked, signal),
    enabled: ready,
    placeholderData: keepPreviousData,
    // Each letter makes another one.
    gcTime: 60_000,
    retry: false,
  });
}
