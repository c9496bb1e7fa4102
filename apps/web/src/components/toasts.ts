import { Toast } from "@base-ui/react/toast";
import { common } from "@/strings/index.ts";

type Notice = {
  text: string;
  /** Told at once to those who listen, rather than in the next pause. */
  urgent?: boolean;
  /** Takes it back. The toast then stays for ten seconds, and as long as the pointer or the focus is on it. */
  undo?: () => void;
  /** Called when the toast is gone, and with it the chance to undo. Not called after `undo`. */
  onGone?: () => void;
};

/** Where toasts wait for `Toasts` to show them. */
export const toastManager = Toast.createToastManager();

/** Says something in passing, from anywhere: `notify({ text: "Copied." })`. @returns what ends it before its time */
export function notify({ text, urgent = false, undo, onGone }: Notice): () => void {
  let undone = false;
  const id = toastManager.add({
    title: text,
    priority: urgent ? "high" : "low",
    timeout: undo ? 10_000 : 5_000,
    onClose: () => {
      if (!undone) onGone?.();
    },
    ...(undo && {
      actionProps: {
        children: common.undo,
        onClick: () => {
          undone = true;
          undo();
          toastManager.close(id);
        },
      },
    }),
  });
  return () => toastManager.close(id);
}
