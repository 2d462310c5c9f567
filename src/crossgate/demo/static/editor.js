// A text area with line numbers, marks at lines, and one line that is lit. Knows lines; not what stands in them.

import { h } from "./dom.js";

/**
 * Puts a text area into a box with numbers. `mark` takes a Map from lines to what is to be said at them
 * ({ kind, title }), `light` the line to light (null: none), `go` leads to a line and selects it.
 */
export function makeEditor(area) {
  const numbers = h("div", { class: "numbers", "aria-hidden": "true" });
  const lamp = h("div", { class: "lamp", "aria-hidden": "true", hidden: true });
  const box = h("div", { class: "editor" }, lamp, numbers, area);
  let marks = new Map();
  let lit = null;

  const measure = () => {
    const style = getComputedStyle(area);
    return { line: parseFloat(style.lineHeight) || 20, top: parseFloat(style.paddingTop) + parseFloat(style.borderTopWidth) };
  };
  const draw = () => {
    const { line, top } = measure();
    const first = Math.max(1, Math.floor(area.scrollTop / line));
    const last = Math.min(countLines(area.value), first + Math.ceil(area.clientHeight / line) + 2);
    const shown = [];
    for (let number = first; number <= last; number += 1) {
      const found = marks.get(number);
      const one = h("span", { class: found ? found.kind : null, title: found?.title }, String(number));
      one.style.top = `${top + (number - 1) * line - area.scrollTop}px`;
      shown.push(one);
    }
    numbers.replaceChildren(...shown);
    lamp.hidden = lit === null;
    if (lit !== null) {
      lamp.style.top = `${top + (lit - 1) * line - area.scrollTop}px`;
      lamp.style.height = `${line}px`;
    }
  };
  const show = (number) => {
    const { line } = measure();
    const wanted = (number - 1) * line;
    if (wanted < area.scrollTop || wanted > area.scrollTop + area.clientHeight - 2 * line) {
      area.scrollTop = Math.max(0, wanted - area.clientHeight / 3);
    }
    draw();
  };
  area.addEventListener("scroll", draw);
  area.addEventListener("input", draw);
  new ResizeObserver(draw).observe(area);
  return {
    box,
    draw,
    mark(found) {
      marks = found;
      draw();
    },
    light(number) {
      lit = number;
      if (number === null) draw();
      else show(number);
    },
    go(number) {
      const lines = area.value.split("\n");
      const start = lines.slice(0, number - 1).reduce((sum, line) => sum + line.length + 1, 0);
      area.focus();
      area.setSelectionRange(start, start + (lines[number - 1] ?? "").length);
      show(number);
    },
  };
}

function countLines(text) {
  let count = 1;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count += 1;
  return count;
}
