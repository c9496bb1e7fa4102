/** The server refused. `code` is for programs and stays; `message` is for people. */
export class ApiError extends Error {
  override name = "ApiError";

  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    /** The whole answer: of a 400 about fields, each bad one with what is wrong about it. */
    readonly body: Record<string, unknown>,
  ) {
    super(detail);
  }
}

/** The error that an answer is, also where somebody on the way made it and it is no JSON. */
export async function errorFrom(response: Response): Promise<ApiError> {
  return errorOf(response.status, await response.json().catch(() => undefined));
}

/** The error that an answer with this status is, once its body has been read. */
export function errorOf(status: number, body: unknown): ApiError {
  const fields = typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  const { code, detail } = fields;
  return new ApiError(
    status,
    typeof code === "string" ? code : "unknown",
    typeof detail === "string" ? detail : `The server answered ${status}.`,
    fields,
  );
}
