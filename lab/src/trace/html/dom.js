// The only place where elements are made. Text goes in as text nodes and attributes as attributes, so nothing that a
// trace says can become markup; the page's policy (require-trusted-types-for) forbids every other way.

const SVG = "http://www.w3.org/2000/svg";

/** Control characters, and the invisible ones that reorder, hide or break the text around them. */
const UNSEEN = /[\p{Cc}\p{Cf}\u2028\u2029\u180e]/gu;

/** Names of control characters that have a short one. */
const SHORT = { "\0": "\\0", "\t": "\\t", "\n": "\\n", "\r": "\\r" };

/** A text from a trace in which nothing is invisible: what would reorder the page's own words is written as its number. */
export function visible(text) {
  return text.replace(UNSEEN, (char) => SHORT[char] ?? `\\u{${char.codePointAt(0).toString(16)}}`);
}

/** As `visible`, but line breaks stay: for prose. */
export function visibleLines(text) {
  return text.split(/\r?\n/).map(visible).join("\n");
}

/** Attributes that a reader sees or hears. */
const SHOWN = new Set(["title", "aria-label"]);

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : SHOWN.has(name) ? visibleLines(String(value)) : value);
  }
  const shown = children.flat(2).filter((child) => child !== null && child !== undefined && child !== false);
  element.append(...shown.map((child) => (child instanceof Node ? child : visibleLines(String(child)))));
  return element;
}

/** An HTML element. `onclick` and the like are listeners; false, null and undefined are left out. */
export function el(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** An SVG element. */
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

/** The element of the template with this id. */
export function byId(id) {
  return document.getElementById(id);
}

/** The text, or its beginning and an ellipsis: no element ever holds a megabyte. */
export function cut(text, length) {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
