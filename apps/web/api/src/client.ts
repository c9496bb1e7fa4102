// Requests, typed by the server's OpenAPI document.
import createFetchClient, { type Client } from "openapi-fetch";
import type { paths } from "./schema.ts";
import { authorization, type Server } from "./server.ts";

/** A client of one server. Its methods take a path of the document: `client.GET("/api/me")`. */
export function createClient(server: Server): Client<paths> {
  const client = createFetchClient<paths>({ baseUrl: server.baseUrl, ...(server.fetch && { fetch: server.fetch }) });
  client.use({
    async onRequest({ request }) {
      for (const [name, value] of Object.entries(await authorization(server))) request.headers.set(name, value);
    },
  });
  return client;
}
