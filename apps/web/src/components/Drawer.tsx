import { Dialog as Primitive } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import type { ReactNode } from "react";
import { common } from "@/strings/index.ts";
import { dialogLook } from "./Dialog.tsx";
import { IconButton } from "./IconButton.tsx";

type DrawerProps = { open: boolean; onClose: () => void; title: string; description?: ReactNode; children: ReactNode };

/** A leaf that is drawn out from the right, for what is read beside the page. It takes the whole width of phones. */
export function Drawer({ open, onClose, title, description, children }: DrawerProps) {
  return (
    <Primitive.Root open={open} onOpenChange={(next) => next || onClose()}>
      <Primitive.Portal>
        <Primitive.Backdrop className={dialogLook.veil} />
        <Primitive.Popup className="fixed inset-y-0 right-0 z-50 flex w-full max-w-lg flex-col border-rule bg-sheet shadow-lifted transition duration-200 sm:border-l data-ending-style:translate-x-8 data-ending-style:opacity-0 data-starting-style:translate-x-8 data-starting-style:opacity-0">
          <header className="flex items-start justify-between gap-4 border-b border-rule px-5 py-4 sm:px-7">
            <div>
              <Primitive.Title className="text-xl">{title}</Primitive.Title>
              {description && (
                <Primitive.Description className="mt-1 text-sm text-ink-soft">{description}</Primitive.Description>
              )}
            </div>
            <Primitive.Close render={<IconButton icon={X} label={common.close} className="-mt-1 -mr-2" />} />
          </header>
          <div className="min-h-0 flex-1 overflow-y-auto px-5 py-6 sm:px-7">{children}</div>
        </Primitive.Popup>
      </Primitive.Portal>
    </Primitive.Root>
  );
}
