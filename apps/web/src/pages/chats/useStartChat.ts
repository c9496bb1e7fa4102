import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { startChat } from "@/api/chatChanges.ts";
import { conversationsKey } from "@/api/conversations.ts";
import { notify } from "@/components/toasts.ts";
import { chats as text } from "@/strings/index.ts";

type Options = {
  /** Whether the chat takes the place of this page in the history. */
  replace?: boolean;
  /** Whether somebody else says so where it fails. */
  quiet?: boolean;
};

/** Begins a chat with a character and goes there. */
export function useStartChat({ replace = false, quiet = false }: Options = {}) {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: startChat,
    onSuccess: ({ id }) => {
      void client.invalidateQueries({ queryKey: conversationsKey });
      return navigate({ to: "/chats/$id", params: { id }, replace });
    },
    onError: () => {
      if (!quiet) notify({ text: text.talkFailed, urgent: true });
    },
  });
}
