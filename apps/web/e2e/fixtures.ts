// What every journey needs: a server of the real binary, which carries the app, a model whose words the test decides, and
// somebody who is signed in. RACONTEUR_BIN names the binary; `npm run build` comes before it is built.
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { test as base, expect, type Page } from "@playwright/test";
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

/** The way to a server, which carries the app, and which a test can cut with all that is open on it. */
async function wayTo(server: Raconteur): Promise<App> {
  const open = new Set<Socket>();
  const way = createServer((client) => {
    const { hostname, port } = new URL(server.url);
    const there = connect(Number(port), hostname);
    // Whatever breaks on one side breaks on the other.
    for (const [one, other] of [
      [client, there],
      [there, client],
    ] as const) {
      open.add(one);
      one.pipe(other);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        open.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => way.listen(0, "127.0.0.1", resolve));
  const hangUp = () => {
    for (const socket of open) socket.destroy();
  };
  const close = () => {
    hangUp();
    return new Promise<void>((resolve) => way.close(() => resolve()));
  };
  return { url: `http://127.0.0.1:${(way.address() as AddressInfo).port}`, hangUp, close };
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  house: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from the pattern what a fixture needs.
    async ({}, use) => {
      const model = await Model.start();
      const server = await Raconteur.start({ OPENAI_BASE_URL: model.baseUrl, KEEP_REASONING: "True" });
      const app = await wayTo(server);
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
