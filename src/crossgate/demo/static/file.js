// The view of a gateway file: a file and a request to edit, and what `crossgate explain` says of the two.
// All of it is found out by the page's server; nothing is sent to any backend.

import { h, post, withCode } from "./dom.js";
import { makeEditor } from "./editor.js";
import { FILE_PRESETS } from "./file-presets.js";
import { OWN, field, listen } from "./form.js";

const TAB = "file";
const REQUEST = ["curl", "method", "url", "origin", "headers", "credentials", "client", "body"];

/** Builds the form in `section`. `run` asks about the form, `open` takes a preset first. */
export function buildFileView(section, board, keepInAddress) {
  const parts = formParts();
  const editor = makeEditor(parts.text);
  const presetNote = h("p", { class: "hint", id: "g-preset-note" });
  const curlNote = h("p", { class: "hint", id: "g-curl-note", role: "status" });
  const share = () => keepInAddress(parts.preset.value === OWN ? "#file" : `#file=${parts.preset.value}`);
  const describePreset = () => {
    const preset = FILE_PRESETS.find((one) => one.id === parts.preset.value);
    presetNote.replaceChildren(...(preset ? withCode(preset.note) : []));
  };
  const forget = () => {
    editor.mark(new Map());
    editor.light(null);
  };
  const edited = () => {
    parts.preset.value = OWN;
    describePreset();
    forget();
    board.outdate(TAB, run);
    share();
  };
  const apply = (change) => {
    parts.text.value = change.text;
    edited();
    run().then(() => editor.light(change.line));
  };
  async function run() {
    const turn = board.begin(TAB);
    share();
    const request = Object.fromEntries(REQUEST.map((key) => [key, parts[key].value]));
    let answer;
    try {
      answer = await post("/api/file", { text: parts.text.value, format: parts.format.value, request });
    } catch (error) {
      turn.set({ kind: "file", problem: error.message });
      return;
    }
    if (!turn.isLatest()) return; // the form is another one by now
    if (parts.curl.value.trim() && answer.request) {
      takeRequest(parts, answer.request);
      curlNote.replaceChildren("Taken from the curl command.");
    }
    editor.mark(marksOf(answer));
    editor.light(answer.explanation?.line ?? answer.diagnostics.find((one) => one.severity === "error")?.line ?? null);
    turn.set({
      kind: "file",
      answer,
      lines: parts.text.value.split("\n"),
      onLine: (line) => editor.go(line),
      onChange: answer.change ? () => apply(answer.change) : null,
    });
    board.announce(TAB, turn);
  }
  const choose = (id) => {
    const preset = FILE_PRESETS.find((one) => one.id === id) ?? FILE_PRESETS[0];
    fill(parts, preset);
    curlNote.replaceChildren();
    describePreset();
    parts.text.scrollTop = 0;
    forget();
    return run();
  };
  const form = buildForm(parts, editor.box, presetNote, curlNote);
  section.append(form);
  listen(form, {
    preset: parts.preset,
    pasted: [parts.text, parts.curl],
    run,
    choose,
    edited(control) {
      if (control === parts.curl) curlNote.replaceChildren();
      edited();
    },
  });
  fill(parts, FILE_PRESETS[0]);
  describePreset();
  return { run, open: choose, draw: editor.draw };
}

function formParts() {
  const options = (items) => items.map(([value, label]) => h("option", { value }, label));
  const plain = { autocomplete: "off", spellcheck: "false", autocapitalize: "off" };
  return {
    preset: h("select", { id: "g-preset" },
      options([...FILE_PRESETS.map(({ id, title }) => [id, title]), [OWN, "A file of your own"]])),
    text: h("textarea", { id: "g-text", rows: "18", wrap: "off", "aria-describedby": "g-text-note", ...plain }),
    format: h("select", { id: "g-format" }, options([["", "Detect"], ["json", "JSON"], ["yaml", "YAML"], ["toml", "TOML"]])),
    curl: h("textarea", { id: "g-curl", rows: "2", ...plain }),
    method: h("input", { id: "g-method", ...plain }),
    url: h("input", { id: "g-url", inputmode: "url", ...plain }),
    origin: h("input", { id: "g-origin", inputmode: "url", ...plain }),
    headers: h("textarea", { id: "g-headers", rows: "3", ...plain }),
    credentials: h("select", { id: "g-credentials" }, options([["same-origin", "without cookies"], ["include", "with cookies"]])),
    client: h("input", { id: "g-client", placeholder: "127.0.0.1", ...plain }),
    body: h("textarea", { id: "g-body", rows: "2", ...plain }),
  };
}

function buildForm(parts, editorBox, presetNote, curlNote) {
  return h("form", { class: "form", autocomplete: "off" },
    h("div", { class: "actions" },
      field("Start from", parts.preset, "g-preset-note"),
      h("button", { class: "run", type: "submit" }, "Explain it")),
    presetNote,
    h("fieldset", {},
      h("legend", {}, "The gateway file"),
      h("div", { class: "field" },
        h("label", { for: "g-text" }, "Paste a KrakenD file: 1.x or 2.x, in JSON, YAML or TOML"), editorBox),
      h("p", { class: "hint", id: "g-text-note" }, "It stays on this machine. Nothing in it is run, and nothing that it names is read or fetched."),
      field("Format", parts.format)),
    h("fieldset", {},
      h("legend", {}, "The request"),
      field("A curl command, if you have one", parts.curl, "g-curl-note"),
      curlNote,
      h("div", { class: "row narrow-first" }, field("Method", parts.method), field("URL or path", parts.url)),
      field("Origin of the page that sends it (empty: no page does)", parts.origin),
      h("div", { class: "row" }, field("Cookies", parts.credentials), field("The client's address", parts.client)),
      field("Headers, one `Name: value` on a line", parts.headers),
      field("Body", parts.body)));
}

function fill(parts, preset) {
  const values = { ...preset.request, text: preset.text, format: "", preset: preset.id };
  for (const key of [...REQUEST, "text", "format", "preset"]) parts[key].value = values[key] ?? "";
  if (parts.credentials.selectedIndex === -1) parts.credentials.selectedIndex = 0;
}

/** What a curl command asks for, in the fields, where it can be changed. */
function takeRequest(parts, request) {
  parts.curl.value = "";
  parts.method.value = request.method;
  parts.url.value = request.url;
  if (request.origin) parts.origin.value = request.origin;
  parts.headers.value = request.headers.map(([name, value]) => `${name}: ${value}`).join("\n");
  parts.body.value = request.body;
}

function marksOf({ diagnostics, explanation }) {
  const marks = new Map();
  for (const found of [...diagnostics].reverse()) { // the worst come first, and stay
    if (found.line) marks.set(found.line, { kind: found.severity, title: `${found.severity}: ${found.message}` });
  }
  if (explanation?.line) marks.set(explanation.line, { kind: "deciding", title: "This line decides." });
  return marks;
}
