// The playground: a policy and a request to edit, tried out in this browser against a real server with that policy.

import { h, post, withCode } from "./dom.js";
import { OWN, field, listen } from "./form.js";
import { callingOrigins, performFrom } from "./frames.js";
import { PRESETS, blockText, policyText } from "./presets.js";
import { decodeState, encodeState } from "./share.js";

const TAB = "playground";

/**
 * Builds the form in `section`. `board` shows outcomes, `keepInAddress` takes the fragment of the form's state.
 * `run` tries the form, `open` takes a preset or a state first.
 */
export function buildPlayground(section, board, keepInAddress) {
  const parts = formParts();
  const note = h("p", { class: "hint", id: "policy-note", role: "status" });
  const fill = (values) => {
    for (const [key, value] of Object.entries(values)) setValue(parts[key], value);
    note.replaceChildren();
  };
  const share = () => {
    const state = encodeState(valuesOf(parts));
    if (parts.preset.value !== OWN) keepInAddress(`#try=${parts.preset.value}`);
    else keepInAddress(state === null ? "#playground" : `#state=${state}`);
  };
  const run = async () => {
    const turn = board.begin(TAB); // whatever was shown is gone from here on
    share();
    await tryOut(parts, note, board, turn, (block) => {
      setValue(parts.policy, blockText(block));
      edited();
      run();
    });
    if (turn.isLatest()) share();
  };
  const edited = () => {
    parts.preset.value = OWN;
    describePreset(parts.preset.value);
    board.outdate(TAB, run);
    share();
  };
  const choose = (id) => {
    const preset = PRESETS.find((one) => one.id === id);
    fill(presetValues(preset));
    parts.preset.value = id;
    describePreset(id);
    return run();
  };
  const form = buildForm(parts, note, share);
  section.append(form);
  listen(form, {
    preset: parts.preset,
    pasted: [parts.policy],
    run,
    choose,
    edited(control) {
      if (control === parts.policy) note.replaceChildren();
      edited();
    },
  });
  fill(presetValues(PRESETS[0]));
  describePreset(PRESETS[0].id);
  return {
    run,
    open(kind, value) {
      if (kind === "try" && PRESETS.some((preset) => preset.id === value)) return choose(value);
      const values = kind === "state" ? decodeState(value) : null;
      if (values === null) {
        choose(PRESETS[0].id);
        note.replaceChildren("The address had no state that can be read: this is the first preset.");
        return undefined;
      }
      fill(values);
      parts.preset.value = OWN;
      describePreset(OWN);
      return run();
    },
  };
}

function buildForm(parts, note, share) {
  const copied = h("span", { class: "copied", role: "status" });
  const copy = async () => {
    share();
    await navigator.clipboard?.writeText(location.href).then(
      () => copied.replaceChildren("Copied."),
      () => copied.replaceChildren("The address bar has the link."),
    );
    setTimeout(() => copied.replaceChildren(), 3000);
  };
  return h("form", { class: "form", autocomplete: "off" },
    h("div", { class: "actions" },
      field("Start from", parts.preset, "preset-note"),
      h("button", { class: "run", type: "submit" }, "Try it")),
    h("p", { class: "hint", id: "preset-note" }),
    h("fieldset", {},
      h("legend", {}, "The policy"),
      field("The CORS block, or the whole file", parts.policy, "policy-note"),
      note,
      h("div", { class: "row" },
        field("Configuration version", parts.version),
        h("label", { class: "check" }, parts.ownCors, h("span", {}, "The backend sends CORS headers too")))),
    h("fieldset", {},
      h("legend", {}, "The page's request"),
      field("From the origin", parts.origin),
      h("div", { class: "row" }, field("Method", parts.method), field("Credentials", parts.credentials)),
      field("Headers, one `Name: value` on a line", parts.headers),
      field("Body", parts.body)),
    h("p", { class: "sharing" },
      h("button", { class: "quiet", type: "button", onclick: copy }, "Copy a link to this"), " ", copied));
}

