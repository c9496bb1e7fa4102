// For servers that do not keep the refresh token in a cookie yet. Once they all do, delete this file and its four calls in
// `session.ts`: nothing else knows of it. Kept for this tab alone, and gone with it.
const KEY = "raconteur.refresh";

/** The refresh token of this tab, if the server ever gave one out. */
export function storedRefreshToken(): string | undefined {
  return sessionStorage.getItem(KEY) ?? undefined;
}

/** Keeps what the server gave; `undefined`, which is what a server with cookies gives, forgets the last one. */
export function storeRefreshToken(token: string | undefined): void {
  if (token === undefined) sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, token);
}
