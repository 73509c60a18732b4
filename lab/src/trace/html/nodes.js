// Cards of the nodes: that of the acting node first and open, the others in one line each, until they are opened. A card
// has what the node knows at the selected event, what has just changed, its timers and deadlines as bars, and its clock if
// that is not right; that of a crashed node has what is on its disk. `render(element, model, step)` is the interface.

import { crashedParts } from "./crashed.js";
import { cut, el } from "./dom.js";
import { entryEpoch, entryText, isLog } from "./logtable.js";
import { bodyEpoch, epochClass, reignAt } from "./reigns.js";
import { countUpTo, touched } from "./views.js";
import { worded } from "./wording.js";
import { EPOCHS, brief, clockTime, isInstant, isPlainObject, say, span } from "./words.js";

/** Cards at a time; with more nodes, those nearest to the acting one. */
const CARDS_MAX = 12;
const LEAVES_MAX = 120;
const CELLS_MAX = 60;
const LOOK_BACK = 400;
/** Members of a view in the one line of a closed card, and changes in that of the acting one. */
const DIGEST_MAX = 5;
const CHANGES_MAX = 8;

/**
 * Draws the cards into an element. `model.shown` are the lanes to show, `model.opened` the names of cards opened by hand,
 * and `model.acting` is the acting node's lane, if that is not the node of the step.
 */
export function renderCards(element, model, step) {
  const { trace } = model;
  const acting = model.acting ?? actingLane(trace, step);
  const nodes = (model.shown ?? trace.lanes.map((_, lane) => lane)).filter((lane) => lane >= trace.clients.length);
  const from = nodes.length <= CARDS_MAX ? 0 : Math.max(0, Math.min(nodes.length - CARDS_MAX, nodes.indexOf(acting) - 3));
  const near = nodes.slice(from, from + CARDS_MAX);
  const order = [...near.filter((lane) => lane === acting), ...near.filter((lane) => lane !== acting)];
  const cards = order.map((lane) => card({ ...model, index: step, lane, acting }));
  const more = nodes.length - near.length;
  if (more > 0) cards.push(el("p", { class: "quiet" }, worded("{count} more nodes: the cards follow the selected event.", { count: more })));
  element.replaceChildren(...cards);
}

/** The node that acts at an event: its own, or that which sent or receives the message, or the last one before. */
export function actingLane(trace, index) {
  const isNode = (lane) => lane >= trace.clients.length;
  if (isNode(trace.lane[index])) return trace.lane[index];
  const flight = trace.flight[index];
  if (flight >= 0) return [trace.flights.to[flight], trace.flights.from[flight]].find(isNode) ?? -1;
  for (let i = index - 1; i >= Math.max(0, index - LOOK_BACK); i -= 1) if (isNode(trace.lane[i])) return trace.lane[i];
  return trace.clients.length;
}

function card({ trace, reigns, index, lane, acting, opened }) {
  const status = trace.statusOf(lane, index);
  const changed = changesAt(trace, lane, index);
  const before = lane === acting ? valuesBefore(trace, lane, index, changed) : new Map();
  const view = trace.view(lane, index);
  const reign = status === "up" ? reignAt(reigns, lane, index) : undefined;
  const label = view === undefined ? worded("not started") : status === "down" ? worded("✕ crashed") : status === "paused" ? worded("‖ paused") : reign?.label ?? "";
  const colour = reign ? `epoch e${Math.max(0, reign.epoch) % 8} s${reign.strength}` : status;
  const name = trace.lanes[lane];
  const isOpen = lane === acting || opened?.has(name);
  const summary = el("summary", {}, el("h3", {}, cut(name, 40)), el("span", { class: `badge ${colour}` }, cut(label, 40)),
    view === undefined || status === "down" ? null : el("span", { class: "digest" }, digest(view)));
  return el("details", { class: `card ${status}${lane === acting ? " acts" : ""}`, "data-node": name, open: isOpen, ontoggle: ({ target }) => noteOpened(opened, name, target.open, lane === acting) },
    summary,
    before.size > 0 ? changes(before, view) : null,
    clockLine(trace, lane, index),
    ...(status === "down" ? crashedParts(trace, lane, index) : timers(trace, lane, index)),
    view === undefined ? null : state({ trace, reigns, index, lane, view, changed }));
}

