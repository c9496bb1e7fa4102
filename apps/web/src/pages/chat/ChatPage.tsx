import { useParams } from "@tanstack/react-router";
import { useThread } from "@/api/messages.ts";
import { Loaded } from "@/components/Loaded.tsx";
import { Skeleton, Skeletons } from "@/components/Skeleton.tsx";
import { Conversation } from "./Conversation.tsx";
import "./chat.css";

export function ChatPage() {
  const { id } = useParams({ from: "/signed-in/chats/$id" });
  return (
    <Loaded whole query={useThread(id)} skeleton={<ChatSkeleton />}>
      {(thread) => <Conversation key={id} thread={thread} />}
    </Loaded>
  );
}

function ChatSkeleton() {
  return (
    <Skeletons className="flex min-h-0 flex-1 flex-col">
      <div className="flex items-center gap-3 border-b border-rule px-4 py-3 sm:px-6">
        <Skeleton className="size-8 rounded-full" />
        <Skeleton className="h-6 w-48" />
      </div>
      <div className="mx-auto flex w-full max-w-2xl flex-1 flex-col justify-end gap-6 px-4 py-6">
        <Skeleton className="h-24 w-4/5" />
        <Skeleton className="h-12 w-1/2 self-end rounded-2xl" />
        <Skeleton className="h-32 w-4/5" />
      </div>
      <div className="mx-auto w-full max-w-2xl px-4 pb-5">
        <Skeleton className="h-24 rounded-2xl" />
      </div>
    </Skeletons>
  );
}
