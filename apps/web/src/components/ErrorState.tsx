import { explain } from "@/api/errors.ts";
import { common } from "@/strings/index.ts";
import { Button } from "./Button.tsx";
import { EmptyState } from "./EmptyState.tsx";

type ErrorStateProps = {
  error: unknown;
  /** Tries again. Left out where that cannot help. */
  onRetry?: () => void;
  busy?: boolean;
  /** Whether it stands in place of a whole page. */
  whole?: boolean;
};

/** Where something should be and could not be had: says why, and offers to try again. */
export function ErrorState({ error, onRetry, busy = false, whole = false }: ErrorStateProps) {
  const { title, detail } = explain(error);
  return (
    <div role="alert">
      <EmptyState title={title} detail={detail} whole={whole}>
        {onRetry && (
          <Button busy={busy} onClick={onRetry}>
            {common.retry}
          </Button>
        )}
      </EmptyState>
    </div>
  );
}
