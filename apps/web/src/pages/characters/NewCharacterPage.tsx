import { Page } from "@/shell/Page.tsx";
import { characters as text } from "@/strings/index.ts";

export function NewCharacterPage() {
  return <Page title={text.newTitle} />;
}
