// The calls that the first view offers. Each says what it shows; whether the browser lets it through is found out, not
// written down here: the groups are a heading, not a result.

export const CALLS = [
  {
    id: "simple-get", group: "allowed", title: "Simple GET",
    note: "No preflight: method and headers are safelisted.",
    method: "GET", path: "/hello",
  },
  {
    id: "path-parameter", group: "allowed", title: "GET with a path parameter and a query",
    note: "The query does not reach the backend: the endpoint names none.",
    method: "GET", path: "/users/42?page=2",
  },
  {
    id: "simple-post", group: "allowed", title: "Simple POST",
    note: "text/plain is a safelisted content type: as a form could send it.",
    method: "POST", path: "/messages", headers: [["Content-Type", "text/plain"]], body: "Hello there",
  },
  {
    id: "preflighted", group: "allowed", title: "Preflighted GET",
    note: "The underscore in Accept-Language is no safelisted byte, so the browser asks first. The header is allowed.",
    method: "GET", path: "/seen", headers: [["Accept-Language", "en_GB"]],
  },
  {
    id: "own-cors", group: "allowed", title: "A backend with CORS of its own",
    note: "Its Access-Control-Allow-Origin names somebody else; the gateway replaces it.",
    method: "GET", path: "/own-cors",
  },
  {
    id: "failing", group: "allowed", title: "A backend that fails",
    note: "Errors carry the CORS headers too, so the page sees the 503 and not a riddle.",
    method: "GET", path: "/failing",
  },
  {
    id: "slow", group: "allowed", title: "A backend that is too slow",
    note: "The endpoint waits 300 ms, the backend takes two seconds.",
    method: "GET", path: "/slow",
  },
  {
    id: "unknown-path", group: "allowed", title: "A path that does not exist",
    note: "A readable 404.",
    method: "GET", path: "/nowhere",
  },
  {
    id: "credentials", group: "refused", title: "GET with credentials",
    note: "The answer says `*`, which covers no request with credentials.",
    method: "GET", path: "/hello", credentials: "include",
  },
  {
    id: "method", group: "refused", title: "DELETE",
    note: "The preflight asks for a method that the policy does not list.",
    method: "DELETE", path: "/messages/7",
  },
  {
    id: "json-post", group: "refused", title: "POST of JSON",
    note: "application/json is not safelisted, and Content-Type is not in allow_headers.",
    method: "POST", path: "/messages", headers: [["Content-Type", "application/json"]], body: '{"text":"Hello"}',
  },
  {
    id: "own-header", group: "refused", title: "GET with a header of one's own",
    note: "X-Api-Key is not in allow_headers.",
    method: "GET", path: "/seen", headers: [["X-Api-Key", "open-sesame"]],
  },
];

/** The call as a description for perform() and for the page's server. */
export function describe(call, gatewayUrl) {
  return {
    method: call.method,
    url: gatewayUrl + call.path,
    headers: call.headers ?? [],
    credentials: call.credentials ?? "same-origin",
    body: call.body ?? "",
  };
}
