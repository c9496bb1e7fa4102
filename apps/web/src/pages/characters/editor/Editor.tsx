import { type SubmitEvent, useRef, useState } from "react";
import { explain } from "@/api/errors.ts";
import type { WholePersona } from "@/api/types.ts";
import { Dialog } from "@/components/Dialog.tsx";
import { notify } from "@/components/toasts.ts";
import { editor as text } from "@/strings/index.ts";
import { AdvancedSection } from "./AdvancedSection.tsx";
import { BookSection } from "./BookSection.tsx";
import { blankSource, draftOf, sourceOf } from "./draft.ts";
import { EditorBar } from "./EditorBar.tsx";
import { GreetingsSection } from "./GreetingsSection.tsx";
import { KnowledgeSection } from "./KnowledgeSection.tsx";
import { draftKey } from "./keptDrafts.ts";
import { LeaveGuard } from "./LeaveGuard.tsx";
import type { PictureChange } from "./PictureField.tsx";
import { Preview } from "./preview/Preview.tsx";
import { type Problems, problemsIn, problemsOf } from "./problems.ts";
import { Restored } from "./Restored.tsx";
import { useDraft } from "./useDraft.ts";
import { useSave } from "./useSave.ts";
import { VoiceSection } from "./VoiceSection.tsx";
import { WhoSection } from "./WhoSection.tsx";

type EditorProps = {
  /** The id of whoever writes. */
  person: string;
  /** The character as it is saved; none for a new one. */
  persona?: WholePersona;
};

/** The form in which a character is written, with the prompt that comes of it beside it. */
export function Editor({ person, persona }: EditorProps) {
  // As it was when the form was opened: what is loaded anew meanwhile must not change what counts as changed.
  const [before] = useState(persona);
  const [original] = useState(() => draftOf(before?.source ?? blankSource));
  const { draft, change, ...state } = useDraft(draftKey(person, before?.slug), original);
  const [picture, setPicture] = useState<PictureChange>();
  const [found, setFound] = useState<Problems>({});
  const [question, setQuestion] = useState<string>(text.preview.firstQuestion);
  const [previewing, setPreviewing] = useState(false);
  const form = useRef<HTMLFormElement>(null);

  const dirty = state.dirty || picture !== undefined;
  const unsaved = useRef(dirty);
  unsaved.current = dirty;
  const done = () => {
    unsaved.current = false;
    state.forget();
  };

  const save = useSave(before, done);
  const show = (problems: Problems) => {
    setFound(problems);
    // Once they are marked.
    requestAnimationFrame(() => form.current?.querySelector<HTMLElement>("[aria-invalid]")?.focus());
  };
  const onSubmit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (save.isPending) return;
    const problems = problemsIn(draft);
    if (Object.keys(problems).length > 0) {
      notify({ text: text.wrong, urgent: true });
      return show(problems);
    }
    save.mutate(
      { source: sourceOf(draft), picture },
      {
        onError: (error) => {
          notify({ text: explain(error).detail, urgent: true });
          show(problemsOf(error));
        },
      },
    );
  };
  const part = {
    draft,
    problems: found,
    change: ((field, value) => {
      change(field, value);
      // What is being put right is not wrong any more, as far as anybody knows.
      setFound(({ [field]: _, ...rest }) => rest);
    }) as typeof change,
  };
  const preview = <Preview draft={draft} question={question} onQuestion={setQuestion} />;

  return (
    <div className="grid grid-cols-1 items-start gap-12 xl:grid-cols-[minmax(0,1fr)_23rem]">
      <form ref={form} noValidate onSubmit={onSubmit} className="grid min-w-0 grid-cols-1 gap-10">
        {state.restored && state.dirty && <Restored onStartOver={state.startOver} />}
        <WhoSection {...part} savedPicture={before?.avatar ?? null} picture={picture} onPicture={setPicture} />
        <VoiceSection {...part} />
        <GreetingsSection {...part} />
        <KnowledgeSection {...part} />
        <BookSection {...part} />
        <AdvancedSection {...part} />
        <EditorBar
          isNew={before === undefined}
          slug={before?.slug}
          note={dirty ? (state.isKept ? text.unsaved : text.notKept) : undefined}
          busy={save.isPending}
          onPreview={() => setPreviewing(true)}
        />
      </form>
      <aside
        aria-label={text.preview.title}
        className="sticky top-6 hidden max-h-[calc(100dvh-3rem)] overflow-y-auto rounded-xl border border-rule bg-shade p-5 xl:block"
      >
        <h2 className="mb-1 text-xl">{text.preview.title}</h2>
        <p className="mb-4 text-sm text-ink-soft">{text.preview.lead}</p>
        {preview}
      </aside>
      <Dialog
        open={previewing}
        onClose={() => setPreviewing(false)}
        title={text.preview.title}
        description={text.preview.lead}
      >
        {preview}
      </Dialog>
      <LeaveGuard unsaved={unsaved} kept={state.isKept && picture === undefined} onDiscard={done} />
    </div>
  );
}
