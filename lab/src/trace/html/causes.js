// How a step came about: the chain of direct causes that led to it, and the event in which a value first appears.

import { EPOCHS, say } from "./words.js";

/** A chain is followed back over this many steps at most. */
const CHAIN_MAX = 1000;
const VALUES_MAX = 3;
/** Members whose content counts as a value. */
const VALUES = ["command", "value", "membership"];

/** The direct causes of an event, from the first to the event's own step: each is the event that caused the next. */
export function causeChain(trace, index) {
  const chain = [];
  for (let step = trace.step[index]; step >= 0 && chain.length < CHAIN_MAX;) {
    chain.push(step);
    const cause = trace.cause[step];
    step = cause < 0 ? -1 : trace.step[cause];
  }
  return chain.reverse();
}

/** The chain of an event as something that the diagram can highlight, like a `Cone`. */
export class Chain {
  constructor(trace, index) {
    this.trace = trace;
    this.steps = new Set(causeChain(trace, index));
    this.upTo = new Int32Array(trace.lanes.length).fill(-1);
    this.from = new Int32Array(trace.lanes.length).fill(trace.count);
  }

  holds(i) {
    const { step, flight, flights } = this.trace;
    if (this.steps.has(step[i])) return true;
    // A send that is its own step belongs to the chain if its arrival does.
    const end = flight[i] >= 0 ? flights.ended[flight[i]] : -1;
    return end >= 0 && flights.sent[flight[i]] === i && this.steps.has(end);
  }
}

/** The values in some events, and where each first appears: `{ text, first }`, values that an entry or proposal carries. */
export function valueOrigins(trace, events) {
  const found = new Map();
  for (const i of events) collect(trace, i, found);
  return [...found].slice(0, VALUES_MAX).map(([json, text]) => ({ text, first: firstWith(trace, json) })).filter(({ first }) => first >= 0);
}

function collect(trace, index, found) {
  const flight = trace.flight[index];
  const fields = flight >= 0 ? trace.said(flight) : trace.event(index);
  if (["state", "boot"].includes(fields.kind)) return;
  walk(fields.body, found, 0);
}

function walk(body, found, depth) {
  if (typeof body !== "object" || body === null || depth > 6) return;
  for (const [key, member] of Object.entries(body)) {
    const isEntry = VALUES.includes(key) && (key !== "value" || EPOCHS.some((epoch) => epoch in body));
    if (isEntry && member !== null && member !== "no-op") found.set(`"${key}":${JSON.stringify(member)}`, say({ it: member }).slice(3));
    else walk(member, found, depth + 1);
  }
}

/** The first event whose text has a piece of JSON. */
function firstWith(trace, json) {
  const text = json.replaceAll("<", "\\u003c");
  const at = trace.text.indexOf(text, trace.starts[1]);
  if (at < 0) return -1;
  let [low, high] = [0, trace.count - 1];
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (trace.starts[middle + 1] <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}
