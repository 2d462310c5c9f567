// Calls from other origins than this page's: hidden frames, one for each origin, opened when first needed.

const frames = new Map();
const READY_WITHIN_MS = 5000;

/** The origins a call can be made from, with what to call them. */
export function callingOrigins() {
  const at = (host) => `http://${host}:${location.port}`;
  const names = ["127.0.0.1", "localhost", "app.localhost"].map(at).filter((origin) => origin !== location.origin);
  return [
    { origin: location.origin, label: `${location.origin} (this page)` },
    ...names.map((origin) => ({ origin, label: origin })),
    { origin: "null", label: "null (a sandboxed frame)" },
  ];
}

/** perform() as a script of that origin would do it. */
export async function performFrom(origin, request) {
  if (!frames.has(origin)) frames.set(origin, openFrame(origin));
  try {
    return await (await frames.get(origin))(request);
  } catch (error) {
    frames.delete(origin);
    return { read: false, error: error.message, milliseconds: 0 };
  }
}

function openFrame(origin) {
  return new Promise((resolve, reject) => {
    const frame = document.createElement("iframe");
    frame.hidden = true;
    frame.title = `Calls from ${origin}`;
    if (origin === "null") frame.setAttribute("sandbox", "allow-scripts"); // no allow-same-origin: an opaque origin
    frame.src = `${origin === "null" ? "" : origin}/frame.html`;
    const waiting = new Map();
    let turn = 0;
    const ask = (request) => new Promise((done) => {
      turn += 1;
      waiting.set(turn, done);
      frame.contentWindow.postMessage({ id: turn, request }, origin === "null" ? "*" : origin);
    });
    addEventListener("message", (event) => {
      if (event.source !== frame.contentWindow) return;
      if (event.data.ready) resolve(ask);
      else waiting.get(event.data.id)?.(event.data.result);
    });
    setTimeout(() => {
      reject(new Error(`The frame on ${origin} did not open.`));
    }, READY_WITHIN_MS);
    document.body.append(frame);
  });
}
