import { useEffect, useRef, useState } from "react";
import type { Message } from "@/api/thread.ts";
import { chat as text } from "@/strings/index.ts";
import { useChat } from "./context.ts";
import type { Reply } from "./reply/reply.ts";
import { useShown } from "./shown.ts";

/** Reads a reply to those who do not see it: that it is being written, and all of it once it has ended, not word by word. */
export function Announcer({ message, reply }: { message: Message; reply: Reply | undefined }) {
  const { name } = useChat().character;
  const { text: words, status } = useShown(message, reply);
  const [said, setSaid] = useState("");
  const heard = useRef<string>(undefined);

  useEffect(() => {
    if (status === "running") {
      heard.current = message.id;
      setSaid(text.reply.writing(name));
    } else if (heard.current === message.id) {
      heard.current = undefined;
      setSaid(text.reply.said(name, words.replaceAll(/[*_`#>]/g, "")));
    }
  }, [message.id, status, name, words]);

  return (
    <div role="log" aria-live="polite" className="sr-only">
      {said}
    </div>
  );
}
