// The pages of the course, in Markdown, as elements: headings, paragraphs, lists, tables, code. Of the language that is
// all they use; what is not known stays text.

import { el } from "./dom.js";

/** Bold, italic, code, and links, of which the text is shown. */
const INLINE = /\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*|`([^`]+)`|\[([^\]]+)\]\([^)]*\)/g;

/** The elements of a text. */
export function markdown(text) {
  return text.replaceAll("\r", "").trim().split(/\n{2,}/).map(block);
}

function block(text) {
  const lines = text.split("\n");
  const [, marks, heading] = /^(#{1,3}) (.*)$/.exec(lines[0]) ?? [];
  if (marks !== undefined) return el(marks.length === 1 ? "h2" : "h3", {}, ...inline(heading), lines.length > 1 ? ` ${lines.slice(1).join(" ")}` : null);
  if (lines.every((line) => line.startsWith("    "))) return el("pre", { tabindex: "0" }, el("code", {}, lines.map((line) => line.slice(4)).join("\n")));
  if (lines.every((line) => line.startsWith("|"))) return table(lines);
  if (/^[-*] /.test(lines[0])) return el("ul", {}, ...text.split(/\n(?=[-*] )/).map((item) => el("li", {}, ...inline(item.slice(2)))));
  return el("p", {}, ...inline(text));
}

function table([head, rule, ...rows]) {
  const cells = (line) => line.replace(/^\|\s*|\s*\|$/g, "").split(/\s*\|\s*/);
  const body = rule !== undefined && /^\|[\s|:-]*$/.test(rule) ? rows : [rule, ...rows].filter(Boolean);
  return el("table", {}, el("thead", {}, el("tr", {}, ...cells(head).map((cell) => el("th", { scope: "col" }, ...inline(cell))))),
    el("tbody", {}, ...body.map((row) => el("tr", {}, ...cells(row).map((cell) => el("td", {}, ...inline(cell)))))));
}

/** The parts of a line of text. Where Chinese lines meet there is no space. */
function inline(text) {
  const line = text.replace(/(?<=[\u3000-\u9fff\uff00-\uffef])\n(?=[\u3000-\u9fff\uff00-\uffef])/g, "").replaceAll("\n", " ");
  const parts = [];
  let from = 0;
  for (const found of line.matchAll(INLINE)) {
    parts.push(line.slice(from, found.index));
    const [, bold, italic, code, link] = found;
    parts.push(bold !== undefined ? el("b", {}, bold) : italic !== undefined ? el("i", {}, italic) : code !== undefined ? el("code", {}, code) : link);
    from = found.index + found[0].length;
  }
  return [...parts, line.slice(from)].filter((part) => part !== "");
}
