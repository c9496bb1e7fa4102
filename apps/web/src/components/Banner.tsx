import { clsx } from "clsx";
import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";

type BannerProps = { icon: LucideIcon; tone?: "accent" | "danger"; children: ReactNode; action?: ReactNode };

/** A line that stays as long as what it says is so. */
export function Banner({ icon: Icon, tone = "accent", children, action }: BannerProps) {
  return (
    <div
      role="status"
      className={clsx(
        "flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-rule px-4 py-2 text-sm",
        tone === "danger" ? "bg-danger-wash" : "bg-accent-wash",
      )}
    >
      <Icon aria-hidden className="size-4.5 shrink-0" strokeWidth={1.75} />
      <p className="min-w-0 flex-1 basis-48">{children}</p>
      {action}
    </div>
  );
}
