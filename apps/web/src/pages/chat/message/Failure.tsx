import { useQuery } from "@tanstack/react-query";
import { CloudAlert } from "lucide-react";
import { generationQuery } from "@/api/generations.ts";
import type { Message } from "@/api/thread.ts";
import { Button } from "@/components/Button.tsx";
import { chat as text } from "@/strings/index.ts";
import { act } from "../act.ts";
import { useChat } from "../context.ts";
import { continueReply, regenerate } from "../live.ts";
import type { ReplyError } from "../reply/reply.ts";

type FailureProps = { message: Message; error: ReplyError | undefined; last: boolean };

/** Why a reply did not come to its end, and what to do about it. */
export function Failure({ message, error, last }: FailureProps) {
  const { id } = useChat();
  const generation = message.generation_id ?? "";
  const query = useQuery({ ...generationQuery(generation), enabled: error === undefined && generation !== "" });
  const code = error?.code ?? query.data?.error_code ?? message.status;
  const why = text.failure.codes[code] ?? text.failure.unknown;
  return (
    <div className="mt-3 flex flex-wrap items-center gap-x-3 gap-y-2 rounded-lg bg-danger-wash px-4 py-3 text-[0.9375rem]">
      <CloudAlert aria-hidden className="size-5 shrink-0 text-danger" strokeWidth={1.75} />
      <p className="min-w-0 flex-1 basis-52">
        {why} {text.failure.kept}
      </p>
      {last && generation !== "" && (
        <div className="flex flex-wrap gap-2">
          <Button size="small" variant="plain" onClick={() => void act(() => continueReply(id, message.id))}>
            {text.failure.continue}
          </Button>
          <Button size="small" onClick={() => void act(() => regenerate(id, message.id))}>
            {text.failure.retry}
          </Button>
        </div>
      )}
    </div>
  );
}
