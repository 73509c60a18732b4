// What befalls a node is drawn as what it is, in shapes that differ without colour too.

import { svg } from "./dom.js";

const SHAPES = {
  boot: () => [svg("circle", { r: 5, class: "hollow" }), svg("path", { d: "M-1.5-2.5L2.5 0L-1.5 2.5Z", class: "solid" })],
  crash: () => [svg("circle", { r: 9, class: "halo" }), svg("path", { d: "M-5-5L5 5M5-5L-5 5", class: "thick" })],
  pause: () => [svg("circle", { r: 9, class: "halo" }), svg("path", { d: "M-3-5V5M3-5V5", class: "thick" })],
  resume: () => [svg("circle", { r: 9, class: "halo" }), svg("path", { d: "M-3.5-5.5L5 0L-3.5 5.5Z", class: "solid" })],
  clock: () => [svg("circle", { r: 7, class: "hollow" }), svg("path", { d: "M0-4.5V0L3 2", class: "line" })],
  fire: () => [svg("path", { d: "M-4.5-6H4.5L-4.5 6H4.5Z", class: "hollow" })],
  request: () => [svg("rect", { x: -4, y: -4, width: 8, height: 8, class: "solid" })],
  drop: () => [svg("path", { d: "M-4-4L4 4M4-4L-4 4", class: "line" })],
  duplicate: () => [svg("circle", { r: 3, cx: -2.5, class: "hollow" }), svg("circle", { r: 3, cx: 2.5, class: "hollow" })],
  fact: () => [svg("path", { d: "M0-6.5L6.5 0L0 6.5L-6.5 0Z", class: "fact" })],
  violation: () => [svg("path", { d: "M0-8L8 6H-8Z", class: "alarm" }), svg("path", { d: "M0-3V2M0 3.5V4.5", class: "mark" })],
};

/** The shape for a kind of event at a place; a dot for those that have none. */
export function glyph(kind, x, y, extra = "") {
  const shape = SHAPES[kind]?.() ?? [svg("circle", { r: 2.6, class: "solid" })];
  return svg("g", { class: `glyph ${kind} ${extra}`, transform: `translate(${x} ${y})` }, shape);
}
