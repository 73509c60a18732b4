// The card of a crashed node: when it crashed, what is on its disk, and what was lost.

import { cut, el } from "./dom.js";
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
    el("p", { class: "crashed" }, `Crashed at ${clockTime(fields.at)}.`),
    el("p", { class: "lost" }, lostWords(fields)),
    fields.wiped ? null : diskParts(writes, isFirst(trace, lane, crash.index)),
    el("p", { class: "quiet" }, "Its memory before the crash, which is gone:"),
  ].filter(Boolean);
}

function lostWords({ lost, wiped, restored }) {
  const memory = "Lost: its memory and its timers";
  const records = lost > 0 ? `, and ${counted(lost, "record")} not yet durable` : "; every record was durable";
  if (restored) return `${memory}, and every write since the backup from which its disk was restored.`;
  return wiped ? `${memory}, and its whole disk.` : `${memory}${records}.`;
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
  const before = firstLife ? "what it started with" : "what was there when it first started";
  if (writes.size === 0) return el("p", { class: "disk" }, `On disk: ${before}; it has written nothing since.`);
  const list = [...writes].map(([name, { count, body }]) =>
    el("li", {}, el("b", {}, cut(String(name), 60)), count > 1 ? ` (${count} times, last)` : "", " ", el("span", { class: "body" }, cut(say(body), 2000))));
  return el("div", { class: "disk" }, el("p", {}, `On disk: ${before}, and what it wrote since:`), el("ul", {}, ...list));
}
