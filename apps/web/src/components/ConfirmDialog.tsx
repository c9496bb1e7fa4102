import { AlertDialog } from "@base-ui/react/alert-dialog";
import type { ReactNode } from "react";
import { common } from "@/strings/index.ts";
import { Button } from "./Button.tsx";
import { dialogLook } from "./Dialog.tsx";

type ConfirmDialogProps = {
  open: boolean;
  onClose: () => void;
  title: string;
  description: ReactNode;
  /** What the button does, in a verb: "Delete them". */
  confirm: string;
  onConfirm: () => void;
  /** Whether it is being done. The dialog stays until whoever opened it closes it. */
  busy?: boolean;
  danger?: boolean;
};

/** Asks before something that cannot be undone. Where it can be, do it and offer Undo with a toast instead. */
export function ConfirmDialog({
  open,
  onClose,
  title,
  description,
  confirm,
  onConfirm,
  busy = false,
  danger = true,
}: ConfirmDialogProps) {
  return (
    <AlertDialog.Root open={open} onOpenChange={(next) => next || onClose()}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className={dialogLook.veil} />
        <AlertDialog.Popup className={dialogLook.leaf}>
          <AlertDialog.Title className="text-xl">{title}</AlertDialog.Title>
          <AlertDialog.Description className="text-ink-soft">{description}</AlertDialog.Description>
          <div className={dialogLook.actions}>
            <AlertDialog.Close render={<Button>{common.cancel}</Button>} />
            <Button variant={danger ? "danger" : "primary"} busy={busy} onClick={onConfirm}>
              {confirm}
            </Button>
          </div>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
