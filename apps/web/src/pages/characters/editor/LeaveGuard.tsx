import { useBlocker } from "@tanstack/react-router";
import type { RefObject } from "react";
import { Button } from "@/components/Button.tsx";
import { Dialog } from "@/components/Dialog.tsx";
import { editor } from "@/strings/index.ts";

const text = editor.leave;

type LeaveGuardProps = {
  /** Whether something is not saved, asked when somebody is about to leave. */
  unsaved: RefObject<boolean>;
  /** Whether it is on this device when they come back. Where it is not, the browser asks before it closes the page, too. */
  kept: boolean;
  onDiscard: () => void;
};

/** Asks before what was written is left behind. */
export function LeaveGuard({ unsaved, kept, onDiscard }: LeaveGuardProps) {
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => unsaved.current && current.pathname !== next.pathname,
    enableBeforeUnload: () => unsaved.current && !kept,
    withResolver: true,
  });
  const isBlocked = blocker.status === "blocked";
  return (
    <Dialog
      open={isBlocked}
      onClose={() => blocker.reset?.()}
      title={text.title}
      description={kept ? text.description : text.notKept}
      actions={
        <>
          <Button
            variant="danger"
            onClick={() => {
              onDiscard();
              blocker.proceed?.();
            }}
          >
            {text.discard}
          </Button>
          {kept && <Button onClick={() => blocker.proceed?.()}>{text.go}</Button>}
          <Button variant="primary" onClick={() => blocker.reset?.()}>
            {text.stay}
          </Button>
        </>
      }
    />
  );
}
