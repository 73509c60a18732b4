// The only place where elements are made. Text goes in as text nodes and attributes as attributes, so nothing that a
// trace says can become markup; the page's policy (require-trusted-types-for) forbids every other way.

const SVG = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
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
