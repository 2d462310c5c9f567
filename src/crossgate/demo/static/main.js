// Puts the page together: the views as tabs, the list of calls, and the outcome beside them.
// A fragment `#call=ID` makes that call as soon as the page is there, `#try=ID` tries that preset of the playground.

import { CALLS, describe } from "./calls.js";
import { h, post, withCode } from "./dom.js";
import { renderOutcome, summaryOf } from "./outcome.js";
import { perform } from "./perform.js";
import { buildPlayground } from "./playground.js";

const outcomeBody = document.getElementById("outcome-body");
const announcement = document.getElementById("announcement");
let latest = 0; // only the latest call may write the outcome

/** Performs and explains one call, showing each part as it arrives. `makeCall` is perform(), here or in a frame. */
async function show(request, origin, makeCall, explain, onFix) {
  const turn = (latest += 1);
  const view = { request, origin, browser: null, explanation: null, problem: "", onFix };
  const draw = () => turn === latest && renderOutcome(outcomeBody, view);
  announcement.textContent = "";
  draw();
  view.browser = await makeCall(request); // first the browser, undisturbed
  draw();
  try {
    view.explanation = await explain();
  } catch (error) {
    view.problem = error.message;
  }
  draw();
  if (turn === latest) {
    announcement.textContent = summaryOf(view.browser, view.explanation);
    outcomeBody.dataset.verdict = view.browser.read ? "allowed" : "blocked";
    if (window.matchMedia("(max-width: 60rem)").matches) document.getElementById("outcome").scrollIntoView();
  }
}

function callButton(call, gatewayUrl) {
  const run = async () => {
    const request = describe(call, gatewayUrl);
    for (const other of document.querySelectorAll(".call")) other.removeAttribute("aria-current");
    button.setAttribute("aria-current", "true");
    await show(request, location.origin, perform, () => post("/api/explain", { ...request, origin: location.origin }));
  };
  const button = h("button", { class: "call", id: `call-${call.id}`, onclick: run },
    h("span", { class: "title" }, call.title),
    h("span", { class: "line" }, `${call.method} ${call.path}`),
    h("span", { class: "note" }, withCode(call.note)));
  return h("li", {}, button);
}

function wireTabs() {
  const tabs = [...document.querySelectorAll('[role="tab"]')];
  const select = (tab, focus) => {
    for (const other of tabs) {
      const chosen = other === tab;
      other.setAttribute("aria-selected", String(chosen));
      other.tabIndex = chosen ? 0 : -1;
      document.getElementById(other.getAttribute("aria-controls")).hidden = !chosen;
    }
    if (focus) tab.focus();
  };
  tabs.forEach((tab, index) => {
    tab.addEventListener("click", () => select(tab, false));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step) select(tabs[(index + step + tabs.length) % tabs.length], true);
    });
  });
  return (id) => select(document.getElementById(`tab-${id}`), false);
}

async function start() {
  const gatewayUrl = document.getElementById("gateway-origin").textContent; // the page's server wrote it there
  document.getElementById("page-origin").textContent = location.origin;
  for (const call of CALLS) {
    document.getElementById(`calls-${call.group}`).append(callButton(call, gatewayUrl));
  }
  const tryPreset = buildPlayground(document.getElementById("playground"), show);
  const selectTab = wireTabs();
  const [, kind, id] = /^#(call|try)=([a-z-]+)$/.exec(location.hash) ?? [];
  if (kind === "call") document.getElementById(`call-${id}`)?.click();
  if (kind === "try" || location.hash === "#playground") selectTab("playground");
  if (kind === "try") await tryPreset(id);
}

start();
