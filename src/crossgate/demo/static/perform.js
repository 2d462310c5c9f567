// Makes one call with fetch() and tells what a script of this origin may see of the answer. Knows nothing of the page
// around it: it runs in the demo page itself and in its frames on other origins.

const GIVE_UP_AFTER_MS = 8000;
const MAX_BODY_CHARACTERS = 4000;

/** Turns a description of a call into its result; never throws. */
export async function perform({ method, url, headers, credentials, body }) {
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), GIVE_UP_AFTER_MS);
  const started = performance.now();
  try {
    // Pairs, not a Headers object: that would join the values of one name before fetch() sees them.
    const init = { method, headers, credentials, signal: giveUp.signal, cache: "no-store" };
    if (body) init.body = new TextEncoder().encode(body); // bytes: no Content-Type of the browser's own
    const response = await fetch(url, init);
    const text = await response.text();
    return {
      read: true,
      type: response.type,
      status: response.status,
      headers: [...response.headers],
      body: text.slice(0, MAX_BODY_CHARACTERS),
      milliseconds: Math.round(performance.now() - started),
    };
  } catch (error) {
    const message = giveUp.signal.aborted ? "No answer came in time." : `${error.name}: ${error.message}`;
    return { read: false, error: message, milliseconds: Math.round(performance.now() - started) };
  } finally {
    clearTimeout(timer);
  }
}
