import { Dialog as Primitive } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import type { ReactNode } from "react";
import { common } from "@/strings/index.ts";
import { IconButton } from "./IconButton.tsx";

type DialogProps = {
  open: boolean;
  onClose: () => void;
  title: string;
  description?: ReactNode;
  children?: ReactNode;
  /** The buttons, the one that does it last. */
  actions?: ReactNode;
};

/** How the ground behind a dialog, and the leaf that it is, look and come up. */
export const dialogLook = {
  veil: "fixed inset-0 z-40 bg-veil transition-opacity duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0",
  leaf: "fixed inset-x-4 top-1/2 z-50 mx-auto grid max-h-[calc(100dvh-2rem)] max-w-lg -translate-y-1/2 gap-4 overflow-y-auto rounded-xl border border-rule bg-sheet p-6 shadow-lifted transition duration-150 data-ending-style:scale-97 data-ending-style:opacity-0 data-starting-style:scale-97 data-starting-style:opacity-0",
  actions: "flex flex-col-reverse gap-3 pt-2 sm:flex-row sm:justify-end",
};

/** A leaf above the page, which waits meanwhile. Escape, the veil and the cross close it. */
export function Dialog({ open, onClose, title, description, children, actions }: DialogProps) {
  return (
    <Primitive.Root open={open} onOpenChange={(next) => next || onClose()}>
      <Primitive.Portal>
        <Primitive.Backdrop className={dialogLook.veil} />
        <Primitive.Popup className={dialogLook.leaf}>
          <div className="flex items-start justify-between gap-4">
            <Primitive.Title className="text-xl">{title}</Primitive.Title>
            <Primitive.Close render={<IconButton icon={X} label={common.close} className="-mt-2 -mr-2" />} />
          </div>
          {description && <Primitive.Description className="text-ink-soft">{description}</Primitive.Description>}
          {children}
          {actions && <div className={dialogLook.actions}>{actions}</div>}
        </Primitive.Popup>
      </Primitive.Portal>
    </Primitive.Root>
  );
}
