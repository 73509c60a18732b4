// Each event in one sentence, worded as the terminal words it (lab/src/trace/render): for the ledger beside the lanes,
// the why panel, and screen readers. A browser test compares the two on every event of every shipped scenario.

import { visible, visibleLines } from "./dom.js";
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
    case "boot": return [fields.incarnation > 1 ? `restarts (incarnation ${fields.incarnation})` : "starts", ""];
    case "crash": return [crashWords(fields), lostRecords(fields)];
    case "pause": return ["pauses", ""];
    case "resume": return [`resumes${pausedFor(trace, index)}`, ""];
    case "clock": return [clockWords(fields), ""];
    case "net": return [netWords(fields), ""];
    case "request": return [named(fields.name ?? "Request"), say(fields.body), requestRemark(trace, flight)];
    case "reply": return [named(fields.name ?? "Reply"), say(fields.body)];
    case "send": return [named(fields.name), say(fields.body)];
    case "deliver": return arrivalParts(trace, flight, arrivalRemark(trace, flight, fields));
    case "drop": return arrivalParts(trace, flight, lossRemark(trace, flight, fields.reason));
    case "duplicate": return [`network duplicates ${repeated(trace, flight)}`, ""];
    case "forge": return [`forges ${named(nameBefore(fields))} to ${named(fields.to)}`, forgedWords(fields)];
    case "arm": return [`arms timer ${named(fields.timer)}`, `to fire at ${clockTime(fields.due)}`];
    case "disarm": return [`disarms timer ${named(fields.timer)}`, ""];
    case "fire": return [fireWords(fields), ""];
    case "rule": return [named(fields.rule), ruleWords(trace, fields)];
    case "persist": case "fact": return [named(fields.name), say(fields.body)];
    case "state": return ["", say(fields.diff)];
    case "violation": return [`${named(fields.invariant)} is broken`, visible(String(fields.detail ?? ""))];
    default: return [visibleLines(String(fields.text ?? "")), ""];
  }
}

/** The field that stands for the name of a message. */
const NAME = "as";

/** The name that a message had before a lie. */
function nameBefore({ field, old, name }) {
  return field === NAME && typeof old === "string" ? old : name ?? "Reply";
}

function forgedWords({ field, old, new: now }) {
  const key = String(field).split(".").at(-1);
  return `${visible(String(field))} ${brief(key, now)}, was ${brief(key, old)}`;
}

function named(name) {
  return visible(String(name));
}

/** What a rule says with the live values, or else the rule's summary. */
function ruleWords(trace, { rule, why }) {
  return visible(String(why ?? "")) || visible(String(trace.rules.get(rule)?.says ?? ""));
}

function crashWords({ wiped, restored }) {
  if (restored) return "crashes and its disk is restored from a backup";
  return wiped ? "crashes and its disk is wiped" : "crashes";
}

function lostRecords({ lost }) {
  return lost > 0 ? `${lost} ${lost === 1 ? "record was" : "records were"} not yet durable and ${lost === 1 ? "is" : "are"} lost` : "";
}

function pausedFor(trace, index) {
  const changes = trace.statusChanges.get(trace.lane[index]) ?? [];
  const pause = changes.findLast((change) => change.index < index && trace.kindOf(change.index) !== "boot");
  return pause?.status === "paused" ? ` after ${span(trace.at[index] - trace.at[pause.index])}` : "";
}

function clockWords(fields) {
  if (typeof fields.jump_ns === "number") {
    return `has its clock set ${fields.jump_ns < 0 ? "back" : "forward"} by ${span(Math.abs(fields.jump_ns))}`;
  }
  if (fields.drift_ppm === 0) return "has a clock that runs correctly again";
  return `has a clock that runs ${Math.abs(fields.drift_ppm)} ppm ${fields.drift_ppm > 0 ? "fast" : "slow"}`;
}

function netWords(fields) {
  if (fields.heal) return "network heals";
  if (fields.link) {
    const { from, to, up } = fields.link;
    return `network: ${named(from)} ${up ? "reaches" : "no longer reaches"} ${named(to)}${up ? " again" : ""}`;
  }
  return `network splits: ${fields.partition.map((group) => group.map(named).join(" ")).join(" | ")}`;
}

function fireWords({ timer, ticket, gave_up: gaveUp }) {
  if (typeof ticket === "number") return `gets no reply to request ${ticket} and ${gaveUp ? "gives up" : "retries"}`;
  return `timer ${named(timer)} fires`;
}

function arrivalParts(trace, flight, remark) {
  if (flight < 0) return ["message", "", remark];
  const { name, body } = trace.said(flight);
  return [named(name ?? "Reply"), say(body), remark];
}

function requestRemark(trace, flight) {
  return [flight >= 0 && trace.flights.again[flight] ? "retry" : "", isCopy(trace, flight), isForged(trace, flight)].filter(Boolean).join("; ");
}

function isCopy(trace, flight) {
  return flight >= 0 && trace.flights.copy[flight] ? "a copy" : "";
}

function isForged(trace, flight) {
  return flight >= 0 && trace.flights.forged[flight] ? "forged" : "";
}

function arrivalRemark(trace, flight, fields) {
  const late = fields.late ? `too late, ${named(fields.node)} no longer waits` : "";
  return [requestRemark(trace, flight), late].filter(Boolean).join("; ");
}

function lossRemark(trace, flight, reason) {
  const to = flight < 0 ? "the receiver" : named(trace.lanes[trace.flights.to[flight]] ?? "the receiver");
  const words = {
    loss: "lost at random", partition: "lost, the link is cut", crashed: `lost, ${to} is down`,
    unknown: "dropped: there is no such receiver", script: "dropped by the scenario",
  };
  return words[reason] ?? `lost, ${named(reason)}`;
}

function repeated(trace, flight) {
  if (flight < 0) return "a message";
  const { from, to } = trace.flights;
  return `${named(trace.said(flight).name ?? "Reply")} from ${named(trace.lanes[from[flight]])} to ${named(trace.lanes[to[flight]])}`;
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
  const to = kind === "send" || (kind === "reply" && !arrives) ? ` to ${named(trace.event(index).to ?? trace.event(index).client)}` : "";
  return `${before}${what}${to}${details ? between : ""}${details}${remark ? ` (${remark})` : ""}`;
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
