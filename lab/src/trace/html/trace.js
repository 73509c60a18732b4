// A trace in memory: columns of numbers for all events, and the text of each line, which is parsed again when it is
// shown. A million events take some hundred bytes each this way, and most of that is their own text.

import { TELLS, stanceOf } from "./stances.js";
import { Views } from "./views.js";

export const KINDS = ["boot", "crash", "pause", "resume", "clock", "net", "request", "reply", "send", "deliver", "drop",
  "duplicate", "forge", "arm", "disarm", "fire", "rule", "persist", "state", "fact", "violation", "note"];

const KIND = Object.fromEntries(KINDS.map((kind, index) => [kind, index]));

/** Kinds that happen within a step, and have no row of their own if the step is there. */
const WITHIN = new Set(["rule", "persist", "send", "reply", "arm", "disarm", "fact", "state"]);
const TRIGGERS = new Set(["boot", "deliver", "request", "fire"]);

/** Names as small numbers, in the order in which they come. */
class Names {
  constructor() {
    this.list = [];
    this.index = new Map();
  }

  of(name) {
    let index = this.index.get(name);
    if (index === undefined) {
      index = this.list.length;
      this.list.push(name);
      this.index.set(name, index);
    }
    return index;
  }
}

/** A step has no more events than this for the panels. */
const EVENTS_MAX = 200;

/** The events of a step, its head first. What the network does may stand between them. */
export function stepEvents(trace, step) {
  const events = [step];
  for (let i = step + 1; i < trace.count && events.length < EVENTS_MAX && trace.at[i] === trace.at[step]; i += 1) {
    if (trace.step[i] === step) events.push(i);
  }
  return events;
}

/** The list that a map holds for a key, made when it is first asked for. */
function listIn(map, key) {
  let list = map.get(key);
  if (list === undefined) map.set(key, (list = []));
  return list;
}

/** Members of an event whose content belongs to the protocol. */
const PAYLOADS = ["body", "diff", "state", "value", "was"];

/**
 * The fields of a line. A number of JavaScript is exact up to 2^53 only, and a Snowflake id, or a date in nanoseconds, has
 * 63 bits: larger numbers of a payload are strings of their digits here. (Browsers that cannot do this round them.)
 */
function fieldsOf(line) {
  const fields = JSON.parse(line);
  if (!/\d{16}/.test(line)) return fields;
  const exact = JSON.parse(line, (_, value, context) => {
    const isRounded = Number.isInteger(value) && !Number.isSafeInteger(value);
    return isRounded && /^-?\d+$/.test(context?.source ?? "") ? context.source : value;
  });
  for (const name of PAYLOADS.filter((name) => Object.hasOwn(fields, name))) fields[name] = exact[name];
  return fields;
}

export class Trace {
  /** Reads JSON Lines, whose form was checked when the page was written. */
  constructor(text) {
    this.text = text.trim();
    this.findLines();
    this.header = JSON.parse(this.text.slice(0, this.starts[1] - 1));
    this.clients = this.header.clients ?? [];
    this.lanes = [...this.clients, ...this.header.nodes];
    this.laneOf = new Map(this.lanes.map((name, lane) => [name, lane]));
    this.rules = new Map(Object.entries(this.header.rules ?? {}));
    this.views = new Views(this.lanes.length);
    this.messageNames = new Names();
    this.ruleNames = new Names();
    this.timerNames = new Names();
    this.violations = [];
    this.notes = [];
    this.clockChanges = new Map();
    this.statusChanges = new Map();
    this.timerEvents = new Map();
    this.persists = new Map();
    this.stances = [];
    this.asked = new Set();
    this.cache = new Map();
    this.allocate();
    for (let i = 0; i < this.count; i += 1) this.take(i, JSON.parse(this.line(i)));
  }

  findLines() {
    const starts = [0];
    for (let at = this.text.indexOf("\n"); at >= 0; at = this.text.indexOf("\n", at + 1)) starts.push(at + 1);
    starts.push(this.text.length + 1);
    this.starts = Float64Array.from(starts);
    this.count = starts.length - 2;
  }

  allocate() {
    this.id = new Float64Array(this.count);
    this.at = new Float64Array(this.count);
    this.kind = new Uint8Array(this.count);
    this.lane = new Int32Array(this.count).fill(-1);
    this.cause = new Int32Array(this.count).fill(-1);
    this.step = new Int32Array(this.count);
    this.flight = new Int32Array(this.count).fill(-1);
    this.ruleOf = new Int32Array(this.count).fill(-1);
    this.tells = new Uint8Array(this.count);
    this.heldBy = new Map();
    this.flights = { sent: [], ended: [], from: [], to: [], name: [], copy: [], again: [], forged: [], said: [], honest: [] };
    this.byMessage = new Map();
    this.byId = new Map();
  }

