import { Button, ButtonLink } from "@/components/Button.tsx";
import { editor as text } from "@/strings/index.ts";

type EditorBarProps = {
  isNew: boolean;
  slug: string | undefined;
  /** What has to be said about what is not saved. */
  note: string | undefined;
  busy: boolean;
  onPreview: () => void;
};

/** What ends the writing, always in sight. */
export function EditorBar({ isNew, slug, note, busy, onPreview }: EditorBarProps) {
  return (
    <div className="sticky bottom-[calc(3.75rem+env(safe-area-inset-bottom))] z-10 -mx-4 flex flex-wrap items-center justify-end gap-3 border-t border-rule bg-paper px-4 py-3 sm:-mx-8 sm:px-8 md:bottom-0 xl:mx-0 xl:px-0">
      <p role="status" className="min-w-0 flex-1 basis-52 text-sm text-ink-soft empty:hidden">
        {note}
      </p>
      <Button variant="plain" className="xl:hidden" onClick={onPreview}>
        {text.preview.open}
      </Button>
      {slug === undefined ? (
        <ButtonLink to="/characters">{text.cancel}</ButtonLink>
      ) : (
        <ButtonLink to="/characters/$slug" params={{ slug }}>
          {text.cancel}
        </ButtonLink>
      )}
      <Button type="submit" variant="primary" busy={busy}>
        {isNew ? text.create : text.save}
      </Button>
    </div>
  );
}
