import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useState } from "react";
import { countChats, deleteChatsWith } from "@/api/chatChanges.ts";
import { conversationsKey } from "@/api/conversations.ts";
import { ConfirmDialog } from "@/components/ConfirmDialog.tsx";
import { MenuButton } from "@/components/MenuButton.tsx";
import { notify } from "@/components/toasts.ts";
import { common, chats as text } from "@/strings/index.ts";

/** What can be done with all chats with one character. */
export function DeleteAllMenu({ character }: { character: string }) {
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  // The list may not be loaded to its end, so the server counts.
  const count = useQuery({
    queryKey: [...conversationsKey, "count", { character }],
    queryFn: () => countChats(character),
    enabled: asking,
    staleTime: 0,
  });
  const deletion = useMutation({
    mutationFn: () => deleteChatsWith(client, character),
    onSuccess: () => notify({ text: text.deleteAll.done(character) }),
    onError: () => notify({ text: text.deleteAll.failed, urgent: true }),
    onSettled: () => setAsking(false),
  });
  return (
    <>
      <MenuButton
        label={text.moreOf(character)}
        className="mr-1"
        entries={[{ label: text.deleteAll.action, icon: Trash2, danger: true, onSelect: () => setAsking(true) }]}
      />
      <ConfirmDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={text.deleteAll.title(character)}
        description={count.data === undefined ? common.loading : text.deleteAll.description(count.data)}
        confirm={text.deleteAll.confirm}
        busy={count.data === undefined || deletion.isPending}
        onConfirm={() => deletion.mutate()}
      />
    </>
  );
}
