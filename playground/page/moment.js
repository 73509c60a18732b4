// The cluster at an event of the trace: what the cluster view draws. At the last event the session's state adds what no
// trace says: when a message will arrive, and what can be done.

import { actingLane, digest } from "./nodes.js";
import { reignAt } from "./reigns.js";
import { messageParts } from "./sentences.js";

/** Timers are looked for in so many events of a node. */
const LOOK_BACK = 400;
/** Messages in flight that are drawn at most. */
const MESSAGES_MAX = 400;
/** A message whose arrival nobody knows is drawn at this share of its way. */
const UNKNOWN = 0.45;
const HELD = 0.28;
/** A message is seen beside its sender, not on it. */
const FIRST = 0.09;
/** A lost message ends at this share. */
const LOST = 0.7;

/** The cluster after an event. `isPresent` says that this is where the session is. */
export function momentAt({ trace, reigns, state, run }, index, isPresent) {
  const waits = new Map((isPresent ? state.in_flight : []).map((message) => [message.id, message]));
  const nodes = trace.lanes.map((_, lane) => lane).slice(trace.clients.length).map((lane) => nodeAt(trace, reigns, lane, index, isPresent ? state : undefined));
  const liars = new Set(nodes.filter(({ lie }) => lie).map(({ lane }) => lane));
  return {
    trace, reigns, run, index, isPresent, nodes,
    messages: flightsAt(trace, index).map((flight) => ({ ...messageAt(trace, flight, waits, index), isLying: liars.has(trace.flights.from[flight]) })),
    cuts: isPresent ? state.cuts : cutsAt(trace, index),
    acting: actingLane(trace, index),
  };
}

function nodeAt(trace, reigns, lane, index, state) {
  const status = trace.statusOf(lane, index);
  const name = trace.lanes[lane];
  const view = trace.view(lane, index);
  const known = state?.nodes.find((node) => node.name === name);
  const { ppm, jumped } = trace.clockOf(lane, index);
  return {
    lane, name, status, reign: status === "up" ? reignAt(reigns, lane, index) : undefined,
    digest: view === undefined ? "" : digest(view), lie: trace.lieOf(lane), rules: known?.rules ?? null, isClockWrong: ppm !== 0 || jumped !== 0,
    timers: status === "down" ? [] : timersAt(trace, lane, index, state, name),
  };
}

/** Timers that run: those of the session where it is, otherwise those that the trace has seen armed. */
function timersAt(trace, lane, index, state, name) {
  if (state) return state.timers.filter(({ node }) => node === name);
  return trace.armedTimers(lane, index, LOOK_BACK).map(({ timer, at, due }) => ({ node: name, name: timer, armed: at, due }));
}

/** Messages that are under way after an event. */
function flightsAt(trace, index) {
  const { sent, ended } = trace.flights;
  const found = [];
  for (let flight = 0; flight < sent.length && sent[flight] <= index; flight += 1) {
    if (ended[flight] < 0 || ended[flight] > index) found.push(flight);
  }
  return found.slice(-MESSAGES_MAX);
}

function messageAt(trace, flight, waits, index) {
  const { from, to, sent, ended, copy } = trace.flights;
  const fields = trace.event(sent[flight]);
  const id = fields.kind === "duplicate" ? fields.copy : fields.msg;
  const end = ended[flight];
  const wait = waits.get(id);
  const begins = trace.at[sent[flight]];
  const due = end >= 0 ? trace.at[end] : wait?.due;
  const isHeld = wait !== undefined && wait.due === null;
  const isLost = end >= 0 && trace.kindOf(end) === "drop";
  return {
    flight, id, from: from[flight], to: to[flight], begins, due, isHeld, isLost, isCopy: Boolean(copy[flight]), isForged: Boolean(trace.flights.forged[flight]) && trace.flights.said[flight] <= index, select: wait?.select,
    name: messageParts(trace, flight, index).name, body: trace.said(flight, index).body,
    /** The share of its way that it has gone at a time. */
    share(now) {
      if (isHeld) return HELD;
      if (due === undefined || due === null) return UNKNOWN;
      if (due <= begins) return isLost ? LOST : UNKNOWN;
      const share = FIRST + (1 - FIRST) * Math.max(0, Math.min(1, (now - begins) / (due - begins)));
      return isLost ? share * LOST : share;
    },
  };
}

/** Links that are cut after an event, `[from, to]`, as the trace tells. */
function cutsAt(trace, index) {
  const cuts = new Map();
  const set = (from, to, isUp) => (isUp ? cuts.delete(`${from} ${to}`) : cuts.set(`${from} ${to}`, [from, to]));
  for (let i = 0; i <= index; i += 1) {
    if (trace.kindOf(i) !== "net") continue;
    const { heal, link, partition } = trace.event(i);
    if (heal) cuts.clear();
    if (link) set(link.from, link.to, link.up);
    const groupOf = new Map((partition ?? []).flatMap((group, at) => group.map((name) => [name, at])));
    for (const [from, ours] of groupOf) for (const [to, theirs] of groupOf) if (from !== to) set(from, to, ours === theirs);
  }
  return [...cuts.values()];
}