/** A card that was opened by hand stays open; the acting one is always open. */
function noteOpened(opened, name, isOpen, acts) {
  if (acts || opened === undefined) return;
  if (isOpen) opened.add(name);
  else opened.delete(name);
}

/** The first short members of a view, in one line. */
export function digest(view) {
  const said = [];
  const add = (value, depth) => {
    for (const [key, member] of Object.entries(value)) {
      if (said.length >= DIGEST_MAX) return;
      if (isPlainObject(member) && !isLog(member) && !("index" in member) && depth < 2) add(member, depth + 1);
      else if (!["role", "office", "stage"].includes(key) && isBrief(member)) said.push(`${key.replaceAll("_", " ")} ${brief(key, member)}`);
    }
  };
  if (isPlainObject(view)) add(view, 0);
  return cut(said.join(" · "), 80);
}

function isBrief(value) {
  return value !== null && value !== "" && !Array.isArray(value) && (typeof value !== "object" || "index" in value) && say(value).length < 16;
}

/** The values that a step is about to change, by the path of each as JSON. */
function valuesBefore(trace, lane, index, changed) {
  if (changed.size === 0) return new Map();
  const view = trace.view(lane, trace.step[index]);
  return new Map([...changed].slice(0, CHANGES_MAX).map((path) => [path, wordsAt(view, JSON.parse(path))]));
}

/** What stands at a path of a view, in words. */
function wordsAt(view, path) {
  const value = path.reduce((inner, key) => (typeof inner === "object" && inner !== null ? inner[key] : undefined), view);
  return cut(brief(path.at(-1), value), 80);
}

/** What the step changed, old values and new ones. */
function changes(before, view) {
  return el("ul", { class: "changes", "aria-label": worded("What this step changed") }, ...[...before].map(([path, old]) => {
    const keys = JSON.parse(path);
    return el("li", {}, el("span", { class: "key" }, cut(keys.join(" ").replaceAll("_", " "), 80)), " ", el("s", {}, old), " → ", el("b", {}, wordsAt(view, keys)));
  }));
}

/** The paths that the selected event's step changed in this node. */
function changesAt(trace, lane, index) {
  const step = trace.step[index];
  const marks = trace.views.marks[lane];
  const last = marks[countUpTo(marks, index) - 1];
  if (last === undefined || trace.step[last] !== step || trace.lane[step] !== lane) return new Set();
  const fields = trace.event(last);
  return fields.kind === "state" ? touched(fields.diff) : new Set();
}

function state(context) {
  const list = el("dl", { class: "state" });
  const room = { left: LEAVES_MAX };
  const view = isPlainObject(context.view) ? context.view : { view: context.view };
  for (const key of Object.keys(view)) member(context, list, [key], view[key], room);
  if (room.left < 0) list.append(el("dd", { class: "quiet" }, worded("… and more")));
  return list;
}

function member(context, list, path, value, room) {
  room.left -= 1;
  if (room.left < 0) return;
  const key = path.at(-1);
  const open = isPlainObject(value) && !isLog(value) && Object.keys(value).length > 0 && path.length < 4 && !(path.length > 1 && isShort(value));
  const isNew = !open && hasChanged(context.changed, path);
  const name = el("dt", { class: isNew ? "new" : "" }, cut(key.replaceAll("_", " "), 40));
  name.style.paddingInlineStart = `${(path.length - 1) * 12}px`;
  if (open) {
    list.append(name, el("dd", { class: "open" }));
    for (const inner of Object.keys(value)) member(context, list, [...path, inner], value[inner], room);
    return;
  }
  const data = JSON.stringify(value);
  list.append(name, el("dd", {
    class: isNew ? "new" : "", "data-path": JSON.stringify(path), "data-value": data.length < 20000 ? data : undefined,
  }, ...leaf(context, path, value)));
}

function isShort(value) {
  return Object.values(value).every((inner) => typeof inner !== "object" || inner === null) && say(value).length < 34;
}

function hasChanged(changed, path) {
  for (let length = 1; length <= path.length; length += 1) if (changed.has(JSON.stringify(path.slice(0, length)))) return true;
  const prefix = JSON.stringify(path).slice(0, -1);
  return [...changed].some((text) => text.startsWith(`${prefix},`) && text.length > prefix.length);
}

