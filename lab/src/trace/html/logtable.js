// The logs of all nodes in one table: a row for each node, a column for each index, coloured by term or ballot, with a
// line behind what is committed. `render(element, model, step)` draws it for any model that has a trace and its epochs:
// the page and an interactive session use it unchanged.

import { cut, el } from "./dom.js";
import { bodyEpoch, reignAt } from "./reigns.js";
import { touched } from "./views.js";
import { worded } from "./wording.js";
import { EPOCHS, isPlainObject, say } from "./words.js";

/** Columns at a time: the newest. */
const COLUMNS_MAX = 24;
const ROWS_MAX = 24;
const DEPTH_MAX = 4;

/** Whether a value is a log: objects by number, or a list of objects, each with a term or ballot. */
export function isLog(value) {
  const isNumbered = isPlainObject(value) && Object.keys(value).every((key) => /^\d+$/.test(key));
  const entries = Array.isArray(value) ? value : isNumbered ? Object.values(value) : [];
  return entries.length > 0 && entries.every((entry) => isPlainObject(entry) && EPOCHS.some((key) => key in entry));
}

/** The term or ballot of an entry. */
export function entryEpoch(entry) {
  return EPOCHS.map((key) => entry[key]).find((value) => value !== undefined && value !== null);
}

/** What an entry holds, without its term. */
export function entryText(entry) {
  return say(entry.command ?? entry.value ?? entry.membership ?? entry);
}

/** The numbered logs in a view, each with its path and the index up to which it is committed. */
function logsIn(view, path = [], found = []) {
  if (!isPlainObject(view) || path.length > DEPTH_MAX) return found;
  const committed = view.commit ?? view.committed;
  for (const [key, value] of Object.entries(view)) {
    if (!Array.isArray(value) && isLog(value)) {
      const entries = new Map(Object.entries(value).map(([index, entry]) => [Number(index), entry]));
      found.push({ path: [...path, key], entries, committed: typeof committed === "number" ? committed : undefined });
    } else logsIn(value, [...path, key], found);
  }
  return found;
}

/** Draws the table into an element, as the nodes are after the event `step`; whether there is a log at all. */
export function renderLogTable(element, model, step) {
  const rows = tableRows(model, step);
  element.hidden = rows.length === 0;
  if (rows.length === 0) {
    element.replaceChildren();
    return false;
  }
  const indices = [...new Set(rows.flatMap((row) => [...row.entries.keys(), ...row.removed]))].sort((a, b) => a - b);
  const shown = indices.slice(-COLUMNS_MAX);
  const single = rows.every((row) => row.label === "");
  element.replaceChildren(el("table", { class: "logtable" },
    el("caption", {}, worded("Logs"), shown.length < indices.length ? el("span", { class: "quiet" }, worded(" from index {index}", { index: shown[0] })) : null),
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, worded("index")), ...shown.map((index) => el("th", { scope: "col" }, index)))),
    el("tbody", {}, ...rows.map((row) => tableRow(model, row, shown, step))),
    single && rows.length > 1 ? el("tfoot", {}, copiesRow(rows, shown)) : null), tableKey(rows));
  return true;
}

function tableRows({ trace }, step) {
  const rows = [];
  for (let lane = trace.clients.length; lane < trace.lanes.length && rows.length < ROWS_MAX; lane += 1) {
    const view = trace.view(lane, step);
    const logs = view === undefined ? [] : logsIn(view);
    const changed = changedIndices(trace, lane, step);
    for (const { path, entries, committed } of logs) {
      const label = logs.length > 1 ? path.at(-1).replaceAll("_", " ") : "";
      const touchedHere = changed.filter((change) => change.path === JSON.stringify(path)).map((change) => change.index);
      rows.push({ lane, label, entries, committed, changed: new Set(touchedHere), removed: touchedHere.filter((index) => !entries.has(index)) });
    }
    // A node whose log is empty has its row all the same, if others have logs.
    if (logs.length === 0) rows.push({ lane, label: "", entries: new Map(), committed: undefined, changed: new Set(), removed: [] });
  }
  return rows.some((row) => row.entries.size > 0) ? rows : [];
}

