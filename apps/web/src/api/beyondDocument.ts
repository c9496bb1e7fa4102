import { api } from "./client.ts";

type Answer<Data> = Promise<{ data?: Data; error?: unknown; response: Response }>;
type Options = { body?: unknown; signal?: AbortSignal; parseAs?: "json" | "blob" };

/**
 * A request to a path that the document of the oldest server this app works with does not have. Once it does, ask {@link api}
 * instead, which knows the types.
 */
export function beyondDocument<Data = unknown>(
  method: "GET" | "DELETE",
  path: string,
  options: Options = {},
): Answer<Data> {
  const request = api[method] as unknown as (path: string, options: Options) => Answer<Data>;
  return request(path, options);
}
