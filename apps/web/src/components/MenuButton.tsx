import { type LucideIcon, MoreHorizontal } from "lucide-react";
import { useState } from "react";
import { errors } from "@/strings/index.ts";
import type { EntryMenu } from "./EntryMenu.tsx";
import { IconButton } from "./IconButton.tsx";
import { notify } from "./toasts.ts";

/** Something to do, or a rule between such things. */
export type MenuEntry =
  | { label: string; icon: LucideIcon; danger?: boolean; disabled?: boolean; onSelect: () => void }
  | "rule";

type MenuButtonProps = { label: string; entries: MenuEntry[]; className?: string };

const load = () => import("./EntryMenu.tsx");

/**
 * Three dots with a menu behind them. Menus are heavy, and a list has many: the code comes when the pointer or the focus comes
 * near, and the menu when it is asked for.
 */
export function MenuButton({ label, entries, className }: MenuButtonProps) {
  const [Menu, setMenu] = useState<typeof EntryMenu>();
  if (Menu !== undefined) return <Menu label={label} entries={entries} className={className} />;
  const ahead = () => void load().catch(() => undefined);
  const open = () =>
    load().then(
      (module) => setMenu(() => module.EntryMenu),
      () => notify({ text: errors.unreachable.title, urgent: true }),
    );
  return (
    <IconButton
      icon={MoreHorizontal}
      label={label}
      aria-haspopup="menu"
      onPointerEnter={ahead}
      onFocus={ahead}
      onClick={open}
      className={className}
    />
  );
}
