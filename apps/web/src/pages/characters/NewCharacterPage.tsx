import { useMe } from "@/api/me.ts";
import { Loaded } from "@/components/Loaded.tsx";
import { Page } from "@/shell/Page.tsx";
import { editor as text } from "@/strings/index.ts";
import { Editor } from "./editor/Editor.tsx";
import { EditorSkeleton } from "./editor/EditorSkeleton.tsx";

/** Where a character is written. */
export function NewCharacterPage() {
  return (
    <Loaded whole query={useMe()} skeleton={<EditorSkeleton />}>
      {({ id }) => (
        <Page title={text.newTitle} lead={text.newLead}>
          <Editor person={id} />
        </Page>
      )}
    </Loaded>
  );
}
