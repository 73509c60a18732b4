// Presentation mode: large letters, the diagram with the logs beside it, and one caption that says what happens and why.
// `render(element, model, step)` draws the caption; the page and an interactive session use it unchanged.

import { cut, el } from "./dom.js";
import { eventParts } from "./sentences.js";
import { STANCES } from "./stances.js";
import { stepEvents } from "./trace.js";
import { clockTime } from "./words.js";

/** Rules in a caption, the decisive ones first. */
const RULES_MAX = 2;
const ORDER = ["held", "refused", "allowed", "passed"];

/** Draws the caption of a step. */
export function renderCaption(element, model, step) {
  const { trace } = model;
  const head = trace.step[step];
  const [what, details, remark] = eventParts(trace, head);
  const lane = trace.lane[head];
  const rules = stepEvents(trace, head).filter((i) => trace.ruleOf[i] >= 0);
  rules.sort((a, b) => ORDER.indexOf(trace.stance(a)) - ORDER.indexOf(trace.stance(b)));
  element.replaceChildren(
    el("p", {}, el("span", { class: "when" }, clockTime(trace.at[head])), " ", lane >= 0 ? el("b", {}, cut(trace.lanes[lane], 40)) : null, " ",
      cut(what, 400), " ", el("span", { class: "body" }, cut(details, 160), remark ? ` (${cut(remark, 80)})` : "")),
    ...rules.slice(0, RULES_MAX).map((i) => ruleLine(trace, i)));
}

function ruleLine(trace, i) {
  const stance = trace.stance(i);
  const [rule, why] = eventParts(trace, i);
  const cite = trace.rules.get(trace.event(i).rule)?.cite;
  return el("p", { class: `captionrule ${stance}` }, STANCES[stance] ? `${STANCES[stance].sign} ` : "", el("b", {}, cut(rule, 60)), ` ${cut(why, 300)} `,
    cite ? el("span", { class: "cite" }, cut(String(cite), 120)) : null);
}

/** Switches presentation mode on or off for a page's root element. */
export function setPresenting(root, on) {
  root.classList.toggle("presenting", on);
}
