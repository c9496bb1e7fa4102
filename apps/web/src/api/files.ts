import { errorOf } from "@raconteur/api";

/** A file that the server made, with the name that it gave it. */
export type DownloadedFile = { blob: Blob; name: string };

/** The file that a request is answered with. @throws {@link ApiError} where the server refused. */
export async function fileIn(
  request: Promise<{ data?: unknown; error?: unknown; response: Response }>,
  fallbackName: string,
): Promise<DownloadedFile> {
  const { data, error, response } = await request;
  if (!response.ok) throw errorOf(response.status, error);
  return { blob: data as Blob, name: fileName(response.headers.get("Content-Disposition")) ?? fallbackName };
}

/** The file's name in a `Content-Disposition`: `filename*` goes before `filename`, as RFC 6266 says. */
export function fileName(disposition: string | null): string | undefined {
  const extended = /filename\*\s*=\s*utf-8''([^;]+)/i.exec(disposition ?? "")?.[1];
  if (extended !== undefined) {
    try {
      return decodeURIComponent(extended.trim());
    } catch {
      // Not what it says that it is. There may be the plain one.
    }
  }
  const plain = /filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))/i.exec(disposition ?? "");
  return plain?.[1]?.replace(/\\(.)/g, "$1") ?? plain?.[2];
}

/** Gives a file to the browser, to be kept where its person keeps files. */
export function saveFile({ blob, name }: DownloadedFile): void {
  const url = URL.createObjectURL(blob);
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