  /** The text of an event's line. */
  line(index) {
    return this.text.slice(this.starts[index + 1], this.starts[index + 2] - 1);
  }

  /** All fields of an event. */
  event(index) {
    let fields = this.cache.get(index);
    if (fields === undefined) {
      fields = fieldsOf(this.line(index));
      if (this.cache.size > 2000) this.cache.clear();
      this.cache.set(index, fields);
    }
    return fields;
  }

  kindOf(index) {
    return KINDS[this.kind[index]];
  }

  /** The node's view after an event. */
  view(lane, index) {
    return this.views.at(lane, index, (mark) => this.event(mark));
  }

  /** The lie of a node, in a word, as its view tells from the beginning; undefined if it is honest. */
  lieOf(lane) {
    this.lies ??= this.views.marks.map(([first]) => {
      const lie = first === undefined ? undefined : this.event(first).state?.lie;
      const name = typeof lie === "string" ? lie : Object.keys(lie ?? {})[0];
      return name?.replace(/(?<=[a-z])(?=[A-Z])/g, "-").toLowerCase();
    });
    return this.lies[lane];
  }

  take(i, fields) {
    this.id[i] = fields.id;
    this.at[i] = fields.at;
    this.kind[i] = KIND[fields.kind];
    if (typeof fields.node === "string") this.lane[i] = this.laneOf.get(fields.node) ?? -1;
    this.byId.set(fields.id, i);
    if (typeof fields.cause === "number") this.cause[i] = this.byId.get(fields.cause) ?? -1;
    this.step[i] = this.stepOf(i, fields.kind);
    switch (fields.kind) {
      case "boot": this.changeStatus(i, "up"); return this.views.record(i, this.lane[i], fields);
      case "state": return this.views.record(i, this.lane[i], fields);
      case "crash": this.changeClock(i, { ...fields, suspended: false }); return this.changeStatus(i, "down");
      case "pause": this.changeClock(i, fields); return this.changeStatus(i, "paused");
      case "resume": this.changeClock(i, { ...fields, suspended: false }); return this.changeStatus(i, "up");
      case "arm": case "disarm": case "fire": return this.noteTimer(i, fields);
      case "rule": return this.noteRule(i, String(fields.rule), fields.why);
      case "fact": this.tells[this.step[i]] |= TELLS.fact; return undefined;
      case "persist": listIn(this.persists, this.lane[i]).push(i); return undefined;
      case "violation": return this.violations.push(i);
      case "note": return this.notes.push(i);
      case "clock": return this.changeClock(i, fields);
      case "send": return this.leave(i, fields.msg, this.lane[i], this.laneOf.get(fields.to), fields.name, fields.ticket);
      case "reply": return this.leave(i, fields.msg, this.lane[i], this.laneOf.get(fields.client), fields.name);
      case "duplicate": return this.repeat(i, fields);
      case "forge": return this.forge(i, fields);
      case "request": return this.arrive(i, fields, fields.client);
      case "deliver": case "drop": return this.arrive(i, fields);
      default: return undefined;
    }
  }

  /** The first event of the step to which an event belongs: itself if it begins one. */
  stepOf(i, kind) {
    if (!WITHIN.has(kind)) return i;
    const cause = this.cause[i];
    if (cause >= 0 && this.lane[cause] === this.lane[i] && TRIGGERS.has(this.kindOf(cause))) return this.step[cause];
    const before = i - 1;
    const together = before >= 0 && kind !== "send" && this.lane[before] === this.lane[i] && this.at[before] === this.at[i];
    return together ? this.step[before] : i;
  }

  /** What the same node has held back before, for the same reason, is told only once. */
  noteRule(i, rule, why) {
    const index = this.ruleNames.of(rule);
    this.stances[index] ??= stanceOf(rule);
    this.ruleOf[i] = index;
    this.tells[this.step[i]] |= TELLS[this.isHeldAgain(i, index, why) ? "heldAgain" : this.stances[index]] ?? 0;
  }

  isHeldAgain(i, rule, why) {
    if (this.stances[rule] !== "held") return false;
    const before = this.heldBy.get(this.lane[i]);
    this.heldBy.set(this.lane[i], { rule, why });
    return before?.rule === rule && before.why === why;
  }

  /** The stance of the rule of an event, see `stanceOf`. */
  stance(i) {
    return this.stances[this.ruleOf[i]] ?? "allowed";
  }

  leave(i, msg, from, to, name, ticket) {
    if (typeof msg !== "number") return;
    this.fly(i, msg, from, to, this.messageNames.of(name ?? "Reply"), i);
    if (typeof ticket !== "number") return;
    const request = `${from} ${ticket}`;
    this.flights.again[this.flight[i]] = this.asked.has(request) ? 1 : 0;
    this.asked.add(request);
  }

