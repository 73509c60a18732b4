// Each event in one sentence, for the ledger beside the lanes, the list in the why panel, and screen readers.

import { clockTime, say, span, unwrapped } from "./words.js";

const LOST = { loss: "lost by chance", partition: "lost: the network is cut there", crashed: "lost: the receiver is down",
  script: "lost, as the scenario wants" };

/** A message's name and what it says. */
export function messageParts(trace, flight) {
  const fields = trace.said(flight);
  const { name, body } = unwrapped(String(fields.name ?? "Reply"), fields.body);
  return { name, body: say(body) };
}

/** What happens, as [what, details]: the first stands out. */
export function eventParts(trace, index) {
  const fields = trace.event(index);
  const flight = trace.flight[index];
  switch (fields.kind) {
    case "boot": return fields.incarnation > 1 ? ["restarts", `start number ${fields.incarnation}`] : ["starts", ""];
    case "crash": return ["crashes", crashDetails(fields)];
    case "pause": return ["pauses", "takes no input, forgets nothing, and will not know of it"];
    case "resume": return ["goes on", "without knowing that it paused"];
    case "clock": return clockParts(fields);
    case "net": return netParts(fields);
    case "request": return [String(fields.name ?? "Request"), joined(say(fields.body), `from ${fields.client}`)];
    case "reply": return [String(fields.name ?? "Reply"), joined(say(fields.body), `to ${fields.client}`)];
    case "send": return [String(fields.name), joined(say(fields.body), `to ${fields.to}`)];
    case "deliver": return deliverParts(trace, flight, fields);
    case "drop": return [`${messageParts(trace, flight).name} ${LOST[fields.reason] ?? "lost"}`, messageParts(trace, flight).body];
    case "duplicate": return [`${messageParts(trace, flight).name} is repeated by the network`, ""];
    case "arm": return [`sets ${fields.timer}`, `runs out at ${clockTime(fields.due)}`];
    case "disarm": return [`stops ${fields.timer}`, ""];
    case "fire": return [`${fields.timer} runs out`, fields.gave_up ? "gives up" : ""];
    case "rule": return [String(fields.rule), String(fields.why ?? "")];
    case "persist": return [`writes ${fields.name}`, say(fields.body)];
    case "state": return ["state", say(fields.diff)];
    case "fact": return [String(fields.name), say(fields.body)];
    case "violation": return [`${fields.invariant} is broken`, String(fields.detail ?? "")];
    default: return [String(fields.text ?? ""), ""];
  }
}

function joined(...parts) {
  return parts.filter((part) => part !== "").join(" · ");
}

function crashDetails(fields) {
  const lost = fields.lost > 0 ? `${fields.lost} writes were not yet on disk and are gone` : "";
  return joined(lost, fields.wiped ? "the whole disk is gone" : "");
}

function clockParts(fields) {
  if (typeof fields.jump_ns === "number") {
    return [`clock set ${fields.jump_ns < 0 ? "back" : "forward"} by ${span(Math.abs(fields.jump_ns))}`, ""];
  }
  if (fields.drift_ppm === 0) return ["clock runs right again", ""];
  const fast = fields.drift_ppm > 0 ? "fast" : "slow";
  return [`clock runs ${Math.abs(fields.drift_ppm)} ppm ${fast}`, ""];
}

function netParts(fields) {
  if (fields.heal) return ["the network is whole again", ""];
  if (fields.link) return [`${fields.link.from} → ${fields.link.to} ${fields.link.up ? "works again" : "is cut"}`, ""];
  return ["the network falls apart", fields.partition.map((group) => group.join(" ")).join("  ┃  ")];
}

function deliverParts(trace, flight, fields) {
  if (flight < 0) return ["message", ""];
  const { name, body } = messageParts(trace, flight);
  const remarks = [trace.flights.copy[flight] ? "a copy" : "", fields.late ? "too late" : ""].filter(Boolean).join(", ");
  return [name, joined(body, remarks)];
}

/** Words in a rule's name that say no. */
const REFUSAL = /^(Refuse|Reject|Deny|Denied|Ignore|Stale|Not[A-Z])|Refused|Denied|Stale/;

/** Whether a rule says no, as far as its name tells. */
export function isRefusal(rule) {
  return REFUSAL.test(rule);
}

/** The whole event as one sentence. */
export function sentence(trace, index) {
  const fields = trace.event(index);
  const [what, details] = eventParts(trace, index);
  const who = typeof fields.node === "string" ? `${fields.node}: ` : "";
  const from = fields.kind === "deliver" ? ` from ${fields.from}` : "";
  return `${clockTime(fields.at)}, ${who}${what}${from}${details ? `, ${details}` : ""}`;
}
