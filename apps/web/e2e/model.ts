import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What the server asked the model. */
export type Asked = { messages: { role: string; content: string }[] };

/**
 * A model behind the server, which says what a test has it say, when the test has it say it. It speaks OpenAI's protocol on a
 * real socket. What no test has planned is answered at once.
 */
export class Model {
  readonly #server: Server;
  #turns: Turn[] = [];
  #asked = 0;

  private constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async start(): Promise<Model> {
    const model = new Model();
    await new Promise<void>((listening) => model.#server.listen(0, "127.0.0.1", listening));
    return model;
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  /** How often it was asked. */
  get asked(): number {
    return this.#asked;
  }

  /** The next request is answered by this turn, word by word as the test says. */
  turn(): Turn {
    const turn = new Turn();
    this.#turns.push(turn);
    return turn;
  }

  /** The next request is answered with this, at once and whole. */
  say(text: string): void {
    const turn = this.turn();
    turn.say(text);
    turn.end();
  }

  /** The next request is refused. The server asks again by itself where that may help (429 and 5xx: three times in all). */
  refuse(status: number): void {
    this.turn().refuse(status);
  }

  /** Forgets what the last test planned. */
  reset(): void {
    for (const turn of this.#turns) turn.cut();
    this.#turns = [];
    this.#asked = 0;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = "";
    for await (const chunk of request) body += chunk;
    this.#asked++;
    let turn = this.#turns.shift();
    if (turn === undefined) {
      turn = new Turn();
      turn.say(`So be it, for the ${this.#asked}. time.`);
      turn.end();
    }
    turn.begin(JSON.parse(body) as Asked, response);
  }
}

/** One reply of the model. What it is told to say before anybody asks it says as soon as somebody does. */
export class Turn {
  /** What the server asked; waits until it does. */
  readonly asked: Promise<Asked>;
  /** Ends when the server has hung up, or has had everything. */
  readonly closed: Promise<void>;
  #planned: ((response: ServerResponse) => void)[] = [];
  #response: ServerResponse | undefined;
  #onAsked!: (asked: Asked) => void;
  #onClosed!: () => void;

  constructor() {
    this.asked = new Promise((resolve) => {
      this.#onAsked = resolve;
    });
    this.closed = new Promise((resolve) => {
      this.#onClosed = resolve;
    });
  }

  begin(asked: Asked, response: ServerResponse): void {
    this.#response = response;
    response.on("close", this.#onClosed);
    for (const step of this.#planned) step(response);
    this.#onAsked(asked);
  }

  /** Says this, in as many pieces as it has words. */
  say(text: string): void {
    this.#do((response) => {
      for (const piece of text.match(/\s*\S+\s*?|\s+/g) ?? []) write(response, { delta: { content: piece } });
    });
  }

  /** Thinks this aloud, as models do that reason. */
  think(text: string): void {
    this.#do((response) => write(response, { delta: { reasoning_content: text } }));
  }

  /** Has said everything. */
  end(): void {
    this.#do((response) => {
      write(response, { delta: {}, finish_reason: "stop" });
      response.end("data: [DONE]\n\n");
    });
  }

  /** Hangs up, in the middle of a word. */
  cut(): void {
    this.#do((response) => response.destroy());
  }

  refuse(status: number): void {
    this.#do((response) => {
      response.writeHead(status, { "Content-Type": "application/json" });
      response.end(JSON.stringify({ error: { message: "Not now.", type: "server_error" } }));
    });
  }

  #do(step: (response: ServerResponse) => void): void {
    if (this.#response) step(this.#response);
    else this.#planned.push(step);
  }
}

function write(response: ServerResponse, choice: object): void {
  if (!response.headersSent) response.writeHead(200, { "Content-Type": "text/event-stream" });
  const chunk = { id: "1", object: "chat.completion.chunk", choices: [{ index: 0, finish_reason: null, ...choice }] };
  response.write(`data: ${JSON.stringify(chunk)}\n\n`);
}
