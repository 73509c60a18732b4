// The text of a row: its time, and in one line what happened there, the decisive part first. It is for the eye: screen
// readers are given the sentence of the step.

import { cut, el } from "./dom.js";
import { eventParts } from "./sentences.js";
import { STANCES, TELLS } from "./stances.js";
import { stepEvents } from "./trace.js";
import { clockTime } from "./words.js";

/** The elements of a row of a diagram; `offset` is the place of the window's upper end. */
export function rowText(diagram, row, head, kind, offset) {
  const parts = [el("span", { class: "time", "aria-hidden": "true" }, timeOf(diagram, row, head, offset))];
  if (["note", "violation", "net"].includes(kind)) return [...parts, banner(diagram.trace, head, kind)];
  if (diagram.ledgerAt === undefined) return parts;
  const text = el("span", { class: "told", "aria-hidden": "true" }, ...told(diagram.trace, head));
  text.style.left = `${diagram.ledgerAt}px`;
  return [...parts, text];
}

/** The time, unless the row above has the same. */
function timeOf(diagram, row, head, offset) {
  const { trace, rows } = diagram;
  const time = trace.at[head];
  const isSame = row > 0 && trace.at[rows.heads[row - 1]] === time && row !== rows.at(offset + 8);
  if (isSame || trace.kindOf(head) === "note") return "";
  return diagram.gutter < 60 ? clockTime(time).replace(" ms", "") : clockTime(time);
}

function banner(trace, head, kind) {
  const [what, details] = eventParts(trace, head);
  const text = kind === "note" ? [cut(what, 4000)] : [el("b", {}, cut(what, 200)), " ", cut(details, 400)];
  return el("span", { class: "banner", "aria-hidden": "true", title: kind === "note" ? undefined : cut(`${what} ${details}`, 600) }, ...text);
}

/** What the ledger says of a step: what began it, what a rule held back or refused, the facts, and then the values. */
function told(trace, head) {
  const [what, details, remark] = eventParts(trace, head);
  const body = el("span", { class: "body" }, cut(details, 120), remark ? ` (${cut(remark, 80)})` : "");
  const [decisions, facts] = [[], []];
  for (const i of stepEvents(trace, head)) {
    const stance = trace.ruleOf[i] >= 0 ? trace.stance(i) : "allowed";
    const again = stance === "held" && !(trace.tells[head] & TELLS.held) ? " again" : "";
    if (stance === "held" || stance === "refused") decisions.push(decision(trace, i, stance, again));
    if (trace.kindOf(i) === "fact") facts.push(fact(trace, i));
  }
  return [el("b", {}, cut(what, 60)), ...decisions, ...facts, body];
}

function decision(trace, i, stance, again) {
  const [rule, why] = eventParts(trace, i);
  return el("span", { class: `decision ${stance}${again}` }, `${STANCES[stance].sign} ${cut(rule, 60)} `, el("span", { class: "reason" }, cut(why, 160)));
}

function fact(trace, i) {
  const [name, body] = eventParts(trace, i);
  return el("span", { class: "facts" }, `◆ ${cut(name, 60)} `, el("span", { class: "body" }, cut(body, 80)));
}
