// The card of a crashed node: when it crashed, what is on its disk, and what was lost.

import { cut, el } from "./dom.js";
import { worded } from "./wording.js";
import { clockTime, counted, say } from "./words.js";

/** Writes that are looked through for the last one of each name. */
const WRITES_MAX = 4000;

/** What remains of a node that is down after an event. */
export function crashedParts(trace, lane, index) {
  const crash = (trace.statusChanges.get(lane) ?? []).findLast((change) => change.index <= index && change.status === "down");
  if (crash === undefined) return [];
  const fields = trace.event(crash.index);
  const writes = writesBefore(trace, lane, crash.index);
  return [
    el("p", { class: "crashed" }, worded("Crashed at {time}.", { time: clockTime(fields.at) })),
    el("p", { class: "lost" }, lostWords(fields)),
    fields.wiped ? null : diskParts(writes, isFirst(trace, lane, crash.index)),
    el("p", { class: "quiet" }, worded("Its memory before the crash, which is gone:")),
  ].filter(Boolean);
}

function lostWords({ lost, wiped, restored }) {
  if (restored) return worded("Lost: its memory and its timers, and every write since the backup from which its disk was restored.");
  if (wiped) return worded("Lost: its memory and its timers, and its whole disk.");
  return lost > 0 ? worded("Lost: its memory and its timers, and {counted} not yet durable.", { counted: counted(lost, "record"), count: lost })
    : worded("Lost: its memory and its timers; every record was durable.");
}

/** The durable writes by name: how many, and the last one. */
function writesBefore(trace, lane, index) {
  const writes = new Map();
  for (const i of writesUpTo(trace, lane, index).slice(-WRITES_MAX)) {
    const { name, body } = trace.event(i);
    writes.set(name, { count: (writes.get(name)?.count ?? 0) + 1, body });
  }
  return writes;
}

/** The writes that the disk consists of after an event: those since it was wiped, or those of the backup and what came after. */
function writesUpTo(trace, lane, index) {
  const isReset = ({ wiped, restored }) => wiped || restored;
  const reset = (trace.statusChanges.get(lane) ?? []).findLast((change) => change.index <= index && change.status === "down" && isReset(trace.event(change.index)));
  const since = (trace.persists.get(lane) ?? []).filter((i) => i <= index && i > (reset?.index ?? -1));
  const backup = reset && trace.event(reset.index).restored;
  return backup ? [...writesUpTo(trace, lane, trace.byId.get(backup)), ...since] : since;
}

function isFirst(trace, lane, index) {
  return (trace.statusChanges.get(lane) ?? []).filter((change) => change.index <= index && trace.kindOf(change.index) === "boot").length <= 1;
}

function diskParts(writes, firstLife) {
  const before = worded(firstLife ? "what it started with" : "what was there when it first started");
  if (writes.size === 0) return el("p", { class: "disk" }, worded("On disk: {before}; it has written nothing since.", { before }));
  const list = [...writes].map(([name, { count, body }]) =>
    el("li", {}, el("b", {}, cut(String(name), 60)), count > 1 ? worded(" ({count} times, last)", { count }) : "", " ", el("span", { class: "body" }, cut(say(body), 2000))));
  return el("div", { class: "disk" }, el("p", {}, worded("On disk: {before}, and what it wrote since:", { before })), el("ul", {}, ...list));
}
