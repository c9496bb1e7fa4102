import { useSyncExternalStore } from "react";
import { Session, type SessionState } from "./session.ts";

export type { Credentials } from "./session.ts";

/** The session of this browser with the server that the page came from. */
export const session = new Session(globalThis.location.origin, new BroadcastChannel("raconteur.session"));

/** The state of {@link session}, for components. */
export function useSession(): SessionState {
  return useSyncExternalStore(session.subscribe, session.state);
}
