// Who is signed in, for every tab of the browser.
//
// The access token lives in memory only. The refresh token is the server's cookie. All tabs share one session: they renew one
// at a time, tell each other the new token, and end together.
import { type components, errorFrom, errorOf } from "@raconteur/api";
import { expectSession, expectsSession } from "./hint.ts";

export type Credentials = components["schemas"]["Credentials"];

/** What a page may know of the session. */
export type SessionState = {
  /** Whether there is a session, or was one when last heard of. The server has the last word. */
  signedIn: boolean;
  /** Whether the last session ended without anybody's signing out. */
  expired: boolean;
  /** Counts sessions: whatever was loaded under another number belongs to somebody else. */
  epoch: number;
};

/** What tabs tell each other. */
type Message = { kind: "signed-in" | "renewed"; access: string } | { kind: "signed-out" };

const LOCK = "raconteur.renewal";

export class Session {
  readonly #baseUrl: string;
  readonly #channel: BroadcastChannel;
  readonly #listeners = new Set<() => void>();
  #access: string | undefined;
  #renewal: Promise<string | undefined> | undefined;
  #state: SessionState = {
    signedIn: expectsSession(),
    expired: false,
    epoch: 0,
  };

  /** A session with the server at this address, as a `Server` has it, shared with all who have the same channel. */
  constructor(baseUrl: string, channel: BroadcastChannel) {
    this.#baseUrl = baseUrl;
    this.#channel = channel;
    this.#channel.onmessage = ({ data }: MessageEvent<Message>) => this.#hear(data);
  }

  /** The state, the same object until it changes. */
  readonly state = (): SessionState => this.#state;

  /** Calls back after every change of the state, until what it answers is called. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** @throws {@link ApiError} where the server refuses. */
  async signIn(credentials: Credentials): Promise<void> {
    await this.#begin("/api/auth/login", credentials);
  }

  /** Makes an account and signs in to it. @throws {@link ApiError} where the server refuses. */
  async register(credentials: Credentials): Promise<void> {
    await this.#begin("/api/auth/register", credentials);
  }

  /**
   * Ends the session, here and in all tabs.
   *
   * @throws where the server cannot be told, for then the cookie would still be good: better to say so than to seem safe.
   */
  async signOut(): Promise<void> {
    const response = await this.fetch(`${this.#baseUrl}/api/auth/logout`, { method: "POST" });
    // A server without sessions to end knows no such path; one that has ended this one already knows no such token.
    if (!response.ok && response.status !== 404 && response.status !== 401) throw await errorFrom(response);
    this.#end(false);
    this.#tell({ kind: "signed-out" });
  }

  /**
   * `fetch` as whoever is signed in. An access token that has run out is renewed, once, and the request repeated; what the
   * server then answers is the answer.
   */
  readonly fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init);
    const access = this.#access ?? (this.#state.signedIn ? await this.#renew(undefined) : undefined);
    if (access === undefined) return fetch(request);
    const repeat = request.clone();
    const response = await fetch(authorized(request, access));
    if (!(await isStale(response))) return response;
    const renewed = await this.#renew(access);
    return renewed === undefined ? response : fetch(authorized(repeat, renewed));
  };

  async #begin(path: string, credentials: Credentials): Promise<void> {
    const response = await this.#post(path, { ...credentials, cookie: true });
    if (!response.ok) throw await errorFrom(response);
    const { access } = (await response.json()) as { access: string };
    this.#start(access);
    this.#tell({ kind: "signed-in", access });
  }

  /** A newer access token than `stale`, or none where the session has ended. All who ask at once share one renewal. */
  #renew(stale: string | undefined): Promise<string | undefined> {
    this.#renewal ??= exclusively(() => this.#renewNow(stale)).finally(() => {
      this.#renewal = undefined;
    });
    return this.#renewal;
  }

  async #renewNow(stale: string | undefined): Promise<string | undefined> {
    // While this tab waited for its turn, another one may have renewed for all, or ended it.
    if (this.#access !== stale || !this.#state.signedIn) return this.#access;
    const { epoch } = this.#state;
    const response = await this.#post("/api/auth/refresh", {});
    const answer: unknown = await response.json().catch(() => undefined);
    if (this.#state.epoch !== epoch) return this.#access;
    if (response.status === 400 || response.status === 401) {
      this.#end(true);
      return undefined;
    }
    // Anything else says nothing about the session: the server is busy or broken, and this request alone fails.
    if (!response.ok) throw errorOf(response.status, answer);
    const { access } = answer as { access: string };
    this.#access = access;
    this.#tell({ kind: "renewed", access });
    return access;
  }

  #post(path: string, body: unknown): Promise<Response> {
    return fetch(`${this.#baseUrl}${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Requested-With": "raconteur" },
      body: JSON.stringify(body),
    });
  }

  #hear(message: Message): void {
    if (message.kind === "signed-in") this.#start(message.access);
    else if (message.kind === "signed-out") this.#end(false);
    else if (this.#state.signedIn) this.#access = message.access;
  }

  #tell(message: Message): void {
    this.#channel.postMessage(message);
  }

  #start(access: string): void {
    this.#access = access;
    expectSession(true);
    this.#change({ signedIn: true, expired: false, epoch: this.#state.epoch + 1 });
  }

  #end(expired: boolean): void {
    this.#access = undefined;
    expectSession(false);
    this.#change({ signedIn: false, expired, epoch: this.#state.epoch + 1 });
  }

  #change(state: SessionState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

/** Runs this while no other tab runs its own. Pages that were not loaded securely have no locks: there, tabs take their chance. */
async function exclusively<Result>(run: () => Promise<Result>): Promise<Result> {
  const locks: LockManager | undefined = globalThis.navigator?.locks;
  return locks ? await locks.request(LOCK, run) : await run();
}

function authorized(request: Request, access: string): Request {
  request.headers.set("Authorization", `Bearer ${access}`);
  return request;
}

/** Whether the server refused because the access token is no longer good. */
async function isStale(response: Response): Promise<boolean> {
  if (response.status !== 401) return false;
  return (await errorFrom(response.clone())).code === "token_not_valid";
}
