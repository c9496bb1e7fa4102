import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { Avatar } from "@/components/Avatar.tsx";
import { Button } from "@/components/Button.tsx";
import { editor } from "@/strings/index.ts";

const text = editor.picture;
const LARGEST = 16 * 1024 * 1024;
const types = ["image/png", "image/jpeg", "image/webp"];

/** What is to become of the portrait: another file, none, or `undefined` where it stays. */
export type PictureChange = File | null | undefined;

type PictureFieldProps = {
  name: string;
  /** The portrait that is saved. */
  saved: string | null;
  change: PictureChange;
  onChange: (change: PictureChange) => void;
};

/** A portrait: shown as it will be, and sent when the character is saved. */
export function PictureField({ name, saved, change, onChange }: PictureFieldProps) {
  const input = useRef<HTMLInputElement>(null);
  const [problem, setProblem] = useState<string>();
  const chosen = useObjectUrl(change ?? undefined);
  const shown = change === undefined ? saved : (chosen ?? null);

  const choose = (file: File | undefined) => {
    if (file === undefined) return;
    const found = types.includes(file.type) ? (file.size > LARGEST ? text.tooLarge : undefined) : text.notAPicture;
    setProblem(found);
    if (found === undefined) onChange(file);
  };
  return (
    <fieldset className="flex flex-wrap items-center gap-5">
      <legend className="mb-1.5 font-medium">{text.label}</legend>
      <div className="size-28 shrink-0 overflow-hidden rounded-lg border border-rule shadow-page">
        <Avatar name={name || "?"} picture={shown} size="cover" />
      </div>
      <div className="grid min-w-0 flex-1 basis-52 gap-2">
        <div className="flex flex-wrap gap-2">
          <Button size="small" onClick={() => input.current?.click()}>
            {shown === null ? text.choose : text.change}
          </Button>
          {shown !== null && (
            <Button size="small" variant="plain" onClick={() => onChange(saved === null ? undefined : null)}>
              {text.remove}
            </Button>
          )}
        </div>
        <input
          ref={input}
          type="file"
          hidden
          data-testid="picture"
          accept={types.join(",")}
          onChange={({ currentTarget }) => {
            choose(currentTarget.files?.[0]);
            currentTarget.value = "";
          }}
        />
        <p className="text-sm text-ink-soft">{text.hint}</p>
        <Problem>{problem}</Problem>
      </div>
    </fieldset>
  );
}

function Problem({ children }: { children: ReactNode }) {
  return (
    <div aria-live="polite" className="text-sm font-medium text-danger empty:hidden">
      {children}
    </div>
  );
}

/** An address of a file that is not sent yet, for as long as it is shown. */
function useObjectUrl(file: File | undefined): string | undefined {
  const url = useMemo(() => file && URL.createObjectURL(file), [file]);
  useEffect(() => {
    return () => {
      if (url !== undefined) URL.revokeObjectURL(url);
    };
  }, [url]);
  return url;
}
