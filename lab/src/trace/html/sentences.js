// Each event in one sentence, worded as the terminal words it (lab/src/trace/render): for the ledger beside the lanes,
// the why panel, and screen readers. A browser test compares the two on every event of every shipped scenario. An
// interactive page can have the sentences in another language; what a protocol says itself stays as it says it.

import { visible, visibleLines } from "./dom.js";
import { worded } from "./wording.js";
import { brief, clockTime, say, span, unwrapped } from "./words.js";

/** A message's name in the diagram, and what it says; `index` is the event up to which lies count. */
export function messageParts(trace, flight, index) {
  const fields = trace.said(flight, index);
  const { name, body } = unwrapped(String(fields.name ?? "Reply"), fields.body);
  return { name: visible(name), body: say(body) };
}

/** What happens, as [what, details, remark]: the first stands out, the last says what is unusual. */
export function eventParts(trace, index) {
  const fields = trace.event(index);
  const flight = trace.flight[index];
  switch (fields.kind) {
    case "boot": return [fields.incarnation > 1 ? worded("restarts (incarnation {number})", { number: fields.incarnation }) : worded("starts"), ""];
    case "crash": return [crashWords(fields), lostRecords(fields)];
    case "pause": return [worded(fields.suspended ? "is suspended" : "pauses"), ""];
    case "resume": return [resumeWords(trace, index), ""];
    case "clock": return [clockWords(fields), ""];
    case "net": return [netWords(fields), ""];
    case "request": return [named(fields.name ?? "Request"), say(fields.body), requestRemark(trace, flight)];
    case "reply": return [named(fields.name ?? "Reply"), say(fields.body)];
    case "send": return [named(fields.name), say(fields.body)];
    case "deliver": return arrivalParts(trace, flight, arrivalRemark(trace, flight, fields));
    case "drop": return arrivalParts(trace, flight, lossRemark(trace, flight, fields.reason));
    case "duplicate": return [repeatedWords(trace, flight), ""];
    case "forge": return [forgeWords(fields), forgedWords(fields)];
    case "arm": return [worded("arms timer {timer}", { timer: named(fields.timer) }), worded("to fire at {time}", { time: clockTime(fields.due) })];
    case "disarm": return [worded("disarms timer {timer}", { timer: named(fields.timer) }), ""];
    case "fire": return [fireWords(fields), ""];
    case "rule": return [named(fields.rule), ruleWords(trace, fields)];
    case "persist": case "fact": return [named(fields.name), say(fields.body)];
    case "state": return ["", say(fields.diff)];
    case "violation": return [worded("{invariant} is broken", { invariant: named(fields.invariant) }), visible(String(fields.detail ?? ""))];
    default: return [visibleLines(String(fields.text ?? "")), ""];
  }
}

/** The field that stands for the name of a message. */
const NAME = "as";

/** The name that a message had before a lie. */
function nameBefore({ field, old, name }) {
  return field === NAME && typeof old === "string" ? old : name ?? "Reply";
}

function forgeWords(fields) {
  return worded("forges {name} to {to}", { name: named(nameBefore(fields)), to: named(fields.to) });
}

function forgedWords({ field, old, new: now }) {
  const key = String(field).split(".").at(-1);
  return worded("{field} {now}, was {old}", { field: visible(String(field)), now: brief(key, now), old: brief(key, old) });
}

function named(name) {
  return visible(String(name));
}

/** What a rule says with the live values, or else the rule's summary. */
function ruleWords(trace, { rule, why }) {
  return visible(String(why ?? "")) || visible(String(trace.rules.get(rule)?.says ?? ""));
}

function crashWords({ wiped, restored }) {
  if (restored) return worded("crashes and its disk is restored from a backup");
  return worded(wiped ? "crashes and its disk is wiped" : "crashes");
}

function lostRecords({ lost }) {
  if (!(lost > 0)) return "";
  return lost === 1 ? worded("1 record was not yet durable and is lost") : worded("{count} records were not yet durable and are lost", { count: lost });
}

function resumeWords(trace, index) {
  const changes = trace.statusChanges.get(trace.lane[index]) ?? [];
  const pause = changes.findLast((change) => change.index < index && trace.kindOf(change.index) !== "boot");
  if (pause?.status !== "paused") return worded("resumes");
  return worded("resumes after {span}", { span: span(trace.at[index] - trace.at[pause.index]) });
}

function clockWords(fields) {
  if (typeof fields.jump_ns === "number") {
    const set = { span: span(Math.abs(fields.jump_ns)) };
    return fields.jump_ns < 0 ? worded("has its clock set back by {span}", set) : worded("has its clock set forward by {span}", set);
  }
  if (fields.drift_ppm === 0) return worded("has a clock that runs correctly again");
  const rate = { ppm: Math.abs(fields.drift_ppm) };
  return fields.drift_ppm > 0 ? worded("has a clock that runs {ppm} ppm fast", rate) : worded("has a clock that runs {ppm} ppm slow", rate);
}

