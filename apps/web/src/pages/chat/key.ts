/** A name that nobody has given to anything. (`crypto.randomUUID` is missing on pages that were not loaded securely.) */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
