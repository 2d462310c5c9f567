// Makes one request in the way a case says and reports what the script may see. Runs in pages and in sandboxed frames.

const GIVE_UP_AFTER_MS = 8000;

async function perform(step) {
  if (step.wait_ms) await new Promise((resume) => setTimeout(resume, step.wait_ms));
  try {
    return await (step.api === "xhr" ? performXhr(step) : performFetch(step));
  } catch (error) {
    return { read: false, error: `${error.name}: ${error.message}` };
  }
}

async function performFetch(step) {
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), GIVE_UP_AFTER_MS);
  try {
    // Pairs, not a Headers object: that would join the values of one name before fetch() sees them.
    const init = { method: step.method, headers: step.headers, credentials: step.credentials, mode: step.mode, redirect: step.redirect, signal: giveUp.signal };
    if (step.body) init.body = new TextEncoder().encode(step.body);
    const response = await fetch(step.url, init);
    await response.arrayBuffer().catch(() => null);
    return {
      read: response.type === "basic" || response.type === "cors",
      type: response.type,
      status: response.status,
      headers: [...response.headers.keys()].sort(),
    };
  } catch (error) {
    return { read: false, type: "error", error: giveUp.signal.aborted ? "timeout" : `${error.name}: ${error.message}` };
  } finally {
    clearTimeout(timer);
  }
}

function performXhr(step) {
  return new Promise((resolve) => {
    const xhr = new XMLHttpRequest();
    xhr.open(step.method, step.url);
    xhr.timeout = GIVE_UP_AFTER_MS;
    xhr.withCredentials = step.credentials === "include";
    for (const [name, value] of step.headers) xhr.setRequestHeader(name, value);
    if (step.upload_listener) xhr.upload.addEventListener("progress", () => {});
    xhr.onload = () => resolve({
      read: true,
      type: "cors",
      status: xhr.status,
      headers: xhr.getAllResponseHeaders().trim().split(/[\r\n]+/).filter(Boolean).map((line) => line.split(":")[0].toLowerCase()).sort(),
    });
    xhr.onerror = () => resolve({ read: false, type: "error", error: "error event" });
    xhr.ontimeout = () => resolve({ read: false, type: "error", error: "timeout" });
    xhr.send(step.body ? new TextEncoder().encode(step.body) : null);
  });
}
