// What the outcome panel shows: for each tab the outcome of its latest request, and nothing that belongs to another.
// Knows views and turns; does not know how a call is made.

import { renderOutcome, summaryOf, verdictOf } from "./outcome.js";

/** `body` is the panel, `bar` the verdict at a small screen's edge, `announcement` is for screen readers. */
export function makeBoard(body, bar, announcement) {
  const views = new Map(); // by tab
  const turns = new Map(); // by tab: only the latest turn may write
  let active = "";

  const draw = () => {
    const view = views.get(active) ?? { kind: "waiting" };
    renderOutcome(body, view);
    const { tone, mark, text, verdict } = verdictOf(view);
    if (verdict) body.dataset.verdict = verdict;
    else delete body.dataset.verdict;
    bar.className = `bar-verdict ${tone}`;
    bar.textContent = `${mark} ${text}`;
  };

  const begin = (tab, first) => {
    const turn = (turns.get(tab) ?? 0) + 1;
    turns.set(tab, turn);
    const isLatest = () => turns.get(tab) === turn;
    const set = (view) => {
      if (!isLatest()) return;
      views.set(tab, view);
      if (tab === active) draw();
    };
    set(first);
    return { isLatest, set };
  };

  return {
    /** Shows a tab's outcome. */
    open(tab) {
      active = tab;
      draw();
    },
    /** Whether a tab has an outcome, or one on its way. */
    has: (tab) => views.has(tab),
    /** Ends whatever a tab was at: what is shown from here on is that its form was changed. */
    outdate: (tab, onRun) => begin(tab, { kind: "outdated", onRun }),
    /** A new turn of a tab, until the next one. */
    begin: (tab) => begin(tab, { kind: "waiting" }),
    /** Says a tab's outcome to screen readers, if it is still the latest and in sight. */
    announce(tab, turn) {
      if (turn.isLatest() && tab === active) announcement.textContent = summaryOf(views.get(tab));
    },
    /** Performs and explains one call, showing each part as it arrives. `makeCall` is perform(), here or in a frame. */
    async show(tab, turn, { request, origin, makeCall, explain, onFix, diagnostics, more }) {
      let view = { kind: "call", request, origin, onFix, diagnostics, more, browser: null, explanation: null, problem: "" };
      const update = (change) => turn.set((view = { ...view, ...change }));
      announcement.textContent = "";
      update({});
      update({ browser: await makeCall(request) }); // first the browser, undisturbed
      try {
        update({ explanation: await explain(), finished: true });
      } catch (error) {
        update({ problem: error.message, finished: true });
      }
      this.announce(tab, turn);
    },
  };
}