function formParts() {
  const options = (items) => items.map(([value, label]) => h("option", { value }, label));
  return {
    preset: h("select", { id: "f-preset" },
      options([...PRESETS.map(({ id, title }) => [id, title]), [OWN, "A policy of your own"]])),
    version: h("select", { id: "f-version" }, options([["3", "3 (KrakenD 2.x)"], ["2", "2 (KrakenD 1.x)"]])),
    policy: h("textarea", { id: "f-policy", rows: "9", spellcheck: "false", autocomplete: "off" }),
    ownCors: h("input", { id: "f-own", type: "checkbox" }),
    origin: h("select", { id: "f-origin" }, options(callingOrigins().map(({ origin, label }) => [origin, label]))),
    method: h("input", { id: "f-method", autocomplete: "off", spellcheck: "false", autocapitalize: "off", required: true }),
    credentials: h("select", { id: "f-credentials" }, options([["same-origin", "same-origin (default)"], ["include", "include"], ["omit", "omit"]])),
    headers: h("textarea", { id: "f-headers", rows: "3", spellcheck: "false", autocomplete: "off" }),
    body: h("input", { id: "f-body", autocomplete: "off", spellcheck: "false" }),
  };
}

function describePreset(id) {
  const preset = PRESETS.find((one) => one.id === id);
  document.getElementById("preset-note").replaceChildren(...(preset ? withCode(preset.note) : []));
}

function presetValues(preset) {
  const origins = { null: "null", localhost: `http://localhost:${location.port}` };
  return {
    policy: policyText(preset),
    version: String(preset.version),
    ownCors: "",
    origin: origins[preset.request.origin] ?? location.origin,
    method: preset.request.method,
    credentials: preset.request.credentials,
    headers: preset.request.headers,
    body: preset.request.body,
  };
}

/** All of the form as strings, in the form in which `fill` takes it. */
function valuesOf(parts) {
  const { preset, ...others } = parts;
  return Object.fromEntries(Object.entries(others).map(([key, control]) =>
    [key, control.type === "checkbox" ? (control.checked ? "on" : "") : control.value]));
}

/** Of a list only what is in it can be chosen: the rest of the state may be somebody else's invention. */
function setValue(control, value) {
  if (control.type === "checkbox") control.checked = value === "on";
  else control.value = value;
  if (control.selectedIndex === -1) control.selectedIndex = 0;
}

async function tryOut(parts, note, board, turn, onFix) {
  const values = valuesOf(parts);
  let prepared;
  try {
    prepared = await post("/api/prepare", {
      policy: values.policy,
      version: Number(values.version),
      backend_cors: values.ownCors === "on",
    });
  } catch (error) {
    turn.set({ kind: "refused", diagnostics: [], problem: error.message });
    return;
  }
  if (!turn.isLatest()) return; // the form is another one by now
  if (prepared.note) {
    note.replaceChildren(...withCode(prepared.note));
    setValue(parts.version, String(prepared.version));
    if (prepared.block) setValue(parts.policy, blockText(prepared.block));
  }
  if (!prepared.url) {
    turn.set({ kind: "refused", diagnostics: prepared.diagnostics, more: prepared.more_diagnostics, problem: "" });
    return;
  }
  const { origin } = values;
  const request = {
    method: values.method,
    url: prepared.url,
    headers: headerPairs(values.headers),
    credentials: values.credentials,
    body: ["GET", "HEAD"].includes(values.method.toUpperCase()) ? "" : values.body,
  };
  await board.show(TAB, turn, {
    request,
    origin,
    makeCall: (call) => performFrom(origin, call),
    explain: () => post("/api/explain", { ...request, origin }),
    onFix,
    diagnostics: prepared.diagnostics,
    more: prepared.more_diagnostics,
  });
}

function headerPairs(text) {
  return text.split("\n").filter((line) => line.trim()).map((line) => {
    const [name, ...rest] = line.split(":");
    return [name.trim(), rest.join(":").trim()];
  });
}