/** The entries that the step of an event changed at a node: paths of logs, and indices. */
function changedIndices(trace, lane, step) {
  const last = trace.views.last(lane, step);
  if (last === undefined || trace.step[last] !== trace.step[step] || trace.kindOf(last) !== "state") return [];
  return [...touched(trace.event(last).diff)].map((text) => JSON.parse(text)).flatMap((path) => {
    const at = path.findIndex((key) => /^\d+$/.test(key));
    return at < 0 ? [] : [{ path: JSON.stringify(path.slice(0, at)), index: Number(path[at]) }];
  });
}

/** What the table's signs mean, beneath it: its readers do not look for a legend first. */
function tableKey(rows) {
  const epoch = EPOCHS.find((key) => rows.some(({ entries }) => [...entries.values()].some((entry) => key in entry))) ?? "term";
  const commits = rows.some(({ committed }) => committed !== undefined);
  return el("p", { class: "quiet logkey" }, worded("A cell is an entry: its {epoch}, which gives the colour, and what it holds.", { epoch }),
    commits ? worded(" Dashed: not committed, as far as the node knows. Thick line: committed up to here.") : "");
}

function tableRow(model, row, shown, step) {
  const { trace, reigns } = model;
  const status = trace.statusOf(row.lane, step);
  const acts = trace.lane[step] === row.lane;
  const reign = status === "up" ? reignAt(reigns, row.lane, step) : undefined;
  const role = status === "down" ? worded("crashed") : status === "paused" ? worded("paused") : reign?.label ?? "";
  const name = trace.lanes[row.lane];
  const colour = reign ? `epoch e${Math.max(0, reign.epoch) % 8} s${reign.strength}` : status;
  return el("tr", { class: `${status}${acts ? " acts" : ""}`, "data-node": name },
    el("th", { scope: "row", class: row.committed < shown[0] ? "edge" : "" }, el("span", { class: "nodename", title: cut(name, 200) }, cut(name, 16)), row.label ? ` ${row.label}` : "", " ", el("span", { class: `badge ${colour}`, title: cut(role, 200) }, cut(role, 24))),
    ...shown.map((index) => cell(reigns, row, index)));
}

function cell(reigns, row, index) {
  const entry = row.entries.get(index);
  const edge = row.committed === index ? " edge" : "";
  if (entry === undefined) {
    const gone = row.removed.includes(index);
    return el("td", { class: `none${gone ? " gone" : ""}${edge}`, title: gone ? worded("{index} was removed in this step", { index }) : undefined }, gone ? "✕" : "");
  }
  const committed = row.committed === undefined || index <= row.committed;
  const says = `${index}: ${say(entry)}${row.committed === undefined ? "" : worded(committed ? ", committed" : ", not committed")}`;
  return el("td", { class: `${bodyEpoch(reigns, entry)} ${committed ? "committed" : "uncommitted"}${row.changed.has(index) ? " fresh" : ""}${edge}`, title: cut(says, 400) },
    el("b", {}, cut(String(entryEpoch(entry)), 8)), el("span", { class: "entry" }, cut(entryText(entry), 18)));
}

/** How many nodes have the same entry: the largest number for each index. */
function copiesRow(rows, shown) {
  const copies = (index) => {
    const counts = new Map();
    for (const row of rows) {
      const entry = row.entries.get(index);
      if (entry !== undefined) counts.set(JSON.stringify(entry), (counts.get(JSON.stringify(entry)) ?? 0) + 1);
    }
    return Math.max(0, ...counts.values());
  };
  return el("tr", {}, el("th", { scope: "row", title: worded("How many nodes have the same entry at this index, at most") }, worded("same entry on")), ...shown.map((index) => {
    const count = copies(index);
    const isMajority = count * 2 > rows.length;
    return el("td", { class: isMajority ? "majority" : "", title: worded(isMajority ? "{count} of {nodes} nodes have the same entry, a majority" : "{count} of {nodes} nodes have the same entry", { count, nodes: rows.length }) },
      worded("{count} of {nodes}", { count, nodes: rows.length }), isMajority ? el("small", {}, worded(" majority")) : null);
  }));
}
