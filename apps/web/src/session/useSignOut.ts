import { useNavigate } from "@tanstack/react-router";
import { notify } from "@/components/toasts.ts";
import { deleteWaiting } from "@/pages/chats/deletions.ts";
import { session as text } from "@/strings/index.ts";
import { session } from "./index.ts";

/** What a button to sign out does: leaves for the home page, and says so where it did not work. */
export function useSignOut(): () => Promise<void> {
  const navigate = useNavigate();
  return async () => {
    // First leave: a page for those who are signed in would ask to sign in again.
    await navigate({ to: "/" });
    // What was deleted but for the chance to undo is deleted while there is still somebody who may.
    await deleteWaiting();
    try {
      await session.signOut();
    } catch {
      notify({ text: text.signOutFailed, urgent: true });
    }
  };
}
