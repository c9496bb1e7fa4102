import { Menu as Primitive } from "@base-ui/react/menu";
import { clsx } from "clsx";
import type { LucideIcon } from "lucide-react";
import type { ReactElement, ReactNode } from "react";

type MenuProps = {
  /** The button that opens it, such as an `IconButton`. */
  trigger: ReactElement;
  /** `MenuItem`s and `MenuRule`s. */
  children: ReactNode;
  /** Whether it is open when it comes. */
  defaultOpen?: boolean;
};

/** Things to do with something, behind a button. */
export function Menu({ trigger, children, defaultOpen = false }: MenuProps) {
  return (
    <Primitive.Root defaultOpen={defaultOpen}>
      <Primitive.Trigger render={trigger} />
      <Primitive.Portal>
        <Primitive.Positioner sideOffset={4} align="end" className="z-50 outline-none">
          <Primitive.Popup className="min-w-48 rounded-lg border border-rule bg-sheet p-1 shadow-lifted outline-none transition-opacity duration-100 data-ending-style:opacity-0 data-starting-style:opacity-0">
            {children}
          </Primitive.Popup>
        </Primitive.Positioner>
      </Primitive.Portal>
    </Primitive.Root>
  );
}

type MenuItemProps = {
  icon?: LucideIcon | undefined;
  danger?: boolean;
  disabled?: boolean;
  onSelect: () => void;
  children: ReactNode;
};

export function MenuItem({ icon: Icon, danger = false, disabled = false, onSelect, children }: MenuItemProps) {
  return (
    <Primitive.Item
      disabled={disabled}
      onClick={onSelect}
      className={clsx(
        "flex min-h-10 cursor-pointer items-center gap-3 rounded-md px-3 text-[0.9375rem] outline-none select-none",
        "data-disabled:cursor-not-allowed data-disabled:opacity-50",
        danger ? "text-danger data-highlighted:bg-danger-wash" : "data-highlighted:bg-accent-wash",
      )}
    >
      {Icon && <Icon aria-hidden className="size-4.5" strokeWidth={1.75} />}
      {children}
    </Primitive.Item>
  );
}

export function MenuRule() {
  return <Primitive.Separator className="mx-2 my-1 h-px bg-rule" />;
}
