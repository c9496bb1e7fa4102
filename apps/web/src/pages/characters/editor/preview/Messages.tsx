import type { Preview } from "@/api/types.ts";
import { editor } from "@/strings/index.ts";

const text = editor.preview;

/** The messages that the model would get, letter for letter. */
export function Messages({ messages }: Pick<Preview, "messages">) {
  return (
    <details className="group">
      <summary className="eyebrow cursor-pointer rounded-md py-1">{text.messages}</summary>
      <ol className="grid grid-cols-1 gap-3 pt-2">
        {messages.map((message, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: messages of one prompt have nothing else to be told apart by.
          <li key={at} className="rounded-md border border-rule bg-sheet">
            <p className="eyebrow border-b border-rule px-3 py-1.5">{text.roles[message.role]}</p>
            <p className="px-3 py-2 font-mono text-xs leading-relaxed wrap-anywhere whitespace-pre-wrap">
              {message.content}
            </p>
          </li>
        ))}
      </ol>
    </details>
  );
}
