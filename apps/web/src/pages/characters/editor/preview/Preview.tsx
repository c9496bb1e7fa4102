import { clsx } from "clsx";
import { explain } from "@/api/errors.ts";
import type { Preview as Previewed } from "@/api/types.ts";
import { Spinner } from "@/components/Spinner.tsx";
import { editor } from "@/strings/index.ts";
import type { Draft } from "../draft.ts";
import { ShortField } from "../fields.tsx";
import { problemsIn } from "../problems.ts";
import { Messages } from "./Messages.tsx";
import { TokenBar } from "./TokenBar.tsx";
import { usePreview } from "./usePreview.ts";
import { WhatWasFound } from "./WhatWasFound.tsx";

const text = editor.preview;

type PreviewProps = { draft: Draft; question: string; onQuestion: (question: string) => void };

/** What a model would be asked, were the character as it is in the form now. */
export function Preview({ draft, question, onQuestion }: PreviewProps) {
  const { data, error, isFetching, isPlaceholderData } = usePreview(draft, question);
  const problems = problemsIn(draft);
  const hindrance = problems.name ? text.needsName : Object.keys(problems).length > 0 ? text.needsRepair : undefined;
  return (
    <div className="grid grid-cols-1 gap-5">
      <ShortField label={text.question} value={question} onChange={onQuestion} />
      <div role="status" className="grid gap-5 empty:hidden">
        {hindrance !== undefined && <p className="text-ink-soft">{hindrance}</p>}
        {hindrance === undefined && error !== null && <p className="text-danger">{explain(error).detail}</p>}
        {hindrance === undefined && data === undefined && isFetching && <Spinner />}
      </div>
      {data !== undefined && (
        <Shown preview={data} stale={isPlaceholderData || hindrance !== undefined || error !== null} />
      )}
    </div>
  );
}

function Shown({ preview, stale }: { preview: Previewed; stale: boolean }) {
  const { explanation, messages, scripted } = preview;
  return (
    <div className={clsx("grid grid-cols-1 gap-6 transition-opacity", stale && "opacity-60")}>
      <TokenBar explanation={explanation} />
      <WhatWasFound explanation={explanation} />
      {scripted !== "" && (
        <section className="grid gap-1.5">
          <h3 className="eyebrow">{text.scripted}</h3>
          <p className="italic">{scripted}</p>
        </section>
      )}
      <Messages messages={messages} />
    </div>
  );
}
