// Shows one outcome: what the browser did, what its standard says, the checks, the exchanges and the fix.
// Does not know where the call came from.

import { h, withCode } from "./dom.js";
import { fileParts, fileSummary, fileVerdict } from "./file-outcome.js";

const DECIDING = /^(origin|vary|access-control-.*)$/i;
const MARKS = { passed: ["✓", "passed"], failed: ["✗", "failed"], skipped: ["–", "not reached"], note: ["i", "note"] };

const MADE_NOT = "crossgate does not start with this policy";

/**
 * A view is `file` (see file-outcome.js), `waiting`, `outdated` (the form was changed since), `refused` (the policy does not start), or a `call`:
 * `browser` is perform()'s result, `explanation` the page server's; each may be null while it is on its way.
 * `onFix` takes a CORS block with the fixes made; without it none is offered.
 */
export function renderOutcome(container, view) {
  container.replaceChildren(h("div", {}, VIEWS[view.kind](view)));
}

const VIEWS = {
  file: fileParts,
  waiting: () => h("p", { class: "banner waiting" }, "One moment …"),
  outdated: ({ onRun }) => [
    h("p", { class: "banner waiting" }, "The form was changed: nothing is known of this request yet."),
    h("button", { class: "apply", type: "button", onclick: onRun }, "Try it"),
  ],
  refused: ({ diagnostics, more, problem }) => [
    bannerOf("failed", "✗", MADE_NOT),
    problem ? h("p", { class: "reason" }, problem) : null,
    diagnosticsOf(diagnostics, more, "What is wrong with it"),
  ],
  call: ({ request, origin, browser, explanation, problem, onFix, diagnostics, more }) => [
    browser ? banner(browser) : h("p", { class: "banner waiting" }, "The browser is at it …"),
    h("p", { class: "request-line" }, h("b", {}, request.method), " ", request.url,
      h("span", { class: "from" }, " from ", h("code", {}, origin))),
    problem ? h("p", { class: "banner problem" }, problem) : null,
    explanation?.reason ? reasonOf(explanation, browser) : null,
    explanation?.fixes?.length ? fixesOf(explanation, onFix) : null,
    diagnosticsOf(diagnostics ?? [], more, "What check says of the policy"),
    explanation?.checks?.length ? checksOf(explanation.checks) : null,
    explanation?.way && !explanation.exchanges?.at(-1)?.preflight ? wayOf(explanation.way) : null,
    browser ? scriptView(browser) : null,
    explanation?.exchanges?.length ? exchangesOf(explanation.exchanges) : null,
  ],
};

/** A view in few words: tone, mark, text, and the verdict of a finished call. */
export function verdictOf(view) {
  if (view.kind === "file") return fileVerdict(view);
  if (view.kind === "outdated") return { tone: "waiting", mark: "…", text: "Changed, not tried" };
  if (view.kind === "refused") return { tone: "failed", mark: "✗", text: "Does not start", verdict: "refused" };
  if (view.kind !== "call" || !view.browser) return { tone: "waiting", mark: "…", text: "One moment" };
  return view.browser.read
    ? { tone: "passed", mark: "✓", text: `Readable: status ${view.browser.status}`, verdict: view.finished && "allowed" }
    : { tone: "failed", mark: "✗", text: "Blocked", verdict: view.finished && "blocked" };
}

/** One sentence for screen readers, which are not to hear the whole panel. */
export function summaryOf(view) {
  if (view.kind === "file") return fileSummary(view);
  const { browser, explanation } = view;
  const did = browser.read ? `The browser let the page read status ${browser.status}.` : "The browser blocked the call.";
  return explanation?.reason ? `${did} ${explanation.reason}` : did;
}

function banner(browser) {
  return browser.read
    ? bannerOf("passed", "✓", `The page may read the answer: status ${browser.status}`)
    : bannerOf("failed", "✗", "The browser keeps the answer from the page");
}

function bannerOf(tone, mark, text) {
  return h("p", { class: `banner ${tone}` }, h("span", { class: "mark", "aria-hidden": "true" }, mark), h("span", {}, text));
}

function diagnosticsOf(diagnostics, more, title) {
  if (!diagnostics.length) return null;
  return h("section", { class: "block" }, h("h3", {}, title),
    h("div", { class: "diagnostics" }, diagnostics.map(diagnosticView)),
    more ? h("p", { class: "names" }, `And ${more} more.`) : null);
}

function diagnosticView(found) {
  const code = found.page ? pageLink(found.page, found.code) : found.code;
  return h("div", { class: `diagnostic ${found.severity}` },
    h("p", {}, h("b", {}, found.severity, found.code ? [" ", code] : null), " ", withCode(found.message)),
    found.path ? h("p", { class: "at" }, "at ", h("code", {}, found.path)) : null,
    found.krakend ? h("p", {}, h("b", {}, "KrakenD: "), withCode(found.krakend)) : null,
    found.hint ? h("p", {}, h("b", {}, "Hint: "), withCode(found.hint)) : null);
}

function pageLink(href, name) {
  return h("a", { href, target: "_blank", rel: "noopener" }, name);
}