function leaf(context, path, value) {
  const key = path.at(-1);
  if (isInstant(key, value)) return deadline(context, path, value);
  if (isLog(value)) return [cells(context, value)];
  if (typeof value === "number" || typeof value === "string") {
    const colour = EPOCHS.includes(key) ? epochClass(context.reigns, value) : "";
    if (colour) return [el("span", { class: `chip ${colour}` }, cut(String(value), 200))];
    return [value === "" ? el("span", { class: "quiet" }, worded("empty")) : cut(String(value), 400)];
  }
  if (value === false) return [worded("no")];
  const text = value === null ? "none" : say(value);
  return [text === "none" || text === "" ? el("span", { class: "quiet" }, worded("none")) : text];
}

function cells(context, log) {
  const entries = Array.isArray(log) ? log.map((entry, at) => [typeof entry.from === "string" ? cut(entry.from, 12) : at + 1, entry]) : Object.entries(log).sort((a, b) => a[0] - b[0]);
  const committed = context.view.commit ?? context.view.committed;
  const shown = entries.slice(-CELLS_MAX);
  const strip = el("span", { class: "cells" });
  if (entries.length > shown.length) strip.append(el("span", { class: "quiet" }, worded("{count} before, ", { count: entries.length - shown.length })));
  for (const [place, entry] of shown) {
    const epoch = entryEpoch(entry);
    const open = typeof committed === "number" && Number(place) > committed;
    const text = entryText(entry);
    strip.append(el("span", { class: `cell ${bodyEpoch(context.reigns, entry)}${open ? " uncommitted" : ""}`, title: cut(`${place}: ${say(entry)}${open ? worded(" (not committed)") : ""}`, 400) },
      el("i", {}, String(place)), el("b", {}, cut(String(epoch), 8)), el("span", {}, cut(text, 16))));
  }
  return strip;
}

/** How much of a span is left, as a bar. */
function bar(left, whole, text) {
  const share = whole > 0 ? Math.max(0, Math.min(1, left / whole)) : 0;
  const fill = el("span", { class: "fill" });
  fill.style.width = `${share * 100}%`;
  return el("span", { class: `bar${left <= 0 ? " over" : ""}` }, fill, el("span", { class: "bartext" }, text));
}

/** A member that names an instant by the node's own clock. */
function deadline({ trace, lane, index }, path, value) {
  const now = trace.clockOf(lane, index).shown;
  const left = value - now;
  const whole = Math.max(left, value - setAt(trace, lane, index, path, value));
  return [bar(left, whole, left > 0 ? worded("{span} left", { span: span(left) }) : worded("past by {span}", { span: span(-left) })), el("span", { class: "quiet" }, ` ${clockTime(value)}`)];
}

/** The node's clock when it set a member to the value that it has. */
function setAt(trace, lane, index, path, value) {
  const marks = trace.views.marks[lane];
  const count = countUpTo(marks, index);
  for (let mark = count - 1; mark >= Math.max(0, count - LOOK_BACK); mark -= 1) {
    const fields = trace.event(marks[mark]);
    let inner = fields.kind === "boot" ? fields.state : fields.diff;
    for (const key of path) inner = isPlainObject(inner) ? inner[key] : undefined;
    if (inner === value) return trace.clockOf(lane, marks[mark]).shown;
  }
  return trace.clockOf(lane, index).shown;
}

/** The timers that are armed, as bars. */
function timers(trace, lane, index) {
  const armed = trace.armedTimers(lane, index, LOOK_BACK);
  const now = trace.at[index];
  return armed.slice(0, 6).map((fields) => el("div", { class: "timer" },
    el("span", {}, cut(fields.timer, 40)), bar(fields.due - now, fields.due - fields.at, worded("{span} left", { span: span(fields.due - now) }))));
}

function clockLine(trace, lane, index) {
  const { shown, ppm, jumped } = trace.clockOf(lane, index);
  if (ppm === 0 && jumped === 0 && shown === trace.at[index]) return null;
  const parts = [worded("own clock {time}", { time: clockTime(shown) })];
  if (ppm !== 0) parts.push(worded(ppm > 0 ? "{ppm} ppm fast" : "{ppm} ppm slow", { ppm: Math.abs(ppm) }));
  if (jumped !== 0) parts.push(worded("wall clock {span}", { span: `${jumped > 0 ? "+" : ""}${span(jumped)}` }));
  return el("p", { class: "ownclock" }, parts.join(" · "));
}
