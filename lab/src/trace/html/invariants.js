// The invariants of a run, with their state at the selected step: each that was checked holds, or is broken since a step;
// then the steps that bear witness are listed, and are reached by a click.

import { cut, el } from "./dom.js";
import { sentence } from "./sentences.js";
import { worded } from "./wording.js";
import { clockTime } from "./words.js";

const WITNESSES_MAX = 6;

/**
 * The invariants of a trace: `{ name, says, broken }`, where `broken` is the index of its first violation, or -1. Those
 * that broke are listed also if the page was not told what was checked.
 */
export function invariantsOf(trace, checked = []) {
  const first = new Map();
  for (const index of trace.violations) {
    const name = String(trace.event(index).invariant);
    if (!first.has(name)) first.set(name, index);
  }
  const listed = checked.map(({ name, says }) => ({ name, says, broken: first.get(name) ?? -1 }));
  const others = [...first].filter(([name]) => !listed.some((invariant) => invariant.name === name));
  return [...listed, ...others.map(([name, broken]) => ({ name, says: "", broken }))];
}

/** Draws the invariants as they are at a step into an element: `{ trace, invariants, onselect }`. */
export function renderInvariants(element, { trace, invariants, onselect }, step) {
  if (invariants.length === 0) {
    element.replaceChildren(el("p", { class: "quiet" }, worded("The trace reports no violation, and does not say which invariants were checked.")));
    return;
  }
  // What is broken comes first.
  const isBroken = ({ broken }) => broken >= 0 && broken <= step;
  const order = [...invariants.filter(isBroken), ...invariants.filter((invariant) => !isBroken(invariant))];
  element.replaceChildren(...order.map((invariant) => invariantPart(trace, invariant, isBroken(invariant), onselect)));
}

function invariantPart(trace, { name, says, broken }, isBroken, onselect) {
  const jump = (index, text) => el("button", { type: "button", class: "jump", onclick: () => onselect(index) }, text);
  const words = isBroken ? worded(" is broken since {time}", { time: clockTime(trace.at[broken]) }) : worded(broken >= 0 ? " holds here; " : " holds");
  return el("section", { class: `invariant ${isBroken ? "broken" : "holds"}`, "data-invariant": name },
    el("p", {}, el("b", {}, isBroken ? "▲ " : "✓ ", cut(name, 80)), words,
      broken >= 0 && !isBroken ? jump(broken, worded("it breaks at {time}", { time: clockTime(trace.at[broken]) })) : null),
    says ? el("p", { class: "quiet" }, cut(says, 300)) : null,
    isBroken ? el("ul", {}, ...[broken, ...witnesses(trace, broken)].map((index) => el("li", {}, jump(index, cut(sentence(trace, index), 400))))) : null);
}

/** The step after which an invariant was found broken, and the last fact of each node that its message names. */
export function witnesses(trace, violation) {
  const detail = String(trace.event(violation).detail ?? "");
  const found = new Set();
  const seen = new Set();
  for (let i = violation - 1; i >= 0 && found.size < WITNESSES_MAX; i -= 1) {
    if (found.size === 0 && trace.lane[i] >= 0) found.add(trace.step[i]);
    const lane = trace.lane[i];
    if (trace.kindOf(i) !== "fact" || seen.has(lane) || !names(detail, trace.lanes[lane])) continue;
    seen.add(lane);
    found.add(i);
  }
  return [...found].sort((a, b) => a - b);
}

/** Whether a text has a name as a word of its own. */
function names(text, name) {
  const at = text.indexOf(name);
  return at >= 0 && !/[\p{L}\p{N}]/u.test(text[at + name.length] ?? " ") && !/[\p{L}\p{N}]/u.test(text[at - 1] ?? " ");
}
