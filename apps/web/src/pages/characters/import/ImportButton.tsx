import { FileInput } from "lucide-react";
import { useRef } from "react";
import { Button } from "@/components/Button.tsx";
import { characters as text } from "@/strings/index.ts";
import { useImport } from "./useImport.ts";

/** Lets one choose cards to bring, for those who cannot drop them, or would rather not. */
export function ImportButton() {
  const letIn = useImport();
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button onClick={() => input.current?.click()}>
        <FileInput aria-hidden className="size-4.5" strokeWidth={1.75} />
        {text.import.action}
      </Button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        data-testid="import"
        accept=".png,.json,.charx,.zip,image/png,application/json,application/zip"
        onChange={({ currentTarget }) => {
          letIn(Array.from(currentTarget.files ?? []));
          // So that the same file can be chosen again.
          currentTarget.value = "";
        }}
      />
    </>
  );
}