function reasonOf(explanation, browser) {
  const same = !browser || (explanation.verdict === "allowed") === browser.read;
  return h("section", { class: "block" },
    h("h3", {}, "Why"),
    h("p", { class: "reason" }, withCode(explanation.reason)),
    explanation.because ? h("p", { class: "reason" }, "In the policy: ", withCode(explanation.because)) : null,
    browser ? h("table", { class: "judges" },
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Judge"), h("th", { scope: "col" }, "Verdict"),
        h("th", { scope: "col" }, "Requests"))),
      h("tbody", {},
        h("tr", {}, h("th", { scope: "row" }, "This browser"), h("td", {}, browser.read ? "allowed" : "blocked"),
          h("td", {}, explanation.browser_sent ? methods(explanation.browser_sent) : "not watched")),
        h("tr", {}, h("th", { scope: "row" }, `The model of ${explanation.browser === "firefox" ? "Firefox" : "Chromium"}`), h("td", {}, explanation.verdict),
          h("td", {}, methods(explanation.exchanges.map(({ request }) => request.line.split(" ")[0])))),
      )) : null,
    same ? null : h("p", { class: "banner problem" },
      "The two disagree. The page's script cannot see why; the browser's console may say more."),
    explanation.chromium_error
      ? h("p", { class: "names" }, "Chromium calls it ", explanation.error_page
          ? pageLink(explanation.error_page, h("code", {}, explanation.chromium_error))
          : h("code", {}, explanation.chromium_error),
        explanation.firefox_error ? [", Firefox ", h("code", {}, explanation.firefox_error)] : null, ".")
      : null,
  );
}

function methods(names) {
  return names.length ? names.join(", ") : "none";
}

function fixesOf({ fixes, fixed_block: fixed }, onFix) {
  return h("section", { class: "block" },
    h("h3", {}, "What would allow it"),
    h("ul", { class: "fixes" }, fixes.map((fix) => h("li", {},
      h("p", {}, withCode(fix.change)),
      fix.cost ? h("p", { class: "cost" }, withCode(fix.cost)) : null))),
    fixed && onFix
      ? h("button", { class: "apply", type: "button", onclick: () => onFix(fixed) }, "Change the policy so and try again")
      : null);
}

function checksOf(checks) {
  return h("section", { class: "block" },
    h("h3", {}, "Checks, in the browser's order"),
    h("ol", { class: "checks" }, checks.map((check) => {
      const [mark, word] = MARKS[check.outcome] ?? MARKS.note;
      return h("li", { class: check.outcome },
        h("span", { class: "mark", "aria-hidden": "true" }, mark),
        h("span", { class: "visually-hidden" }, `${word}: `),
        h("span", {}, h("b", {}, check.title), check.reason ? [" ", withCode(check.reason)] : null,
          check.section ? h("small", {}, ` ${check.section}`) : null));
    })));
}

function wayOf(way) {
  const at = (place) => (place ? h("small", {}, ` ${place}`) : null);
  return h("section", { class: "block way" },
    h("h3", {}, "The request's way at the gateway"),
    h("ol", { class: "checks" }, way.steps.map((step) => {
      const [mark, word] = MARKS[step.outcome] ?? MARKS.note;
      return h("li", { class: step.outcome },
        h("span", { class: "mark", "aria-hidden": "true" }, mark),
        h("span", { class: "visually-hidden" }, `${word}: `),
        h("span", {}, h("b", {}, step.component), step.namespace ? [" ", step.namespace] : null,
          step.reason ? [" ", h("code", {}, step.reason)] : null, at(step.place)));
    })),
    way.reason ? h("p", { class: "reason" }, way.reason_page ? pageLink(way.reason_page, h("code", {}, way.reason))
      : h("code", {}, way.reason), ": ", withCode(way.meaning)) : null,
    way.fix ? h("p", { class: "reason" }, withCode(way.fix)) : null,
    way.backends.map((line) => h("p", {}, "A backend gets ", h("code", {}, line))));
}

function scriptView(browser) {
  return h("section", { class: "block" },
    h("h3", {}, "What the page's script sees"),
    browser.read
      ? [
        h("p", {}, `Response type ${browser.type}, status ${browser.status}, ${browser.milliseconds} ms. `,
          browser.headers.length ? "Headers it may read:" : "It may read no header."),
        fieldTable(browser.headers),
        browser.body ? h("pre", { tabindex: "0", "aria-label": "Body" }, pretty(browser.body)) : null,
      ]
      : h("pre", { tabindex: "0", "aria-label": "Error" }, browser.error));
}

function exchangesOf(exchanges) {
  return h("section", { class: "block" },
    h("h3", {}, "What travels"),
    exchanges.map((exchange) => h("details", { class: "exchange", open: true },
      h("summary", {}, exchange.title),
      head("Request", exchange.request.line, exchange.request.fields),
      exchange.response
        ? head("Response", exchange.response.line, exchange.response.fields)
        : h("p", { class: "not-sent" }, exchange.missing ?? "No answer."))),
    exchanges.at(-1).preflight
      ? h("p", { class: "not-sent" }, "The request itself is never sent: the preflight was refused.")
      : null);
}

function head(title, line, fields) {
  return h("div", { class: "head" },
    h("h4", {}, title),
    h("pre", { tabindex: "0", "aria-label": title },
      h("span", { class: "line" }, line), "\n",
      fields.map(([name, value]) => [
        DECIDING.test(name) ? h("mark", {}, `${name}: ${value}`) : `${name}: ${value}`, "\n"])));
}

function fieldTable(fields) {
  if (!fields.length) return null;
  return h("table", { class: "fields" }, h("tbody", {}, fields.map(([name, value]) =>
    h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, value)))));
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
