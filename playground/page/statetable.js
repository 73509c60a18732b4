// What every node holds, in one table: a column for each node, a row for each of the few members of its view that tell how
// things stand in its protocol. A point in time is what is left until then on the node's own clock.

import { cut, el } from "./dom.js";
import { bodyEpoch, epochClass } from "./reigns.js";
import { touched } from "./views.js";
import { worded } from "./wording.js";
import { EPOCHS, isInstant, isPlainObject, say, span } from "./words.js";

const LOCK = ["value", "holds", "token", "expires", "until", "away_until"];
const TREE = ["raft.role", "raft.term", "raft.leader", "raft.commit", "raft.state", "session", "holds", "token", "until"];

/**
 * The members by protocol, as paths. `*` is the view of any node that has the rest, in which NODE is the row's own: what a
 * leader knows of its followers.
 */
const MEMBERS = {
  paxos: ["acceptor.promised", "acceptor.accepted", "proposer.stage", "proposer.ballot", "proposer.promises", "learner.chosen"],
  "multi-paxos": ["acceptor.promised", "proposer.office", "proposer.ballot", "proposer.leader", "proposer.promises", "proposer.next", "learner.open"],
  raft: ["role", "term", "vote", "leader", "commit", "applied", "votes", "*.followers.NODE.matched", "*.followers.NODE.next"],
  lease: ["primary", "token", "expires", "silent_until", "serves_until", "acts_until"],
  "lease-majority": ["acceptor.promised", "acceptor.accepted", "acceptor.expires", "acceptor.silent_until", "proposer.attempt", "proposer.token", "proposer.acts_until"],
  "lease-store": ["mark", "newest.fence", "newest.count", "serves"],
  "lease-cache": ["data", "cached", "loans", "waiting", "silent_until"],
  "lease-pushed": ["holder", "token", "expires", "next", "stops", "highest", "value"],
  "lease-raft": ["raft.role", "raft.term", "raft.leader", "raft.commit", "raft.state", "reads_until", "held"],
  lock: LOCK, redlock: LOCK, zookeeper: TREE, etcd: TREE, chubby: TREE,
  "two-phase": ["transactions", "in_doubt", "rows"],
  "three-phase": ["transactions", "in_doubt", "rows"],
  "paxos-commit": ["transactions", "in_doubt", "promised", "accepted", "rows"],
  outbox: ["orders", "messages", "working", "shipped"],
  saga: ["sagas", "rows"],
  register: ["copies", "clock", "operations", "waiting"],
  "primary-backup": ["view", "number", "confirmed", "values", "waiting", "silent"],
  generals: ["lie", "got", "order"],
  broadcast: ["lie", "echoes", "echoed", "readies", "ready", "accepted"],
  channel: ["open", "sent", "acked", "processed", "waiting", "timeout"],
  balancer: ["servers", "waiting", "standing"],
  "true-time": ["now", "polled", "left", "waiting"],
  ntp: ["timestamp", "error", "slew", "poll", "reach", "stopped"],
  snowflake: ["lease", "last", "waiting", "leased"],
  pbft: ["lie", "view", "changing", "log", "executed", "stable", "total", "open"],
};

const NODES_MAX = 24;
const CELL_MAX = 90;
/** Members of the view of an unknown protocol. */
const MEMBERS_MAX = 8;

/** Draws the table as the nodes are after an event; whether there is anything to show. */
export function renderStateTable(element, { trace, reigns }, index) {
  const nodes = trace.lanes.map((name, lane) => ({ name, lane, view: lane < trace.clients.length ? undefined : trace.view(lane, index) }))
    .filter(({ view }) => isPlainObject(view)).slice(0, NODES_MAX);
  const rows = pathsOf(trace.header.protocol, nodes)
    .map((path) => ({ path: path.split("."), values: nodes.map((node) => valueAt(path.split("."), node, nodes)) }))
    .filter(({ values }) => !values.every(isEmpty));
  element.hidden = rows.length === 0;
  const changed = nodes.map(({ lane }) => changedPaths(trace, lane, index));
  const cells = ({ path, values }) => values.map((value, at) => cell({ trace, reigns, index, lane: nodes[at].lane }, path.at(-1), value, isTouched(changed[at], path)));
  element.replaceChildren(el("table", { class: "statetable" },
    el("thead", {}, el("tr", {}, el("td"), ...nodes.map((node) => head(trace, node, index)))),
    el("tbody", {}, ...rows.map((row) => el("tr", { "data-member": row.path.at(-1) }, el("th", { scope: "row" }, row.path.at(-1).replaceAll("_", " ")), ...cells(row))))));
  return rows.length > 0;
}

/** The paths of the rows: those of the protocol, or the members of its views. */
function pathsOf(protocol, nodes) {
  return MEMBERS[protocol] ?? [...new Set(nodes.flatMap(({ view }) => Object.keys(view)))].slice(0, MEMBERS_MAX);
}

function head(trace, { name, lane }, index) {
  const status = trace.statusOf(lane, index);
  return el("th", { scope: "col", class: `${status}${trace.lane[index] === lane ? " acts" : ""}`, "data-node": name },
    cut(name, 16), status === "up" ? null : el("span", { class: "quiet" }, ` ${worded(status === "down" ? "crashed" : "paused")}`));
}

function valueAt(path, { name, view }, nodes) {
  if (path[0] !== "*") return inner(view, path);
  const keys = path.slice(1).map((key) => (key === "NODE" ? name : key));
  return nodes.map((other) => inner(other.view, keys)).find((value) => value !== undefined);
}

function inner(view, keys) {
  return keys.reduce((value, key) => (isPlainObject(value) ? value[key] : undefined), view);
}

function isEmpty(value) {
  return value === undefined || value === null || value === "" || (typeof value === "object" && Object.keys(value).length === 0);
}

/** The paths that the step of an event changed in a node's view. */
function changedPaths(trace, lane, index) {
  const last = trace.views.last(lane, index);
  if (last === undefined || trace.step[last] !== trace.step[index] || trace.kindOf(last) !== "state") return [];
  return [...touched(trace.event(last).diff)].map((text) => JSON.parse(text));
}

function isTouched(changed, path) {
  return changed.some((keys) => keys.every((key, at) => at >= path.length || key === path[at]));
}

function cell({ trace, reigns, index, lane }, key, value, isFresh) {
  if (isEmpty(value)) return el("td", { class: isFresh ? "fresh" : "" });
  const isEpoch = EPOCHS.includes(key) && ["string", "number"].includes(typeof value);
  const colour = isEpoch ? epochClass(reigns, value) : bodyEpoch(reigns, value);
  const text = isInstant(key, value) ? leftUntil(value - trace.clockOf(lane, index).shown) : say(value);
  return el("td", { class: [colour, isFresh ? "fresh" : ""].join(" ").trim(), title: cut(text, 600) }, cut(text, CELL_MAX));
}

function leftUntil(left) {
  return left > 0 ? worded("{span} left", { span: span(left) }) : worded("past by {span}", { span: span(-left) });
}
