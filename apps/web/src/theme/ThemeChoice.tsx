import { Choice } from "@/components/Choice.tsx";
import { settings as text } from "@/strings/index.ts";
import { themes, useTheme } from "./theme.ts";

/** Lets a person choose between day, lamplight, and what the system says. */
export function ThemeChoice() {
  const [theme, choose] = useTheme();
  return (
    <Choice
      label={text.theme.label}
      value={theme}
      options={themes.map((value) => ({ value, label: text.theme[value] }))}
      onChange={choose}
    />
  );
}
