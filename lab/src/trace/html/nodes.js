// A card for each node: what it knows at the chosen event, what has just changed, its log as cells coloured by term,
// its timers and deadlines as bars, and its clock if that is not right.

import { cut, el } from "./dom.js";
import { bodyEpoch, epochClass, reignAt } from "./draw.js";
import { countUpTo, touched } from "./views.js";
import { EPOCHS, clockTime, isInstant, isPlainObject, say, span } from "./words.js";

/** Cards at a time; with more nodes, those nearest to the chosen one. */
const CARDS_MAX = 12;
const LEAVES_MAX = 120;
const CELLS_MAX = 60;
const LOOK_BACK = 400;

export function nodeCards({ trace, reigns, index, shown }) {
  const chosen = trace.lane[index];
  const nodes = shown.filter((lane) => lane >= trace.clients.length);
  const from = nodes.length <= CARDS_MAX ? 0 : Math.max(0, Math.min(nodes.length - CARDS_MAX, nodes.indexOf(chosen) - 3));
  const cards = nodes.slice(from, from + CARDS_MAX).map((lane) => card({ trace, reigns, index, lane }));
  const more = nodes.length - cards.length;
  if (more > 0) cards.push(el("p", { class: "quiet" }, `${more} more nodes: the cards follow the chosen event.`));
  return cards;
}

function card({ trace, reigns, index, lane }) {
  const status = trace.statusOf(lane, index);
  const view = trace.view(lane, index);
  const reign = reignAt(reigns, lane, index);
  const changed = changesAt(trace, lane, index);
  const acts = trace.lane[index] === lane;
  const label = view === undefined ? "not started" : status === "down" ? "✕ down" : status === "paused" ? "‖ paused" : reign?.label ?? "";
  const colour = reign && status === "up" ? `epoch e${Math.max(0, reign.epoch) % 8} s${reign.strength}` : status;
  return el("article", { class: `card ${status}${acts ? " acts" : ""}`, "data-node": trace.lanes[lane], "aria-label": cut(`State of ${trace.lanes[lane]}`, 80) },
    el("header", {}, el("h3", {}, cut(trace.lanes[lane], 40)), el("span", { class: `badge ${colour}` }, cut(label, 40))),
    clockLine(trace, lane, index),
    ...timers(trace, lane, index, status),
    view === undefined ? null : state({ trace, reigns, index, lane, view, changed }));
}

/** What the chosen event's step changed in this node. */
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
  if (room.left < 0) list.append(el("dd", { class: "quiet" }, "… and more"));
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
    return [value === "" ? el("span", { class: "quiet" }, "empty") : cut(String(value), 400)];
  }
  if (value === false) return ["no"];
  const text = value === null ? "none" : say(value);
  return [text === "none" || text === "" ? el("span", { class: "quiet" }, "none") : text];
}

/** Objects by number, or a list of objects, each of which belongs to a term or ballot. */
function isLog(value) {
  const entries = Array.isArray(value) ? value : isPlainObject(value) && Object.keys(value).every((key) => /^\d+$/.test(key)) ? Object.values(value) : [];
  return entries.length > 0 && entries.every((entry) => isPlainObject(entry) && EPOCHS.some((key) => key in entry));
}

function cells(context, log) {
  const entries = Array.isArray(log) ? log.map((entry, at) => [typeof entry.from === "string" ? cut(entry.from, 12) : at + 1, entry]) : Object.entries(log).sort((a, b) => a[0] - b[0]);
  const committed = context.view.commit ?? context.view.committed;
  const shown = entries.slice(-CELLS_MAX);
  const strip = el("span", { class: "cells" });
  if (entries.length > shown.length) strip.append(el("span", { class: "quiet" }, `${entries.length - shown.length} before, `));
  for (const [place, entry] of shown) {
    const epoch = EPOCHS.map((key) => entry[key]).find((value) => value !== undefined && value !== null);
    const open = typeof committed === "number" && Number(place) > committed;
    const text = say(entry.command ?? entry.value ?? entry.membership ?? entry);
    strip.append(el("span", { class: `cell ${bodyEpoch(context.reigns, entry)}${open ? " uncommitted" : ""}`, title: cut(`${place}: ${say(entry)}${open ? " (not committed)" : ""}`, 400) },
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
  return [bar(left, whole, left > 0 ? `${span(left)} left` : `over for ${span(-left)}`), el("span", { class: "quiet" }, ` ${clockTime(value)}`)];
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
function timers(trace, lane, index, status) {
  if (status === "down") return [];
  const armed = trace.armedTimers(lane, index, LOOK_BACK);
  const now = trace.at[index];
  return armed.slice(0, 6).map((fields) => el("div", { class: "timer" },
    el("span", {}, cut(fields.timer, 40)), bar(fields.due - now, fields.due - fields.at, `${span(fields.due - now)} left`)));
}

function clockLine(trace, lane, index) {
  const { shown, ppm, jumped } = trace.clockOf(lane, index);
  if (ppm === 0 && jumped === 0 && shown === trace.at[index]) return null;
  const parts = [`own clock ${clockTime(shown)}`];
  if (ppm !== 0) parts.push(`${Math.abs(ppm)} ppm ${ppm > 0 ? "fast" : "slow"}`);
  if (jumped !== 0) parts.push(`wall clock ${jumped > 0 ? "+" : ""}${span(jumped)}`);
  return el("p", { class: "ownclock" }, parts.join(" · "));
}
