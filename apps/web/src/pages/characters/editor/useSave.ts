import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { explain } from "@/api/errors.ts";
import { changePersona, createPersona, personaQuery, personasKey, setPersonaPicture } from "@/api/personas.ts";
import type { PersonaSource, WholePersona } from "@/api/types.ts";
import { notify } from "@/components/toasts.ts";
import { editor as text } from "@/strings/index.ts";
import { blankSource, changesBetween } from "./draft.ts";
import type { PictureChange } from "./PictureField.tsx";

type Saving = { source: PersonaSource; picture: PictureChange };

/**
 * Saves a character, new or not, with its portrait, and goes to its page. Where only the portrait is refused the rest is saved
 * all the same, and that is said.
 */
export function useSave(before: WholePersona | undefined, onSaved: () => void) {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: async ({ source, picture }: Saving) => {
      const saved = await save(before, source);
      onSaved();
      const refusal = await savePicture(saved.slug, picture);
      return { saved, refusal };
    },
    onSuccess: async ({ saved, refusal }) => {
      if (refusal === undefined) notify({ text: text.saved(saved.name) });
      else notify({ text: text.pictureFailed(refusal), urgent: true });
      client.removeQueries({ queryKey: personaQuery(before?.slug ?? saved.slug).queryKey });
      void client.invalidateQueries({ queryKey: personasKey });
      await navigate({ to: "/characters/$slug", params: { slug: saved.slug }, replace: true });
    },
  });
}

function save(before: WholePersona | undefined, source: PersonaSource): Promise<WholePersona> {
  if (before === undefined) return createPersona(source);
  return changePersona(before.slug, changesBetween(before.source ?? blankSource, source));
}

/** Answers why the portrait was not taken, if it was not. */
async function savePicture(slug: string, picture: PictureChange): Promise<string | undefined> {
  if (picture === undefined) return undefined;
  try {
    await setPersonaPicture(slug, picture);
    return undefined;
  } catch (error) {
    return explain(error).detail;
  }
}
