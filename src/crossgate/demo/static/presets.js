// Situations to start from in the playground: a policy, a request, and what there is to see.
// PAGE in a policy's text stands for this page's origin.

const documented = {
  allow_origins: ["*"],
  allow_methods: ["GET", "HEAD", "POST"],
  expose_headers: ["Content-Length", "Content-Type"],
  max_age: "12h",
  allow_headers: ["Accept-Language"],
  allow_credentials: false,
};

export const PRESETS = [
  {
    id: "exact-origin", title: "One exact origin, with credentials",
    note: "The way to do it: the origin by name, and true for credentials.",
    version: 3,
    policy: {
      allow_origins: ["PAGE"], allow_methods: ["GET", "PUT", "DELETE"], allow_headers: ["Authorization", "Content-Type"],
      expose_headers: ["X-Request-Id"], max_age: "1h", allow_credentials: true,
    },
    request: { method: "PUT", headers: "Authorization: Bearer token\nContent-Type: application/json", credentials: "include", body: "{}" },
  },
  {
    id: "wildcard-credentials", title: "Any origin, and credentials",
    note: "The most common mistake: it starts everywhere and works in no browser.",
    version: 3,
    policy: { allow_origins: ["*"], allow_methods: ["GET"], allow_credentials: true },
    request: { method: "GET", headers: "", credentials: "include", body: "" },
  },
  {
    id: "trailing-slash", title: "An origin with a slash at its end",
    note: "Origins have none, so the entry matches nobody.",
    version: 3,
    policy: { allow_origins: ["PAGE/"], allow_methods: ["GET"] },
    request: { method: "GET", headers: "", credentials: "same-origin", body: "" },
  },
  {
    id: "json-refused", title: "JSON to the documented block",
    note: "application/json needs a preflight, and Content-Type is not in allow_headers.",
    version: 2,
    policy: documented,
    request: { method: "POST", headers: "Content-Type: application/json", credentials: "same-origin", body: '{"text":"Hello"}' },
  },
  {
    id: "lower-case-patch", title: "patch in small letters",
    note: "Browsers put six methods into capitals. PATCH is not one of them.",
    version: 3,
    policy: { allow_origins: ["PAGE"], allow_methods: ["GET", "PATCH"], allow_headers: ["Content-Type"] },
    request: { method: "patch", headers: "", credentials: "same-origin", body: "x" },
  },
  {
    id: "sandboxed", title: "A sandboxed frame",
    note: "Its origin is null. Listing null would let every sandboxed frame of the world in.",
    version: 3,
    policy: { allow_origins: ["PAGE"], allow_methods: ["GET"] },
    request: { method: "GET", headers: "", credentials: "same-origin", body: "", origin: "null" },
  },
  {
    id: "other-name", title: "The same machine by another name",
    note: "localhost and 127.0.0.1 are different origins.",
    version: 3,
    policy: { allow_origins: ["PAGE"], allow_methods: ["GET"] },
    request: { method: "GET", headers: "", credentials: "same-origin", body: "", origin: "localhost" },
  },
  {
    id: "misspelt", title: "A misspelt key",
    note: "KrakenD ignores it and then allows any origin. crossgate does not start.",
    version: 3,
    policy: { allowed_origins: ["PAGE"] },
    request: { method: "GET", headers: "", credentials: "same-origin", body: "" },
  },
];

/** The policy's text, for this page. */
export function policyText(preset) {
  return blockText(preset.policy).replaceAll("PAGE", location.origin);
}

/** A CORS block as people write it. */
export function blockText(block) {
  return JSON.stringify(block, null, 2)
    .replace(/\[\s+([^[\]{}]*?)\s+\]/g, (_, items) => `[${items.replace(/\s*\n\s*/g, " ")}]`); // lists on one line
}
