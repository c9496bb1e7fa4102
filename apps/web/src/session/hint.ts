// Whether to expect a session. The refresh token is in a cookie that no script can see, so the browser also remembers, in
// the open, that there ought to be one. It is no secret, and nothing is allowed because of it: at worst it costs a request.
const KEY = "raconteur.signed-in";

/** Whether somebody signed in on this browser and has not signed out since. */
export function expectsSession(): boolean {
  return localStorage.getItem(KEY) !== null;
}

/** Remembers whether there is a session to expect. */
export function expectSession(expected: boolean): void {
  if (expected) localStorage.setItem(KEY, "1");
  else localStorage.removeItem(KEY);
}
