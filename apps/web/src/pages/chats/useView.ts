import { useState } from "react";
import { type View, views } from "./groups.ts";

const KEY = "raconteur.chats.view";

/** In which order this browser shows chats. It is kept for the next visit. */
export function useView(): [View, (view: View) => void] {
  const [view, setView] = useState<View>(() => views.find((known) => known === localStorage.getItem(KEY)) ?? "date");
  const choose = (chosen: View) => {
    localStorage.setItem(KEY, chosen);
    setView(chosen);
  };
  return [view, choose];
}
