import { useParams } from "@tanstack/react-router";
import { useMe } from "@/api/me.ts";
import { usePersona } from "@/api/personas.ts";
import { EmptyState } from "@/components/EmptyState.tsx";
import { Loaded } from "@/components/Loaded.tsx";
import { Page } from "@/shell/Page.tsx";
import { editor as text } from "@/strings/index.ts";
import { Editor } from "./editor/Editor.tsx";
import { EditorSkeleton } from "./editor/EditorSkeleton.tsx";

/** Where a character of one's own is changed. */
export function EditCharacterPage() {
  const { slug } = useParams({ from: "/signed-in/characters/$slug/edit" });
  const me = useMe();
  return (
    <Loaded whole query={usePersona(slug)} skeleton={<EditorSkeleton />}>
      {(persona) =>
        persona.source === null ? (
          <EmptyState whole {...text.notYours} />
        ) : (
          <Loaded whole query={me} skeleton={<EditorSkeleton />}>
            {({ id }) => (
              <Page title={text.editTitle(persona.name)}>
                <Editor key={persona.slug} person={id} persona={persona} />
              </Page>
            )}
          </Loaded>
        )
      }
    </Loaded>
  );
}
