import { clsx } from "clsx";
import type { LucideIcon } from "lucide-react";
import type { ComponentProps } from "react";

/** A button that is a picture. Its label is read to those who do not see it, and shown on hover. */
export function IconButton({
  icon: Icon,
  label,
  className,
  ...rest
}: Omit<ComponentProps<"button">, "children"> & { icon: LucideIcon; label: string }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      {...rest}
      className={clsx(
        "inline-grid size-10 shrink-0 place-items-center rounded-md text-ink-soft transition-colors",
        "hover:bg-accent-wash hover:text-accent disabled:cursor-not-allowed disabled:opacity-50",
        className,
      )}
    >
      <Icon aria-hidden className="size-5" strokeWidth={1.75} />
    </button>
  );
}
