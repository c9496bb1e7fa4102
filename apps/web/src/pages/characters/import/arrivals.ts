// Characters on their way in, one file after the other.
import { explain } from "@/api/errors.ts";
import { importPersona } from "@/api/personas.ts";
import type { ImportedPersona } from "@/api/types.ts";
import { characters as text } from "@/strings/index.ts";

/** The largest file that the server takes in, in bytes. */
const LARGEST = 16 * 1024 * 1024;

/** A file with a character in it, and how far it is. */
export type Arrival = { id: number; file: string } & (
  | { state: "waiting" | "reading" }
  | { state: "arrived"; imported: ImportedPersona }
  | { state: "failed"; problem: string }
);

let lastId = 0;

/** Those that wait, for these files. */
export function arrivalsOf(files: File[]): Arrival[] {
  return files.map(({ name }) => ({ id: ++lastId, file: name, state: "waiting" }));
}

/** How many of them are through, well or not. */
export function settledIn(arrivals: Arrival[]): number {
  return arrivals.filter(({ state }) => state === "arrived" || state === "failed").length;
}

/** Lets a file in. It always says what became of it. */
export async function letIn({ id, file: name }: Arrival, file: File): Promise<Arrival> {
  if (file.size > LARGEST) return { id, file: name, state: "failed", problem: text.import.tooLarge };
  try {
    return { id, file: name, state: "arrived", imported: await importPersona(file) };
  } catch (error) {
    return { id, file: name, state: "failed", problem: explain(error).detail };
  }
}
