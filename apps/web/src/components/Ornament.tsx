import { clsx } from "clsx";

/** The flourish that parts chapters. */
export function Ornament({ className }: { className?: string }) {
  return (
    <svg
      aria-hidden="true"
      viewBox="0 0 120 16"
      className={clsx("h-4 w-30 text-accent", className)}
      fill="none"
      stroke="currentColor"
    >
      <path d="M2 8h34M84 8h34" strokeWidth="1" />
      <path d="M60 1.5 66.5 8 60 14.5 53.5 8Z" fill="currentColor" stroke="none" />
      <path d="M40 8c3-5 8-5 10.5 0C48 13 43 13 40 8Zm40 0c-3-5-8-5-10.5 0C72 13 77 13 80 8Z" strokeWidth="1" />
    </svg>
  );
}