  /** A message leaves at event `i`; its content is in event `said`, another one for a copy or a lie. */
  fly(i, msg, from, to, name, said) {
    const flights = this.flights;
    const flight = flights.sent.length;
    flights.sent.push(i);
    flights.ended.push(-1);
    flights.from.push(from);
    flights.to.push(to ?? -1);
    flights.name.push(name);
    flights.copy.push(said === i ? 0 : 1);
    flights.again.push(said === i ? 0 : flights.again[this.flight[said]]);
    flights.forged.push(said === i ? 0 : flights.forged[this.flight[said]]);
    flights.said.push(said);
    flights.honest.push(said);
    if (msg !== undefined) this.byMessage.set(msg, flight);
    this.flight[i] = flight;
  }

  repeat(i, fields) {
    const original = this.byMessage.get(fields.msg);
    if (original === undefined) return;
    const { from, to, name, said } = this.flights;
    this.fly(i, fields.copy, from[original], to[original], name[original], said[original]);
  }

  /** A lie: from event `i` on, the message says what that event says. */
  forge(i, fields) {
    const flight = this.byMessage.get(fields.msg);
    if (flight === undefined) return;
    const { name, forged, said } = this.flights;
    [name[flight], forged[flight], said[flight]] = [this.messageNames.of(fields.name ?? "Reply"), 1, i];
    this.flight[i] = flight;
  }

  arrive(i, fields, client) {
    let flight = this.byMessage.get(fields.msg);
    if (flight === undefined) {
      if (client === undefined) return;
      // The trace does not say how the request was sent: an arrow of no length stands for it.
      this.fly(i, undefined, this.laneOf.get(client), this.lane[i], this.messageNames.of(fields.name ?? "Request"), i);
      flight = this.flight[i];
    }
    this.flights.ended[flight] = i;
    this.flight[i] = flight;
  }

  changeStatus(i, status) {
    listIn(this.statusChanges, this.lane[i]).push({ index: i, status });
  }

  noteTimer(i, { kind, timer, ticket }) {
    listIn(this.timerEvents, this.lane[i]).push({ index: i, name: this.timerNames.of(`${timer}/${ticket ?? ""}`), arms: kind === "arm" });
  }

  /** The `arm` events of the timers that run on a lane after an event, the latest first. */
  armedTimers(lane, index, lookBack) {
    const events = this.timerEvents.get(lane) ?? [];
    const boot = (this.statusChanges.get(lane) ?? []).findLast((change) => change.index <= index && this.kindOf(change.index) === "boot");
    let [low, high] = [0, events.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (events[middle].index <= index) low = middle + 1;
      else high = middle;
    }
    const seen = new Set();
    const armed = [];
    for (let at = low - 1; at >= Math.max(0, low - lookBack) && events[at].index > (boot?.index ?? -1); at -= 1) {
      if (!seen.has(events[at].name) && events[at].arms) armed.push(this.event(events[at].index));
      seen.add(events[at].name);
    }
    return armed;
  }

  /** Whether a lane is `up`, `down` or `paused` after an event. */
  statusOf(lane, index) {
    let status = "up";
    for (const change of this.statusChanges.get(lane) ?? []) {
      if (change.index > index) break;
      status = change.status;
    }
    return status;
  }

  changeClock(i, { at, drift_ppm: ppm, jump_ns: jump, suspended }) {
    listIn(this.clockChanges, this.lane[i]).push({ index: i, at, ppm, jump, suspended });
  }

  /** What a node's clocks show at an event: the one that only ever goes on, its rate, and how far the other was set. */
  clockOf(lane, index) {
    let [shown, since, ppm, jumped, suspended] = [0, 0, 0, 0, false];
    // In a suspension the one stands still, and the other is set forward by as much.
    const pass = (at) => {
      if (suspended) jumped += at - since;
      else shown += (at - since) * (1 + ppm / 1e6);
      since = at;
    };
    for (const change of this.clockChanges.get(lane) ?? []) {
      if (change.index > index) break;
      if (typeof change.jump === "number") jumped += change.jump;
      else pass(change.at);
      ppm = change.ppm ?? ppm;
      suspended = change.suspended ?? suspended;
    }
    pass(this.at[index]);
    return { shown, ppm, jumped };
  }

  /** The event that says what a message says: its `send`, `reply` or `request`, or the last lie in it; before that lie, what it said first. */
  said(flight, index = this.count) {
    const { said, honest } = this.flights;
    return this.event(said[flight] <= index ? said[flight] : honest[flight]);
  }
}
