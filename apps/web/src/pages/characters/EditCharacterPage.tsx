import { useParams } from "@tanstack/react-router";
import { usePersona } from "@/api/personas.ts";
import { Loaded } from "@/components/Loaded.tsx";
import { Page } from "@/shell/Page.tsx";
import { characters as text } from "@/strings/index.ts";

export function EditCharacterPage() {
  const { slug } = useParams({ from: "/signed-in/characters/$slug/edit" });
  return (
    <Loaded whole query={usePersona(slug)} skeleton={null}>
      {(persona) => <Page title={text.editTitle(persona.name)} />}
    </Loaded>
  );
}
