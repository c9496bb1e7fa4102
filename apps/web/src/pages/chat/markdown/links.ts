/** Where a link leads, if it may lead there; `host` is what its reader should see. */
export function linkTo(url: string): { href: string; host: string } | undefined {
  const parsed = URL.parse(url);
  if (parsed?.protocol === "mailto:") return { href: parsed.href, host: parsed.pathname };
  if (parsed?.protocol === "https:" || parsed?.protocol === "http:") return { href: parsed.href, host: parsed.host };
  return undefined;
}
