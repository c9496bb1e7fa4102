import { Choice } from "@/components/Choice.tsx";
import { characters, editor } from "@/strings/index.ts";
import type { Draft } from "./draft.ts";
import { LongField, ShortField, WordsField } from "./fields.tsx";
import { type PictureChange, PictureField } from "./PictureField.tsx";
import type { Problems } from "./problems.ts";
import { Section } from "./Section.tsx";
import type { Change } from "./useDraft.ts";

const text = editor.who;

/** What every part of the form is given. */
export type PartProps = { draft: Draft; change: Change; problems: Problems };

type WhoSectionProps = PartProps & {
  savedPicture: string | null;
  picture: PictureChange;
  onPicture: (change: PictureChange) => void;
};

/** Who the character is, and for whom. */
export function WhoSection({ draft, change, problems, savedPicture, picture, onPicture }: WhoSectionProps) {
  return (
    <Section title={text.title} lead={text.lead}>
      <PictureField name={draft.name} saved={savedPicture} change={picture} onChange={onPicture} />
      <div className="grid items-start gap-5 sm:grid-cols-2">
        <ShortField
          label={text.name}
          value={draft.name}
          error={problems.name}
          onChange={(value) => change("name", value)}
        />
        <ShortField
          label={text.slug}
          hint={text.slugHint}
          value={draft.slug}
          error={problems.slug}
          autoCapitalize="none"
          spellCheck={false}
          onChange={(value) => change("slug", value)}
        />
      </div>
      <LongField
        label={text.description}
        hint={text.descriptionHint}
        rows={6}
        value={draft.description}
        error={problems.description}
        onChange={(value) => change("description", value)}
      />
      <LongField
        label={text.personality}
        hint={text.personalityHint}
        rows={2}
        value={draft.personality}
        error={problems.personality}
        onChange={(value) => change("personality", value)}
      />
      <LongField
        label={text.scenario}
        hint={text.scenarioHint}
        value={draft.scenario}
        error={problems.scenario}
        onChange={(value) => change("scenario", value)}
      />
      <WordsField
        label={text.tags}
        hint={text.tagsHint}
        value={draft.tags}
        error={problems.tags}
        onChange={(value) => change("tags", value)}
      />
      <LongField
        label={text.creatorNotes}
        hint={text.creatorNotesHint}
        rows={2}
        value={draft.creator_notes}
        error={problems.creator_notes}
        onChange={(value) => change("creator_notes", value)}
      />
      <div className="grid gap-1.5">
        <Choice
          label={text.visibility}
          value={draft.visibility}
          options={[
            { value: "private", label: characters.visibility.private },
            { value: "public", label: characters.visibility.public },
          ]}
          onChange={(value) => change("visibility", value)}
        />
        <p role="status" className="text-sm text-ink-soft empty:hidden">
          {draft.visibility === "public" && text.publicHint}
        </p>
      </div>
    </Section>
  );
}
