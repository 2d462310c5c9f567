// What the two forms of the page have in common: a labelled control, and what a form listens to.

import { h, withCode } from "./dom.js";

/** The preset list's entry for what is no preset. */
export const OWN = "own";

/** A control with its label; `describedBy` is the id of what says more. */
export function field(label, control, describedBy) {
  if (describedBy) control.setAttribute("aria-describedby", describedBy);
  return h("div", { class: "field" }, h("label", { for: control.id }, withCode(label)), control);
}

/**
 * Runs the form when it is sent, by Ctrl+Enter, by a text pasted into one of `pasted`, and by a choice from the list
 * `preset`, which `choose` takes first. `edited` hears of every other change, and of which control.
 */
export function listen(form, { preset, pasted, run, choose, edited }) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      run();
    }
  });
  form.addEventListener("input", (event) => {
    if (event.target !== preset) edited(event.target);
  });
  for (const one of pasted) one.addEventListener("paste", () => setTimeout(run)); // once the text is there
  preset.addEventListener("change", () => (preset.value === OWN ? run() : choose(preset.value)));
}
