// The epochs of a trace: who leads, holds or tries from when to when, and the colour of each ballot, term or token.

import { EPOCHS, isPlainObject, unwrapped } from "./words.js";

/** The class that gives something the colour of its ballot, term or token. */
export function epochClass(reigns, value) {
  const index = reigns.index.get(String(value));
  return index === undefined ? "" : `epoch e${index % 8}`;
}

/** The colour of what a body says. */
export function bodyEpoch(reigns, body) {
  const said = unwrapped("", body).body;
  if (!isPlainObject(said)) return "";
  for (const key of EPOCHS) {
    const value = said[key];
    if (typeof value === "string" || typeof value === "number") return epochClass(reigns, value);
  }
  return "";
}

/** The spans of a trace as the page embeds them, by lane. Compared traces share their `epochs`, and so their colours. */
export function readReigns({ epochs, spans }, clients, shared) {
  for (const epoch of epochs) if (!shared.has(epoch)) shared.set(epoch, shared.size);
  const byLane = new Map();
  for (const [node, from, to, strength, label, epoch] of spans) {
    const lane = node + clients;
    if (!byLane.has(lane)) byLane.set(lane, []);
    byLane.get(lane).push({ from, to, strength, label, epoch: epoch < 0 ? -1 : shared.get(epochs[epoch]) });
  }
  return { index: shared, byLane };
}

/** The place of the last span that begins at or before an event; -1 if there is none. A lane's spans do not overlap. */
export function lastSpanFrom(spans, index) {
  let [low, high] = [0, spans.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (spans[middle].from <= index) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The span in which a lane is at an event. */
export function reignAt(reigns, lane, index) {
  const spans = reigns.byLane.get(lane) ?? [];
  const span = spans[lastSpanFrom(spans, index)];
  return span && (span.to < 0 || span.to > index) ? span : undefined;
}