function netWords(fields) {
  if (fields.heal) return worded("network heals");
  if (fields.link) {
    const ends = { from: named(fields.link.from), to: named(fields.link.to) };
    return fields.link.up ? worded("network: {from} reaches {to} again", ends) : worded("network: {from} no longer reaches {to}", ends);
  }
  return worded("network splits: {groups}", { groups: fields.partition.map((group) => group.map(named).join(" ")).join(" | ") });
}

function fireWords({ timer, ticket, gave_up: gaveUp }) {
  if (typeof ticket !== "number") return worded("timer {timer} fires", { timer: named(timer) });
  const request = { number: ticket };
  return gaveUp ? worded("gets no reply to request {number} and gives up", request) : worded("gets no reply to request {number} and retries", request);
}

function arrivalParts(trace, flight, remark) {
  if (flight < 0) return [worded("message"), "", remark];
  const { name, body } = trace.said(flight);
  return [named(name ?? "Reply"), say(body), remark];
}

function requestRemark(trace, flight) {
  return [flight >= 0 && trace.flights.again[flight] ? worded("retry") : "", isCopy(trace, flight), isForged(trace, flight)].filter(Boolean).join("; ");
}

function isCopy(trace, flight) {
  return flight >= 0 && trace.flights.copy[flight] ? worded("a copy") : "";
}

function isForged(trace, flight) {
  return flight >= 0 && trace.flights.forged[flight] ? worded("forged") : "";
}

function arrivalRemark(trace, flight, fields) {
  const late = fields.late ? worded("too late, {node} no longer waits", { node: named(fields.node) }) : "";
  return [requestRemark(trace, flight), late].filter(Boolean).join("; ");
}

function lossRemark(trace, flight, reason) {
  const to = (flight < 0 ? undefined : trace.lanes[trace.flights.to[flight]]) ?? worded("the receiver");
  switch (reason) {
    case "loss": return worded("lost at random");
    case "partition": return worded("lost, the link is cut");
    case "crashed": return worded("lost, {node} is down", { node: named(to) });
    case "unknown": return worded("dropped: there is no such receiver");
    case "script": return worded("dropped by the scenario");
    case "overflow": return worded("lost, the queue is full");
    default: return worded("lost, {reason}", { reason: named(reason) });
  }
}

function repeatedWords(trace, flight) {
  if (flight < 0) return worded("network duplicates a message");
  const { from, to } = trace.flights;
  const name = named(trace.said(flight).name ?? "Reply");
  const ends = { from: named(trace.lanes[from[flight]]), to: named(trace.lanes[to[flight]]) };
  return worded("network duplicates {name} from {from} to {to}", { name, ...ends });
}

/** What stands before and between the parts of a sentence, by the kind of event. */
const FRAMES = {
  send: ["sends ", ": "], reply: ["replies ", ": "], persist: ["persists ", ": "], fact: ["fact ", ": "], state: ["now has ", ""],
  rule: ["because ", ": "], violation: ["", ": "], crash: ["", "; "], arm: ["", ", "], deliver: ["", ": "], drop: ["", ": "], request: ["", ": "],
};

/** What happens in one clause, without who and when. */
export function clause(trace, index) {
  const kind = trace.kindOf(index);
  const [what, details, remark = ""] = eventParts(trace, index);
  // An answer whose arrival is no event of its own arrives at once.
  const arrives = kind === "reply" && trace.flight[index] < 0;
  const [before, between] = arrives ? ["", ": "] : FRAMES[kind] ?? ["", ": "];
  const isSent = kind === "send" || (kind === "reply" && !arrives);
  const to = isSent ? worded(" to {node}", { node: named(trace.event(index).to ?? trace.event(index).client) }) : "";
  return `${before ? worded(before) : ""}${what}${to}${details ? between : ""}${details}${remark ? ` (${remark})` : ""}`;
}

/** Kinds that concern the network or the run, wherever they were noticed. */
const OF_NOBODY = ["net", "duplicate", "violation", "note"];

/** The whole event as one sentence. */
export function sentence(trace, index) {
  const flight = trace.flight[index];
  const kind = trace.kindOf(index);
  const arrives = flight >= 0 && ["deliver", "drop", "request"].includes(kind);
  const { from, to } = trace.flights;
  const who = arrives ? `${named(trace.lanes[from[flight]])} → ${named(trace.lanes[to[flight]])}: `
    : kind === "reply" && flight < 0 ? `${named(trace.event(index).node)} → ${named(trace.event(index).client)}: `
    : trace.lane[index] >= 0 && !OF_NOBODY.includes(kind) ? `${named(trace.lanes[trace.lane[index]])} ` : "";
  return `${clockTime(trace.at[index])}, ${who}${clause(trace, index)}`;
}
