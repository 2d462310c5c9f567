// Shows what `crossgate explain` and `crossgate check` say of a gateway file and a request. Knows the server's answer.

import { h, withCode } from "./dom.js";

const MARKS = { passed: ["✓", "passed"], refused: ["✗", "refused"], "not-asked": ["–", "not looked at"] };
const CHECKS = { passed: ["✓", "passed"], failed: ["✗", "failed"], skipped: ["–", "not reached"], note: ["i", "note"] };
const TITLE = "What crossgate check says of the file";
const VERDICTS = {
  passes: ["passed", "✓", ({ method, route }) => `Passes: the endpoint ${method} ${route} takes it`],
  answered: ["passed", "✓", ({ status }) => `The gateway answers it itself: status ${status}`],
  redirected: ["waiting", "→", ({ status }) => `The gateway redirects it: status ${status}`],
  refused: ["failed", "✗", ({ status }) => (status ? `The gateway refuses it: status ${status}` : "The gateway closes the connection")],
  blocked: ["failed", "✗", () => "A browser keeps the answer from the page"],
};

/** Tone, mark and text of an answer, and its verdict in one word. */
export function fileVerdict({ answer, problem }) {
  if (problem || answer.problem) return { tone: "problem", mark: "!", text: "Not explained", verdict: "problem" };
  if (!answer.starts) return { tone: "failed", mark: "✗", text: "crossgate does not start with this file", verdict: "not-started" };
  const { explanation } = answer;
  const [tone, mark, text] = VERDICTS[explanation.answer];
  return { tone, mark, text: text(explanation), verdict: explanation.answer };
}

/** One sentence for screen readers. */
export function fileSummary(view) {
  const { text } = fileVerdict(view);
  const meaning = view.answer?.explanation?.meaning;
  return meaning ? `${text}. ${meaning}` : `${text}.`;
}

/** The outcome's parts. `onLine` leads to a line of the text, `onChange` makes the change, where there is one. */
export function fileParts(view) {
  const { answer, problem } = view;
  const { tone, mark, text } = fileVerdict(view);
  const banner = h("p", { class: `banner ${tone}` },
    h("span", { class: "mark", "aria-hidden": "true" }, mark), h("span", {}, text));
  if (problem) return [banner, h("p", { class: "reason" }, problem)];
  const { explanation, request } = answer;
  return [
    banner,
    request ? requestLine(request) : null,
    answer.problem ? h("p", { class: "reason" }, answer.problem) : null,
    explanation?.not_judged.length
      ? h("p", { class: "banner problem" }, `Not judged: ${explanation.not_judged.join(", ")}. See the notes.`) : null,
    explanation?.reason || explanation?.meaning ? whyOf(explanation, view) : null,
    explanation?.fix ? changeOf(explanation, view) : null,
    explanation ? wayOf(explanation, view) : null,
    explanation?.cors ? pageOf(explanation.cors) : null,
    explanation?.backends.length ? backendsOf(explanation.backends) : null,
    explanation?.notes.length ? notesOf(explanation.notes) : null,
    diagnosticsOf(answer, view),
  ];
}

function requestLine(request) {
  return h("p", { class: "request-line" }, h("b", {}, request.method), " ", request.url,
    request.origin ? h("span", { class: "from" }, " from ", h("code", {}, request.origin)) : null);
}

function section(title, ...children) {
  return h("section", { class: "block" }, h("h3", {}, title), children);
}

function codeOf({ reason, reason_page: page }) {
  if (!reason) return null;
  const code = h("code", {}, reason);
  return page ? h("a", { href: page, target: "_blank", rel: "noopener" }, code) : code;
}

function lineButton(line, { onLine }) {
  return h("button", { class: "quiet line-link", type: "button", onclick: () => onLine(line) }, `line ${line}`);
}

function whyOf(explanation, view) {
  const code = codeOf(explanation);
  return section("Why",
    h("p", { class: "reason" }, code, code ? ": " : null, withCode(explanation.meaning)),
    explanation.line ? excerptOf(explanation.line, view) : null);
}

