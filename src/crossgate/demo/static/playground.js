// The playground: a policy and a request to edit, tried out in this browser against a real server with that policy.

import { h, post, withCode } from "./dom.js";
import { callingOrigins, performFrom } from "./frames.js";
import { PRESETS, blockText, policyText } from "./presets.js";

/** Builds the form in `section`. `show` displays an outcome. Returns what runs a preset by its id. */
export function buildPlayground(section, show) {
  const parts = formParts();
  const diagnostics = h("div", { class: "diagnostics", role: "status", "aria-live": "polite" });
  const run = async (event) => {
    event?.preventDefault();
    await tryOut(parts, diagnostics, show, (block) => {
      parts.policy.value = blockText(block);
      run();
    });
  };
  const form = h("form", { class: "form", onsubmit: run },
    field("Start from", parts.preset, "preset-note"),
    h("p", { class: "hint", id: "preset-note" }),
    h("fieldset", {},
      h("legend", {}, "The policy"),
      field("Configuration version", parts.version),
      field("The CORS block, as it stands in the file", parts.policy),
      diagnostics,
      h("label", { class: "check" }, parts.ownCors, h("span", {}, "The backend sends CORS headers of its own"))),
    h("fieldset", {},
      h("legend", {}, "The page's request"),
      field("From the origin", parts.origin),
      h("div", { class: "row" }, field("Method", parts.method), field("Credentials", parts.credentials)),
      field("Headers, one `Name: value` on a line", parts.headers),
      field("Body", parts.body)),
    h("button", { class: "run", type: "submit" }, "Try it in this browser"));
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) run(event);
  });
  section.append(
    h("p", { class: "lead" }, "Edit a policy and a request. A server with that policy answers; this browser and the ",
      "browser model each give their verdict."),
    form);
  parts.preset.addEventListener("change", () => fill(parts, parts.preset.value, diagnostics));
  fill(parts, PRESETS[0].id, diagnostics);
  return (id) => {
    if (!PRESETS.some((preset) => preset.id === id)) return undefined;
    parts.preset.value = id;
    fill(parts, id, diagnostics);
    return run();
  };
}

function formParts() {
  const options = (items) => items.map(([value, label]) => h("option", { value }, label));
  return {
    preset: h("select", { id: "f-preset" }, options(PRESETS.map(({ id, title }) => [id, title]))),
    version: h("select", { id: "f-version" }, options([["3", "3 (KrakenD 2.x)"], ["2", "2 (KrakenD 1.x)"]])),
    policy: h("textarea", { id: "f-policy", rows: "10", spellcheck: "false", autocomplete: "off" }),
    ownCors: h("input", { id: "f-own", type: "checkbox" }),
    origin: h("select", { id: "f-origin" }, options(callingOrigins().map(({ origin, label }) => [origin, label]))),
    method: h("input", { id: "f-method", autocomplete: "off", spellcheck: "false", autocapitalize: "off", required: true }),
    credentials: h("select", { id: "f-credentials" }, options([["same-origin", "same-origin (default)"], ["include", "include"], ["omit", "omit"]])),
    headers: h("textarea", { id: "f-headers", rows: "3", spellcheck: "false", autocomplete: "off" }),
    body: h("input", { id: "f-body", autocomplete: "off", spellcheck: "false" }),
  };
}

function field(label, control, describedBy) {
  if (describedBy) control.setAttribute("aria-describedby", describedBy);
  return h("div", { class: "field" }, h("label", { for: control.id }, withCode(label)), control);
}

function fill(parts, id, diagnostics) {
  const preset = PRESETS.find((one) => one.id === id);
  const origins = { null: "null", localhost: `http://localhost:${location.port}` };
  document.getElementById("preset-note")?.replaceChildren(...withCode(preset.note));
  parts.version.value = String(preset.version);
  parts.policy.value = policyText(preset);
  parts.ownCors.checked = false;
  parts.origin.value = origins[preset.request.origin] ?? location.origin;
  parts.method.value = preset.request.method;
  parts.credentials.value = preset.request.credentials;
  parts.headers.value = preset.request.headers;
  parts.body.value = preset.request.body;
  diagnostics.replaceChildren();
}

async function tryOut(parts, diagnostics, show, onFix) {
  let prepared;
  try {
    prepared = await post("/api/prepare", {
      policy: parts.policy.value,
      version: Number(parts.version.value),
      backend_cors: parts.ownCors.checked,
    });
  } catch (error) {
    prepared = { url: null, diagnostics: [{ severity: "error", code: "", message: error.message }] };
  }
  diagnostics.replaceChildren(...prepared.diagnostics.map(diagnosticView));
  if (!prepared.url) {
    diagnostics.prepend(h("p", { class: "banner problem" }, "crossgate does not start with this policy."));
    return;
  }
  const request = {
    method: parts.method.value,
    url: prepared.url,
    headers: headerPairs(parts.headers.value),
    credentials: parts.credentials.value,
    body: ["GET", "HEAD"].includes(parts.method.value.toUpperCase()) ? "" : parts.body.value,
  };
  const origin = parts.origin.value;
  await show(request, origin, (call) => performFrom(origin, call), () => post("/api/explain", { ...request, origin }), onFix);
}

function headerPairs(text) {
  return text.split("\n").filter((line) => line.trim()).map((line) => {
    const [name, ...rest] = line.split(":");
    return [name.trim(), rest.join(":").trim()];
  });
}

function diagnosticView(found) {
  return h("div", { class: `diagnostic ${found.severity}` },
    h("p", {}, h("b", {}, `${found.severity}${found.code ? ` ${found.code}` : ""}`), " ", withCode(found.message)),
    found.path ? h("p", { class: "at" }, "at ", h("code", {}, found.path)) : null,
    found.krakend ? h("p", {}, h("b", {}, "KrakenD: "), withCode(found.krakend)) : null,
    found.hint ? h("p", {}, h("b", {}, "Hint: "), withCode(found.hint)) : null);
}
