// Puts the page together: the views as tabs, the list of calls, and the outcome beside them.
// The URL's fragment holds the state, so that a link shows the same: `#call=ID`, `#try=ID` (a preset), `#state=…`,
// `#file=ID` (a preset; a file of one's own is not put into the address). No element has such an id: browsers would scroll
// to it.

import { makeBoard } from "./board.js";
import { CALLS, describe } from "./calls.js";
import { buildFileView } from "./file.js";
import { h, post, withCode } from "./dom.js";
import { perform } from "./perform.js";
import { buildPlayground } from "./playground.js";

const byId = (id) => document.getElementById(id);
const board = makeBoard(byId("outcome-body"), byId("bar-verdict"), byId("announcement"));
const fragments = { calls: "", playground: "#playground", file: "#file" };
let tab = "calls";

/** Puts a tab's state into the address without leaving a trail in the history. */
function keepInAddress(owner, fragment) {
  fragments[owner] = fragment;
  if (owner === tab) history.replaceState(null, "", fragment || location.pathname);
}

function callButton(call, gatewayUrl) {
  const run = async () => {
    const request = describe(call, gatewayUrl);
    for (const other of document.querySelectorAll(".call")) other.removeAttribute("aria-current");
    button.setAttribute("aria-current", "true");
    keepInAddress("calls", `#call=${call.id}`);
    const explain = () => post("/api/explain", { ...request, origin: location.origin });
    await board.show("calls", board.begin("calls"), { request, origin: location.origin, makeCall: perform, explain });
  };
  const button = h("button", { class: "call", type: "button", id: `call-${call.id}`, onclick: run },
    h("span", { class: "title" }, call.title),
    h("span", { class: "line" }, `${call.method} ${call.path}`),
    h("span", { class: "note" }, withCode(call.note)));
  return h("li", {}, button);
}

function wireTabs(onOpen) {
  const tabs = [...document.querySelectorAll('[role="tab"]')];
  const select = (chosen, focus) => {
    for (const other of tabs) {
      other.setAttribute("aria-selected", String(other === chosen));
      other.tabIndex = other === chosen ? 0 : -1;
      byId(other.getAttribute("aria-controls")).hidden = other !== chosen;
    }
    if (focus) chosen.focus();
    tab = chosen.id.replace("tab-", "");
    byId("bar-run").hidden = tab === "calls";
    byId("bar-run").textContent = tab === "file" ? "Explain it" : "Try it";
    board.open(tab);
  };
  tabs.forEach((one, index) => {
    const open = (which, focus) => {
      select(which, focus);
      onOpen();
    };
    one.addEventListener("click", () => open(one, false));
    one.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step) open(tabs[(index + step + tabs.length) % tabs.length], true);
    });
  });
  return (id) => select(byId(`tab-${id}`), false);
}

function start() {
  const gatewayUrl = byId("gateway-origin").textContent; // the page's server wrote it there
  byId("page-origin").textContent = location.origin;
  for (const call of CALLS) byId(`calls-${call.group}`).append(callButton(call, gatewayUrl));
  const playground = buildPlayground(byId("view-playground"), board, (fragment) => keepInAddress("playground", fragment));
  const file = buildFileView(byId("view-file"), board, (fragment) => keepInAddress("file", fragment));
  const views = { playground, file };
  const ensureOutcome = () => {
    history.replaceState(null, "", fragments[tab] || location.pathname);
    if (tab === "file") file.draw(); // it could not be measured before
    if (board.has(tab)) return;
    if (tab in views) views[tab].run();
    else byId(`call-${CALLS[0].id}`).click(); // there is something to see at first sight
  };
  const select = wireTabs(ensureOutcome);
  const open = () => {
    const [, kind, value] = /^#(call|try|state|playground|file)(?:=(.*))?$/.exec(location.hash) ?? [];
    if (kind === "call" && CALLS.some((call) => call.id === value)) {
      select("calls");
      byId(`call-${value}`).click();
    } else if (kind === "try" || kind === "state") {
      select("playground");
      playground.open(kind, value ?? "");
    } else if (kind === "file" && value) {
      select("file");
      file.open(value);
    } else {
      select(kind ?? tab);
      ensureOutcome();
    }
  };
  byId("bar-run").addEventListener("click", () => views[tab].run());
  byId("bar-verdict").addEventListener("click", () => byId("outcome").scrollIntoView());
  byId("skip").addEventListener("click", (event) => {
    event.preventDefault(); // the fragment is the state's
    byId("outcome").focus();
  });
  addEventListener("hashchange", open);
  open();
}

start();
