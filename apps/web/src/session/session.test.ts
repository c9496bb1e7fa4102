// @vitest-environment node
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { expectSession, expectsSession } from "./hint.ts";
import { Session } from "./session.ts";

// A server that keeps API.md's contract for sessions in cookie mode, over real HTTP. It answers `renewal` to a renewal.
type Answer = { status: number; body: unknown };
const refused: Answer = { status: 401, body: { detail: "Token is invalid or expired", code: "token_not_valid" } };
const credentials = { email: "ada@example.org", password: "correct horse battery" };

let server: Server;
let baseUrl: string;
let asked: string[];
let bodies: string[];
let goodToken: string;
let renewal: () => Answer;
let channels: BroadcastChannel[];

function answer(request: IncomingMessage, body: string): Answer {
  asked.push(`${request.method} ${request.url}`);
  bodies.push(body);
  if (request.url === "/api/auth/login") {
    goodToken = "first";
    return { status: 200, body: { access: goodToken, user: { id: "1", email: credentials.email } } };
  }
  if (request.url === "/api/auth/refresh") {
    return request.headers["x-requested-with"] === undefined ? { status: 403, body: {} } : renewal();
  }
  if (request.url === "/api/auth/logout") return { status: 204, body: undefined };
  if (request.headers.authorization === undefined)
    return { status: 401, body: { detail: "?", code: "not_authenticated" } };
  return request.headers.authorization === `Bearer ${goodToken}` ? { status: 200, body: { ok: true } } : refused;
}

function renewTo(token: string): () => Answer {
  return () => {
    goodToken = token;
    return { status: 200, body: { access: token } };
  };
}

const renewals = () => asked.filter((line) => line === "POST /api/auth/refresh").length;

/** A session as a tab that has just been opened has it. */
function open(): Session {
  const channel = new BroadcastChannel("session");
  channels.push(channel);
  return new Session(baseUrl, channel);
}

/** What a browser keeps, as far as it is used here. Node.js has the rest of a browser that is needed. */
function storage(): Pick<Storage, "getItem" | "setItem" | "removeItem"> {
  const items = new Map<string, string>();
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
  };
}

beforeEach(async () => {
  channels = [];
  vi.stubGlobal("localStorage", storage());
  asked = [];
  bodies = [];
  goodToken = "first";
  renewal = () => refused;
  server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const { status, body: answered } = answer(request, body);
    response.writeHead(status, { "Content-Type": "application/json" });
    response.end(answered === undefined ? undefined : JSON.stringify(answered));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => {
  for (const channel of channels) channel.close();
  server.closeAllConnections();
  server.close();
});

describe("a session", () => {
  test("sends the access token that it was given at sign-in", async () => {
    const session = open();
    await session.signIn(credentials);
    expect((await session.fetch(`${baseUrl}/api/me`)).status).toBe(200);
  });

  test("renews a token that has run out, and repeats the request with its body", async () => {
    const session = open();
    await session.signIn(credentials);
    goodToken = "another";
    renewal = renewTo("second");
    const response = await session.fetch(`${baseUrl}/api/conversations`, {
      method: "POST",
      body: '{"character":"Bronn"}',
    });
    expect(response.status).toBe(200);
    expect(asked.slice(1)).toEqual(["POST /api/conversations", "POST /api/auth/refresh", "POST /api/conversations"]);
    expect(bodies.at(-1)).toBe('{"character":"Bronn"}');
  });

  test("renews once for all requests that find out at the same time", async () => {
    const session = open();
    await session.signIn(credentials);
    goodToken = "another";
    renewal = renewTo("second");
    const responses = await Promise.all([1, 2, 3].map((n) => session.fetch(`${baseUrl}/api/me?${n}`)));
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(renewals()).toBe(1);
  });

  test("does not go on when the renewed token is refused as well", async () => {
    const session = open();
    await session.signIn(credentials);
    goodToken = "nobody has it";
    renewal = () => ({ status: 200, body: { access: "useless" } });
    expect((await session.fetch(`${baseUrl}/api/me`)).status).toBe(401);
    expect(renewals()).toBe(1);
  });

  test("ends, and says that it expired, when the renewal is refused", async () => {
    const session = open();
    await session.signIn(credentials);
    goodToken = "another";
    await session.fetch(`${baseUrl}/api/me`);
    expect(session.state()).toMatchObject({ signedIn: false, expired: true });
    expect(expectsSession()).toBe(false);
  });

  test("outlives a server that cannot renew just now", async () => {
    const session = open();
    await session.signIn(credentials);
    goodToken = "another";
    renewal = () => ({ status: 503, body: { detail: "Busy.", code: "unavailable" } });
    await expect(session.fetch(`${baseUrl}/api/me`)).rejects.toMatchObject({ status: 503, code: "unavailable" });
    expect(session.state().signedIn).toBe(true);
  });

  test("is taken up again after the page was loaded anew", async () => {
    expectSession(true);
    renewal = renewTo("fresh");
    const session = open();
    expect(session.state().signedIn).toBe(true);
    expect((await session.fetch(`${baseUrl}/api/me`)).status).toBe(200);
  });

  test("of a visitor asks for no renewal", async () => {
    const session = open();
    expect((await session.fetch(`${baseUrl}/api/me`)).status).toBe(401);
    expect(renewals()).toBe(0);
  });

  test("is one in all tabs: sign-in, a renewed token, and sign-out reach the others", async () => {
    const one = open();
    const other = open();
    await one.signIn(credentials);
    await vi.waitFor(() => expect(other.state().signedIn).toBe(true));

    goodToken = "another";
    renewal = renewTo("second");
    await one.fetch(`${baseUrl}/api/me`);
    await vi.waitFor(async () => expect((await other.fetch(`${baseUrl}/api/me`)).status).toBe(200));
    expect(renewals()).toBe(1);

    await other.signOut();
    await vi.waitFor(() => expect(one.state()).toMatchObject({ signedIn: false, expired: false }));
  });

  test("is not over for anybody while the server cannot be told so", async () => {
    const session = open();
    await session.signIn(credentials);
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
    await expect(session.signOut()).rejects.toThrow();
    expect(session.state().signedIn).toBe(true);
  });
});
