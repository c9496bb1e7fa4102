import { createLink } from "@tanstack/react-router";
import { clsx } from "clsx";
import type { ComponentProps, ReactNode } from "react";
import { Spinner } from "./Spinner.tsx";

/** `primary` once on a page at most; `quiet` for what stands beside it; `plain` in rows and bars; `danger` for what destroys. */
type ButtonVariant = "primary" | "quiet" | "plain" | "danger";

type Look = { variant?: ButtonVariant; size?: "small" | "normal"; wide?: boolean };

const variants: Record<ButtonVariant, string> = {
  primary: "bg-accent text-on-accent shadow-page hover:bg-accent-strong",
  quiet: "border border-edge bg-sheet text-ink hover:border-accent hover:text-accent",
  plain: "text-ink hover:bg-accent-wash",
  danger: "bg-danger text-on-danger shadow-page hover:brightness-110",
};

function look({ variant = "quiet", size = "normal", wide = false }: Look): string {
  return clsx(
    "inline-flex items-center justify-center gap-2 rounded-md font-medium transition-colors select-none",
    "disabled:cursor-not-allowed disabled:opacity-60 aria-disabled:opacity-60",
    size === "small" ? "min-h-9 px-3 text-sm" : "min-h-11 px-5",
    wide && "w-full",
    variants[variant],
  );
}

/** A button. While it is `busy` it shows so and does nothing, but keeps the focus. */
export function Button({
  variant,
  size,
  wide,
  busy = false,
  className,
  children,
  onClick,
  ...rest
}: ComponentProps<"button"> & Look & { busy?: boolean; children: ReactNode }) {
  return (
    <button
      type="button"
      {...rest}
      aria-disabled={busy || undefined}
      aria-busy={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
      className={clsx(look({ ...(variant && { variant }), ...(size && { size }), ...(wide && { wide }) }), className)}
    >
      {busy && <Spinner />}
      {children}
    </button>
  );
}

function Anchor({ variant, size, wide, className, ...rest }: ComponentProps<"a"> & Look) {
  return (
    <a
      {...rest}
      className={clsx(look({ ...(variant && { variant }), ...(size && { size }), ...(wide && { wide }) }), className)}
    />
  );
}

/** A link that looks like a button: for what leads to another page. */
export const ButtonLink = createLink(Anchor);
