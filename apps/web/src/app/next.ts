/**
 * Where to go after signing in: `next` where it is a place in this app, one's chats otherwise. Anything else in the address
 * could be somebody's attempt to lead people away from here.
 */
export function placeAfterSignIn(next: string | undefined): string {
  if (next === undefined) return "/chats";
  const { origin } = globalThis.location;
  const url = URL.parse(next, origin);
  return url?.origin === origin && next.startsWith("/") ? url.href.slice(origin.length) : "/chats";
}
