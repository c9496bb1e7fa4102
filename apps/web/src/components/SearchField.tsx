import { clsx } from "clsx";
import { Search, X } from "lucide-react";
import { type ComponentProps, useRef } from "react";
import { common } from "@/strings/index.ts";
import { controlLook } from "./Field.tsx";
import { IconButton } from "./IconButton.tsx";

type SearchFieldProps = Omit<ComponentProps<"input">, "type" | "value" | "onChange"> & {
  label: string;
  value: string;
  onChange: (value: string) => void;
};

/** What one looks for. Escape and the cross empty it. */
export function SearchField({ label, value, onChange, className, ...rest }: SearchFieldProps) {
  const input = useRef<HTMLInputElement>(null);
  const clear = () => {
    onChange("");
    input.current?.focus();
  };
  return (
    <search aria-label={label} className={clsx("relative block", className)}>
      <Search
        aria-hidden
        className="pointer-events-none absolute inset-y-0 left-3 my-auto size-4.5 text-ink-soft"
        strokeWidth={1.75}
      />
      <input
        {...rest}
        ref={input}
        // Not `search`: its cross would be a second one, and looks different in each browser.
        type="text"
        inputMode="search"
        enterKeyHint="search"
        aria-label={label}
        placeholder={label}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape" || value === "") return;
          event.preventDefault();
          clear();
        }}
        className={clsx(controlLook, "pr-11 pl-10")}
      />
      {value !== "" && (
        <IconButton icon={X} label={common.clear} className="absolute inset-y-0 right-0.5 my-auto" onClick={clear} />
      )}
    </search>
  );
}
