// What every journey needs: a server of the real binary, a model whose words the test decides, the built app, and somebody
// who is signed in. RACONTEUR_BIN names the binary; `npm run build` comes first.
import { test as base, expect, type Page } from "@playwright/test";
import { type ProxyOptions, preview } from "vite";
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

type WorkerFixtures = { house: { model: Model; server: Raconteur; app: App } };
type TestFixtures = {
  /** The model behind the server. */
  model: Model;
  server: Raconteur;
  /** A new account. */
  person: Person;
  /** A page on which `person` has signed in. */
  signedIn: Page;
  /** The way from `page` to the server. */
  network: Network;
};

/** Cuts the way to the server, open connections and all, and mends it. */
export type Network = { cut: () => Promise<void>; mend: () => Promise<void> };

/** The app where a browser finds it. */
type App = { url: string; hangUp: () => void; close: () => Promise<void> };

/** Serves the app for a server. To be the server's own, once that has the app in it. */
async function serveApp(server: Raconteur): Promise<App> {
  const api: ProxyOptions = {
    target: server.url,
    configure: (proxy) => {
      // Whatever breaks behind the proxy breaks before it as well.
      proxy.on("proxyRes", (answer, _, response) => {
        answer.on("close", () => answer.complete || response.destroy());
      });
    },
  };
  const app = await preview({ logLevel: "silent", preview: { port: 0, host: "127.0.0.1", proxy: { "/api": api } } });
  const url = app.resolvedUrls?.local[0];
  if (url === undefined) throw new Error("the app is served nowhere");
  const hangUp = () => "closeAllConnections" in app.httpServer && app.httpServer.closeAllConnections();
  return { url: url.replace(/\/$/, ""), hangUp, close: () => app.close() };
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  house: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from the pattern what a fixture needs.
    async ({}, use) => {
      const model = await Model.start();
      const server = await Raconteur.start({ OPENAI_BASE_URL: model.baseUrl, KEEP_REASONING: "True" });
      const app = await serveApp(server);
      await use({ model, server, app });
      await app.close();
      await server.stop();
      model.stop();
    },
    { scope: "worker" },
  ],

  baseURL: async ({ house }, use) => use(house.app.url),

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

  network: async ({ page, house }, use) => {
    await use({
      cut: async () => {
        await page.context().setOffline(true);
        // The browser keeps the connections that it has.
        house.app.hangUp();
      },
      mend: () => page.context().setOffline(false),
    });
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
