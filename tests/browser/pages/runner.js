// Fetches this origin's cases from its own server, runs them in a few lanes, hands the results in and goes on to the
// next page origin. A case is a list of steps, made one after the other.

function openFrame() {
  return new Promise((resolve) => {
    const frame = document.createElement("iframe");
    frame.setAttribute("sandbox", "allow-scripts"); // without allow-same-origin: an opaque origin
    frame.src = "/frame.html";
    const waiting = new Map();
    let turn = 0;
    addEventListener("message", (event) => {
      if (event.source !== frame.contentWindow) return;
      if (event.data.ready) {
        resolve((step) => new Promise((done) => {
          turn += 1;
          waiting.set(turn, done);
          frame.contentWindow.postMessage({ id: turn, step }, "*");
        }));
      } else {
        waiting.get(event.data.id)(event.data.result);
        waiting.delete(event.data.id);
      }
    });
    document.body.append(frame);
  });
}

async function post(path, data) {
  await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(data) });
}

async function judge() {
  const browser = new URLSearchParams(location.search).get("browser");
  const docket = await (await fetch(`/docket.json?browser=${browser}`, { cache: "no-store" })).json();
  const inFrame = docket.cases.some((item) => item.sandboxed) ? await openFrame() : null;
  const results = {};
  for (const step of docket.warm_up) await perform(step);
  const queue = docket.cases.slice();
  const lane = async () => {
    for (let item = queue.shift(); item; item = queue.shift()) {
      const run = item.sandboxed ? inFrame : perform;
      const seen = [];
      for (const step of item.steps) seen.push(await run(step));
      results[item.id] = seen;
    }
  };
  await Promise.all(Array.from({ length: docket.lanes }, lane));
  await post(`/results?browser=${browser}`, results);
  document.getElementById("state").textContent = "Done.";
  if (docket.next) location.href = docket.next;
}

judge().catch((error) => post("/failure", { error: `${error}` }));
