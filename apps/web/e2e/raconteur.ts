import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const BINARY = resolve(process.env.RACONTEUR_BIN ?? "../../target/debug/raconteur");

/** A server of the real binary, on a port and a database of its own. */
export class Raconteur {
  readonly url: string;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #folder: string;
  #process: ChildProcess | undefined;
  #log = "";

  private constructor(port: number, folder: string, settings: Record<string, string>) {
    this.url = `http://127.0.0.1:${port}`;
    this.#folder = folder;
    this.#environment = {
      PATH: process.env.PATH,
      PORT: String(port),
      DATABASE_URL: `sqlite://${folder}/raconteur.db`,
      BCRYPT_COST: "4",
      RATE_LIMIT: "off",
      LOG: "warn",
      ...settings,
    };
  }

  /** Starts a server with these settings, as docs/CONFIGURATION.md has them. */
  static async start(settings: Record<string, string>): Promise<Raconteur> {
    const folder = await mkdtemp(join(tmpdir(), "raconteur-e2e-"));
    const server = new Raconteur(await freePort(), folder, settings);
    await server.resume();
    return server;
  }

  /** Starts it again, after {@link kill}, with the database that it had. */
  async resume(): Promise<void> {
    const child = spawn(BINARY, ["serve"], { cwd: this.#folder, env: this.#environment, stdio: "pipe" });
    this.#process = child;
    const keep = (text: Buffer) => {
      this.#log += text;
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    const failed = new Promise<never>((_, reject) => {
      child.on("error", reject);
      child.on("exit", (code) => reject(new Error(`${BINARY} ended with ${code}:\n${this.#log}`)));
    });
    failed.catch(() => undefined);
    await Promise.race([failed, this.#ready()]);
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((exited) => child.once("exit", exited));
    child.kill("SIGKILL");
    await gone;
  }

  /** Ends it for good. */
  async stop(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #ready(): Promise<void> {
    for (;;) {
      const response = await fetch(`${this.url}/readyz`).catch(() => undefined);
      if (response?.ok) return;
      await new Promise((wake) => setTimeout(wake, 25));
    }
  }
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((listening) => probe.listen(0, "127.0.0.1", listening));
  const { port } = probe.address() as AddressInfo;
  await new Promise((closed) => probe.close(closed));
  return port;
}
