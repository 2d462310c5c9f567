// The playground's state as text in the address, and back. Text of others is checked: what is no state is null.

const KEYS = ["policy", "version", "ownCors", "origin", "method", "credentials", "headers", "body"];
const MAX_CHARACTERS = 60_000;
const PAGE = "{page}"; // stands for the page's origin, which is another where the link is opened

/** The state in letters that an address may have; null where it is too long for one. */
export function encodeState(values) {
  const text = JSON.stringify(KEYS.map((key) => values[key])).replaceAll(location.origin, PAGE);
  const bytes = new TextEncoder().encode(text);
  if (bytes.length > MAX_CHARACTERS) return null;
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** The state that somebody encoded, each value a string; null where it is none. */
export function decodeState(text) {
  try {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
    const json = new TextDecoder("utf-8", { fatal: true }).decode(bytes).replaceAll(PAGE, location.origin);
    const values = JSON.parse(json);
    if (!Array.isArray(values) || values.length !== KEYS.length) return null;
    if (!values.every((value) => typeof value === "string")) return null;
    return Object.fromEntries(KEYS.map((key, index) => [key, values[index]]));
  } catch {
    return null;
  }
}
