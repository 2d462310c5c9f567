// Makes calls for the page around this frame, from this frame's origin. Listens to pages of the demo only.

import { perform } from "./perform.js";

function isDemo(origin) {
  const { protocol, hostname, port } = new URL(origin);
  const loopback = hostname === "127.0.0.1" || hostname === "localhost" || hostname.endsWith(".localhost");
  return protocol === "http:" && loopback && port === location.port;
}

addEventListener("message", async (event) => {
  if (event.source !== parent || event.origin === "null" || !isDemo(event.origin)) return;
  parent.postMessage({ id: event.data.id, result: await perform(event.data.request) }, event.origin);
});
parent.postMessage({ ready: true }, "*");
