import { common } from "@/strings/index.ts";

/** The name of the thing, as on a title page. */
export function Wordmark() {
  return (
    <span className="flex items-center gap-2.5 text-xl">
      <svg aria-hidden="true" viewBox="6 8 22 17" className="h-4 text-accent" fill="currentColor">
        <path d="M14.4 9.2C10 10.6 7 14 7 18.6c0 3 1.8 5 4.3 5 2.2 0 3.8-1.6 3.8-3.8 0-2-1.4-3.5-3.3-3.6.3-2.1 1.7-3.8 3.9-4.8zm10.2 0c-4.4 1.4-7.4 4.8-7.4 9.4 0 3 1.8 5 4.3 5 2.2 0 3.8-1.6 3.8-3.8 0-2-1.4-3.5-3.3-3.6.3-2.1 1.7-3.8 3.9-4.8z" />
      </svg>
      <span className="font-medium tracking-tight italic">{common.appName}</span>
    </span>
  );
}
