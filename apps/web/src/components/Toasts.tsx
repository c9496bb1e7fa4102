import { Toast } from "@base-ui/react/toast";
import { X } from "lucide-react";
import { common } from "@/strings/index.ts";
import { IconButton } from "./IconButton.tsx";
import { toastManager } from "./toasts.ts";

/** Shows what `notify` says, at the foot of the page, and has it read out. F6 leads there. */
export function Toasts() {
  return (
    <Toast.Provider toastManager={toastManager} limit={3}>
      <Toast.Portal>
        <Toast.Viewport
          aria-label={common.notifications}
          className="fixed inset-x-4 bottom-20 z-60 mx-auto grid max-w-md gap-2 md:bottom-6"
        >
          <Leaves />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}

function Leaves() {
  const { toasts } = Toast.useToastManager();
  return toasts.map((toast) => (
    <Toast.Root
      key={toast.id}
      toast={toast}
      swipeDirection={["down", "right"]}
      className="flex min-h-12 animate-appear items-center gap-2 rounded-lg bg-ink py-1 pr-1 pl-4 text-paper shadow-lifted transition-opacity data-ending-style:opacity-0 data-limited:hidden"
    >
      <Toast.Title className="flex-1 py-1.5 text-[0.9375rem]" />
      <Toast.Action className="rounded-md px-3 py-1.5 font-medium underline underline-offset-4 outline-paper hover:bg-paper hover:text-ink" />
      <Toast.Close
        render={
          <IconButton
            icon={X}
            label={common.close}
            className="text-paper outline-paper hover:bg-paper hover:text-ink"
          />
        }
      />
    </Toast.Root>
  ));
}
