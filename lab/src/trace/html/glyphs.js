// The signs of the diagram, which differ in shape as well as in colour, and the legend that explains them.

import { el, svg } from "./dom.js";
import { worded } from "./wording.js";

/** The legend: [kinds of signs, what they mean]. */
const LEGEND = [
  ["request", "a client's request arrives"], ["deliver", "a message arrives"], ["fire", "a timer fires"], ["fact", "something became true"],
  ["held", "a rule held something back that the node could have done"], ["heldAgain", "the same, for the same reason as before"], ["refused", "a rule refused what was asked"],
  ["passed", "late, repeated or settled: changes nothing"], ["boot", "a node starts or restarts"], ["crash", "a node crashes"],
  ["pause", "a node pauses"], ["resume", "a node resumes"], ["clock", "a node's clock changes"], ["drop", "a message is lost"],
  ["duplicate", "the network repeats a message"], ["forge", "a sender lies in a message"], ["violation", "an invariant is broken"],
];

/** Lines of the diagram: [class, what they mean]. */
const LINES = [["life", "a node's time, from above to below"], ["life client", "a client's time: it asks nodes, and waits for answers"], ["arrow", "a message, in the colour of its ballot, term or token"], ["arrow lost", "a message that is lost"], ["arrow copy", "a repeated message"], ["arrow forged", "a message that lies"], ["arrow lying", "a message of a liar"],
  ["arrow partial", "a message one end of which the filter hides"], ["life down", "the node is down"], ["life paused", "the node is paused"]];

/** All signs with their meanings. */
export function legend() {
  const picture = (...shapes) => svg("svg", { viewBox: "-13 -13 26 26", width: 26, height: 26, "aria-hidden": "true" }, ...shapes);
  const signs = LEGEND.map(([kind, says]) => [picture(glyph(kind, 0, 0)), says]);
  const lines = LINES.map(([name, says]) => [picture(svg("path", { class: name, d: name.startsWith("life") ? "M0-12V12" : "M-12 0H12" })), says]);
  const bands = [[picture(svg("rect", { class: "span s2 epoch e0", x: -8, y: -12, width: 16, height: 24, rx: 4 })), "the node leads, or holds a lease"],
    [picture(svg("rect", { class: "span s1 epoch e0", x: -8, y: -12, width: 16, height: 24, rx: 4 })), "the node tries to"]];
  return [...signs, ...lines, ...bands].flatMap(([shape, says]) => [el("dt", {}, shape), el("dd", {}, worded(says))]);
}

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
  forge: () => [svg("circle", { r: 9, class: "halo" }), svg("path", { d: "M-7-4.5H7V0Q6 5.5 0 5.5Q-6 5.5-7 0Z", class: "solid" }), svg("path", { d: "M-4.5-1H-1.5M1.5-1H4.5", class: "exclaims" })],
  fact: () => [svg("path", { d: "M0-6.5L6.5 0L0 6.5L-6.5 0Z", class: "fact" })],
  refused: () => [svg("circle", { r: 6.5, class: "refusal" }), svg("path", { d: "M-4.2 4.2L4.2-4.2", class: "refusal" })],
  held: () => [svg("path", { d: "M-4.6-11H4.6L11-4.6V4.6L4.6 11H-4.6L-11 4.6V-4.6Z", class: "stop" }), svg("path", { d: "M-6 0H6", class: "bar" })],
  heldAgain: () => [svg("path", { d: "M-2.3-5.5H2.3L5.5-2.3V2.3L2.3 5.5H-2.3L-5.5 2.3V-2.3Z", class: "stop" }), svg("path", { d: "M-3 0H3", class: "bar" })],
  passed: () => [svg("circle", { r: 3.4, class: "faint" })],
  violation: () => [svg("path", { d: "M0-8L8 6H-8Z", class: "alarm" }), svg("path", { d: "M0-3V2M0 3.5V4.5", class: "exclaims" })],
};

/** The shape for a kind of event at a place; a dot for those that have none. */
export function glyph(kind, x, y, extra = "") {
  const shape = SHAPES[kind]?.() ?? [svg("circle", { r: 2.6, class: "solid" })];
  return svg("g", { class: `glyph ${kind} ${extra}`, transform: `translate(${x} ${y})` }, shape);
}
