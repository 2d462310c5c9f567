// The page of a code or of a browser's error: the Markdown of the documentation as elements.
// Knows as much of Markdown as those pages use: headings, paragraphs, lists, fenced code, tables, links, `code`.

import { h } from "./dom.js";

const INLINE = /`([^`]+)`|\[([^\]]+)\]\(([^)]+)\)|\*\*([^*]+)\*\*|\*([^*]+)\*/g;

/** Elements for a text with inline marks. */
function inline(text) {
  const parts = [];
  let end = 0;
  for (const found of text.matchAll(INLINE)) {
    const [all, code, label, href, strong, emphasis] = found;
    parts.push(text.slice(end, found.index));
    if (code !== undefined) parts.push(h("code", {}, code));
    else if (strong !== undefined) parts.push(h("b", {}, strong));
    else if (emphasis !== undefined) parts.push(h("em", {}, emphasis));
    else parts.push(linked(label, href));
    end = found.index + all.length;
  }
  return [...parts, text.slice(end)];
}

/** A link to another of these pages; what leads elsewhere in the documentation is only named. */
function linked(label, href) {
  const found = /^(?:\.\.\/(?:rules|errors|reasons)\/)?([A-Za-z0-9]+)\.md$/.exec(href);
  if (!found || found[1] === "README") return label;
  return h("a", { href: `/${/^C[A-Z]+\d+$/.test(found[1]) ? "rules" : "errors"}/${found[1]}` }, inline(label));
}

function* blocks(text) {
  const lines = text.split("\n");
  let at = 0;
  const take = (matches) => {
    const taken = [];
    while (at < lines.length && matches(lines[at])) taken.push(lines[at++]);
    return taken;
  };
  while (at < lines.length) {
    const line = lines[at];
    const heading = /^(#{1,4}) (.*)$/.exec(line);
    if (heading) {
      at += 1;
      yield h(`h${heading[1].length}`, {}, inline(heading[2]));
    } else if (line.startsWith("```")) {
      at += 1;
      yield h("pre", { tabindex: "0" }, take((one) => !one.startsWith("```")).join("\n"));
      at += 1;
    } else if (/^[*-] /.test(line)) {
      const items = take((one) => one.trim() && !one.startsWith("#")).join("\n").split(/\n(?=[*-] )/);
      yield h("ul", {}, items.map((item) => h("li", {}, inline(item.slice(2).replace(/\s*\n\s*/g, " ")))));
    } else if (line.startsWith("|")) {
      yield table(take((one) => one.startsWith("|")));
    } else if (line.trim()) {
      at += 1;
      const more = take((one) => one.trim() && !/^(#{1,4} |```|[*-] |\|)/.test(one));
      yield h("p", {}, inline([line, ...more].join(" ")));
    } else {
      at += 1;
    }
  }
}

function table(lines) {
  const rows = lines.map((line) => line.replace(/^\||\|\s*$/g, "").split("|").map((cell) => cell.trim()));
  const [first, , ...others] = rows;
  return h("table", {},
    h("thead", {}, h("tr", {}, first.map((cell) => h("th", { scope: "col" }, inline(cell))))),
    h("tbody", {}, others.map((row) => h("tr", {}, row.map((cell) => h("td", {}, inline(cell)))))));
}

const article = document.getElementById("article");
const response = await fetch(`${location.pathname}.md`);
if (response.ok) {
  const text = await response.text();
  document.title = `${/^# (.*)$/m.exec(text)?.[1] ?? "A page"} · crossgate`;
  article.replaceChildren(...blocks(text));
} else {
  article.replaceChildren(h("p", {}, "There is no such page."));
}
