// What every journey needs: a server of the real binary, a model whose words the test decides, the built app, and somebody
// who is signed in. RACONTEUR_BIN names the binary; `npm run build` comes first.
import { test as base, expect, type Page } from "@playwright/test";
import { preview } from "vite";
import { Model } from "./model.ts";
import { Raconteur } from "./raconteur.ts";

export { expect };

/** Somebody who is signed in, and what they can do without the app. */
export type Person = {
  email: string;
  password: string;
  /** Asks the server as this person, and expects it to agree. */
  ask: <Answer>(method: string, path: string, body?: object) => Promise<Answer>;
};

type WorkerFixtures = { house: { model: Model; server: Raconteur; url: string } };
type TestFixtures = {
  /** The model behind the server. */
  model: Model;
  server: Raconteur;
  /** A new account. */
  person: Person;
  /** A page on which `person` has signed in. */
  signedIn: Page;
};

/** Serves the app for a server: its address, and what ends it. To be the server's own, once that has the app in it. */
async function serveApp(server: Raconteur): Promise<{ url: string; close: () => Promise<void> }> {
  const app = await preview({
    logLevel: "error",
    preview: { port: 0, host: "127.0.0.1", proxy: { "/api": server.url } },
  });
  const url = app.resolvedUrls?.local[0];
  if (url === undefined) throw new Error("the app is served nowhere");
  return { url: url.replace(/\/$/, ""), close: () => app.close() };
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  house: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from the pattern what a fixture needs.
    async ({}, use) => {
      const model = await Model.start();
      const server = await Raconteur.start({ OPENAI_BASE_URL: model.baseUrl, KEEP_REASONING: "True" });
      const app = await serveApp(server);
      await use({ model, server, url: app.url });
      await app.close();
      await server.stop();
      model.stop();
    },
    { scope: "worker" },
  ],

  baseURL: async ({ house }, use) => use(house.url),

  model: async ({ house }, use) => {
    await use(house.model);
    house.model.reset();
  },

  server: async ({ house }, use) => use(house.server),

  person: async ({ house }, use, { testId }) => {
    const account = { email: `${testId}-${Date.now()}@example.org`, password: "correct horse battery" };
    let access: string | undefined;
    const ask = async <Answer>(method: string, path: string, body?: object): Promise<Answer> => {
      const response = await fetch(`${house.server.url}/api${path}`, {
        method,
        headers: { "Content-Type": "application/json", ...(access && { Authorization: `Bearer ${access}` }) },
        ...(body && { body: JSON.stringify(body) }),
      });
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
      return (response.status === 204 ? undefined : await response.json()) as Answer;
    };
    ({ access } = await ask<{ access: string }>("POST", "/auth/register", account));
    await use({ ...account, ask });
  },

  signedIn: async ({ page, person }, use) => {
    await page.goto("/sign-in");
    await page.getByLabel("E-mail address").fill(person.email);
    await page.getByLabel("Password", { exact: true }).fill(person.password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.waitForURL("**/chats");
    await use(page);
  },
});
