import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { LONGEST_SEARCH } from "@/api/search.ts";
import { ButtonLink } from "@/components/Button.tsx";
import { Choice } from "@/components/Choice.tsx";
import { SearchField } from "@/components/SearchField.tsx";
import { useDebounced } from "@/components/useDebounced.ts";
import { Page } from "@/shell/Page.tsx";
import { chats as text } from "@/strings/index.ts";
import { ChatList } from "./ChatList.tsx";
import { FoundList } from "./FoundList.tsx";
import { views } from "./groups.ts";
import { useView } from "./useView.ts";

/** All of one's chats: by date or by character, or those in which something was said. */
export function ChatsPage() {
  const { sought, settled, setSought } = useSought();
  const [view, setView] = useView();
  return (
    <Page title={text.title} width="measure" actions={<ButtonLink to="/characters">{text.begin}</ButtonLink>}>
      <div className="mb-8 flex flex-wrap items-center gap-3">
        <SearchField
          label={text.search.label}
          value={sought}
          onChange={setSought}
          maxLength={LONGEST_SEARCH}
          className="min-w-0 flex-1 basis-60"
        />
        {sought.trim() === "" && (
          <Choice
            hideLabel
            label={text.view.label}
            value={view}
            options={views.map((value) => ({ value, label: text.view[value] }))}
            onChange={setView}
          />
        )}
      </div>
      {sought.trim() === "" ? <ChatList view={view} /> : <FoundList sought={settled} />}
    </Page>
  );
}

/** What is looked for. The address has it, too, so that going back from what was found leads to the rest of it. */
function useSought() {
  const { q = "" } = useSearch({ from: "/signed-in/chats" });
  const navigate = useNavigate({ from: "/chats" });
  const [sought, setSought] = useState(q);
  const settled = useDebounced(sought, 300).trim();
  useEffect(() => {
    void navigate({ search: settled === "" ? {} : { q: settled }, replace: true });
  }, [settled, navigate]);
  return { sought, settled, setSought };
}
