// The gateway files and requests that the file view offers: small ones, each of which shows one thing.

const SHOP = `{
  "version": 3,
  "port": 8080,
  "host": ["http://shop.internal:9000"],
  "extra_config": {
    "security/cors": {
      "allow_origins": ["https://app.example.com"],
      "allow_methods": ["GET", "POST"],
      "allow_headers": ["Authorization", "Content-Type"],
      "max_age": "2h"
    }
  },
  "endpoints": [
    {
      "endpoint": "/users/{id}",
      "input_query_strings": ["page"],
      "backend": [{ "url_pattern": "/v1/users/{id}" }]
    },
    {
      "endpoint": "/orders",
      "method": "POST",
      "extra_config": {
        "auth/validator": {
          "alg": "RS256",
          "issuer": "https://id.example.com",
          "audience": ["https://shop.example.com"],
          "jwk_url": "https://id.example.com/keys"
        },
        "validation/json-schema": {
          "type": "object",
          "required": ["article"],
          "properties": { "article": { "type": "string" }, "count": { "type": "integer", "minimum": 1 } }
        }
      },
      "backend": [{ "url_pattern": "/v1/orders" }]
    },
    {
      "endpoint": "/articles/{id}",
      "method": "PUT",
      "input_headers": ["Content-Type"],
      "backend": [{ "url_pattern": "/v1/articles/{id}" }]
    }
  ]
}
`;

const BOTS = `version: 3
port: 8080
host:
  - http://shop.internal:9000
extra_config:
  security/bot-detector:
    patterns:
      - (?i)curl|wget
endpoints:
  - endpoint: /prices
    backend:
      - url_pattern: /v1/prices
`;

const MISSPELT = SHOP.replace('"allow_origins"', '"allowed_origins"');

/** A token whose claims are these; nobody signed it. */
function token(claims) {
  const encode = (value) => btoa(JSON.stringify(value)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  return `${encode({ alg: "RS256", kid: "1" })}.${encode(claims)}.c2lnbmF0dXJl`;
}

const SHOPPER = { iss: "https://id.example.com", sub: "7", exp: 4102444800 };
const order = (audience, body) => ({
  method: "POST",
  url: "/orders",
  headers: `Authorization: Bearer ${token({ ...SHOPPER, aud: audience })}\nContent-Type: application/json`,
  body,
});

export const FILE_PRESETS = [
  {
    id: "method", title: "A page's PUT that CORS blocks",
    note: "The endpoint is there, but `allow_methods` does not list PUT. The change is offered as a button.",
    text: SHOP,
    request: { method: "PUT", url: "/articles/7", origin: "https://app.example.com", body: "{}", headers: "Content-Type: application/json" },
  },
  {
    id: "audience", title: "A token for another audience",
    note: "Its keys would be fetched, which is not done here. All else about the token is judged.",
    text: SHOP,
    request: order("https://other.example.com", '{"article": "A-7"}'),
  },
  {
    id: "body", title: "A body that the schema refuses",
    note: "The token is fine this time; `count` is too small.",
    text: SHOP,
    request: order("https://shop.example.com", '{"article": "A-7", "count": 0}'),
  },
  {
    id: "bot", title: "A curl command that is taken for a bot",
    note: "A YAML file, and a pattern that finds curl's User-Agent.",
    text: BOTS,
    request: { curl: "curl https://api.example.com/prices -H 'Accept: application/json'" },
  },
  {
    id: "passes", title: "A request that passes",
    note: "What the backend gets: `debug` is missing, because `input_query_strings` does not list it.",
    text: SHOP,
    request: { method: "GET", url: "/users/7?page=2&debug=1" },
  },
  {
    id: "misspelt", title: "A file that does not start",
    note: "KrakenD ignores the misspelt key and then allows every origin.",
    text: MISSPELT,
    request: { method: "GET", url: "/users/7" },
  },
];
