import { useQueryClient } from "@tanstack/react-query";
import { createContext, useContext, useRef, useState } from "react";
import { personasKey } from "@/api/personas.ts";
import { type Arrival, arrivalsOf, letIn } from "./arrivals.ts";

/** Characters on their way in, and what lets in more. */
export function useArrivals() {
  const client = useQueryClient();
  const [arrivals, setArrivals] = useState<Arrival[]>([]);
  const queue = useRef<Promise<void>>(Promise.resolve());

  const replace = (next: Arrival) => setArrivals((all) => all.map((one) => (one.id === next.id ? next : one)));
  const letInAll = (files: File[]) => {
    const coming = arrivalsOf(files);
    setArrivals((all) => [...all, ...coming]);
    coming.forEach((arrival, at) => {
      const file = files[at];
      if (file === undefined) return;
      // One at a time: each may be large, and the server reads each whole.
      queue.current = queue.current.then(async () => {
        replace({ id: arrival.id, file: arrival.file, state: "reading" });
        replace(await letIn(arrival, file));
        await client.invalidateQueries({ queryKey: personasKey });
      });
    });
  };
  return { arrivals, letInAll, forget: () => setArrivals([]) };
}

/** What lets in files, within an `ImportZone`. */
export const ImportContext = createContext<(files: File[]) => void>(() => undefined);

export function useImport(): (files: File[]) => void {
  return useContext(ImportContext);
}
