/** A server, and who asks it. */
export type Server = {
  /** Its address, without a slash at the end and without `/api`; empty for the server that the page came from. */
  baseUrl: string;
  /** The access token: itself, or what gives the one of the moment. */
  token?: string | (() => string | undefined | Promise<string | undefined>);
  /** In place of the global `fetch`. */
  fetch?: typeof fetch;
};

/** The header that says who asks; none for a visitor. */
export async function authorization({ token }: Server): Promise<Record<string, string>> {
  const access = typeof token === "function" ? await token() : token;
  return access ? { Authorization: `Bearer ${access}` } : {};
}
