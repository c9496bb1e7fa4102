import { createClient, errorOf, type Server } from "@raconteur/api";
import { session } from "@/session/index.ts";

/** The server that the page came from, asked as whoever is signed in: what `stream` of `@raconteur/api` wants, too. */
export const server: Server = { baseUrl: globalThis.location.origin, fetch: session.fetch };

/** The API, typed by the server's own document. Wrap each request in {@link answer}. */
export const api = createClient(server);

/**
 * What the server answered to a request of {@link api}.
 *
 * @throws {@link ApiError} where it refused, what `fetch` throws where it could not be reached.
 */
export async function answer<Data>(
  request: Promise<{ data?: Data; error?: unknown; response: Response }>,
): Promise<Exclude<Data, undefined>> {
  const { data, error, response } = await request;
  if (!response.ok) throw errorOf(response.status, error);
  return data as Exclude<Data, undefined>;
}