function excerptOf(line, view) {
  const around = [line - 1, line, line + 1].filter((one) => one >= 1 && one <= view.lines.length);
  return [
    h("p", { class: "names" }, "Decided in ", lineButton(line, view), ":"),
    h("pre", { class: "excerpt", tabindex: "0", "aria-label": "The deciding line" }, around.map((one) => {
      const text = `${String(one).padStart(5)}  ${view.lines[one - 1]}`;
      return [one === line ? h("mark", {}, text) : text, "\n"];
    })),
  ];
}

function changeOf({ fix, cors }, view) {
  const cost = cors?.fixes?.find((one) => !one.alternative)?.cost;
  return section("The smallest change",
    h("ul", { class: "fixes" }, h("li", {}, h("p", {}, withCode(fix)),
      cost && cors.verdict === "blocked" ? h("p", { class: "cost" }, withCode(cost)) : null)),
    view.onChange
      ? h("button", { class: "apply", type: "button", onclick: view.onChange }, "Make this change and explain again") : null);
}

function wayOf(explanation, view) {
  return h("section", { class: "block way" },
    h("h3", {}, "The request's way through the gateway"),
    h("ol", { class: "checks" }, explanation.steps.map((step) => {
      const [mark, word] = MARKS[step.outcome];
      const kind = { refused: "failed", "not-asked": "skipped" }[step.outcome] ?? step.outcome;
      return h("li", { class: kind },
        h("span", { class: "mark", "aria-hidden": "true" }, mark),
        h("span", { class: "visually-hidden" }, `${word}: `),
        h("span", {}, h("b", {}, step.component.replaceAll("_", " ")),
          step.namespace ? [" ", h("code", {}, step.namespace)] : null,
          step.reason ? [" ", h("code", {}, step.reason)] : null,
          step.line ? [" ", lineButton(step.line, view)] : null,
          step.note ? h("small", { class: "left-out" }, ` ${step.note}`) : null));
    })));
}

function pageOf(cors) {
  const { checks, verdict, reason } = cors;
  return section("What the page gets to see",
    h("p", { class: "reason" }, verdict === "allowed" ? ["It may read the answer. ", withCode(reason)] : "Nothing of the answer."),
    cors.chromium_error ? h("p", { class: "names" }, "Chromium calls it ", h("code", {}, cors.chromium_error),
      cors.firefox_error ? [", Firefox ", h("code", {}, cors.firefox_error)] : null, ".") : null,
    h("details", { class: "exchange" }, h("summary", {}, "Checks, in the browser's order"),
      h("ol", { class: "checks" }, checks.map((check) => {
        const [mark, word] = CHECKS[check.outcome] ?? CHECKS.note;
        return h("li", { class: check.outcome },
          h("span", { class: "mark", "aria-hidden": "true" }, mark),
          h("span", { class: "visually-hidden" }, `${word}: `),
          h("span", {}, h("b", {}, check.step.replaceAll("-", " ")), check.reason ? [" ", withCode(check.reason)] : null));
      }))));
}

function backendsOf(backends) {
  return section("What backends would get",
    backends.map((one) => h("pre", { tabindex: "0", "aria-label": "A request to a backend" },
      h("span", { class: "line" }, `${one.method} ${one.url}`), "\n",
      one.headers.map(([name, value]) => `${name}: ${value}\n`), one.body ? `\n${one.body}` : null)),
    h("p", { class: "names" }, "None is called here."));
}

function notesOf(notes) {
  return section("Notes", h("ul", { class: "notes" }, notes.map((note) => h("li", {}, withCode(note)))));
}

function diagnosticsOf({ diagnostics, more_diagnostics: more }, view) {
  if (!diagnostics.length) return section(TITLE, h("p", {}, "It finds nothing wrong with the file."));
  return section(TITLE,
    h("div", { class: "diagnostics" }, diagnostics.map((found) => h("div", { class: `diagnostic ${found.severity}` },
      h("p", {}, h("b", {}, found.severity, " ",
        found.page ? h("a", { href: found.page, target: "_blank", rel: "noopener" }, found.code) : found.code),
      found.line ? [" ", lineButton(found.line, view)] : null, " ", withCode(found.message)),
      h("p", { class: "at" }, "at ", h("code", {}, found.path)),
      found.krakend ? h("p", {}, h("b", {}, "KrakenD: "), withCode(found.krakend)) : null,
      found.hint ? h("p", {}, h("b", {}, "Hint: "), withCode(found.hint)) : null))),
    more ? h("p", { class: "names" }, `And ${more} more.`) : null);
}
