// Controls of the form that give their value, rather than an event.
import { clsx } from "clsx";
import { type ComponentProps, useState } from "react";
import { controlLook, Field, TextField } from "@/components/Field.tsx";
import { TextArea } from "@/components/TextArea.tsx";

type Common<Value> = {
  label: string;
  hint?: string;
  error?: string | undefined;
  value: Value;
  onChange: (value: Value) => void;
};

/** A text of one line. */
export function ShortField({
  onChange,
  ...rest
}: Common<string> & Omit<ComponentProps<typeof TextField>, keyof Common<string>>) {
  return <TextField autoComplete="off" {...rest} onChange={(event) => onChange(event.currentTarget.value)} />;
}

type LongFieldProps = Common<string> & { rows?: number; mono?: boolean };

/** A text of many lines. */
export function LongField({ label, hint, error, value, onChange, rows = 3, mono = false }: LongFieldProps) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(control) => (
        <TextArea
          {...control}
          rows={rows}
          value={value}
          spellCheck={!mono}
          onChange={(event) => onChange(event.currentTarget.value)}
          className={clsx(controlLook, "max-h-[60dvh]", mono && "font-mono text-sm")}
          style={{ minHeight: `${rows * 1.6 + 1.4}em` }}
        />
      )}
    </Field>
  );
}

/** A few words with commas between them. */
export function WordsField({ value, onChange, ...rest }: Common<string[]>) {
  const [text, setText] = useState(value.join(", "));
  // As it was typed, with a comma at its end that is no word yet; unless it was changed elsewhere.
  const shown = sameWords(wordsIn(text), value) ? text : value.join(", ");
  return (
    <ShortField
      {...rest}
      value={shown}
      onChange={(next) => {
        setText(next);
        onChange(wordsIn(next));
      }}
    />
  );
}

/** The words in a text that has commas between them. */
export function wordsIn(text: string): string[] {
  return text
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");
}

function sameWords(one: string[], other: string[]): boolean {
  return one.length === other.length && one.every((word, at) => word === other[at]);
}
