// JSON in words, as the terminal says it: `{"ballot":"2.A","value":8}` reads `ballot 2.A, value 8`.

import { cut } from "./dom.js";

/** Members that name an instant, in nanoseconds by the clock of the node that shows them. */
const INSTANT = /(^|_)(until|expires|deadline|sent|begun)$/;

/** Members that count the reigns of a protocol: whoever acts, acts in one of them. They give everything its colour. */
export const EPOCHS = ["ballot", "term", "token", "promised", "epoch"];

/** Milliseconds with as many digits as tell events apart. */
export function clockTime(nanos) {
  const ms = nanos / 1e6;
  return ms >= 1e5 ? `${(ms / 1e3).toFixed(3)} s` : `${ms.toFixed(ms >= 1e3 ? 1 : 2)} ms`;
}

/** A span of time, roughly. */
export function span(nanos) {
  const sign = nanos < 0 ? "−" : "";
  const size = Math.abs(nanos);
  if (size >= 6e10) return `${sign}${(size / 6e10).toFixed(size % 6e10 ? 1 : 0)} min`;
  if (size >= 1e9) return `${sign}${(size / 1e9).toFixed(2)} s`;
  if (size >= 1e6) return `${sign}${(size / 1e6).toFixed(1)} ms`;
  return `${sign}${(size / 1e3).toFixed(1)} µs`;
}

export function isInstant(key, value) {
  return typeof value === "number" && INSTANT.test(key);
}

/** A body in words; empty for null. */
export function say(body, limit = 400) {
  if (body === null || body === undefined) return "";
  return cut(isPlainObject(body) && !shape(body) ? members(body, 0) : phrase(body, 0), limit);
}

function phrase(value, depth) {
  if (value === null || value === undefined) return "none";
  if (value === true) return "yes";
  if (value === false) return "no";
  if (typeof value !== "object") return value === "" ? '""' : cut(String(value), 400);
  if (depth > 6) return "…";
  if (Array.isArray(value)) {
    if (value.length === 0) return "none";
    const shown = value.slice(0, 40).map((item) => phrase(item, depth + 1));
    return `[${shown.join(", ")}${value.length > 40 ? ", …" : ""}]`;
  }
  if (Object.keys(value).length === 0) return "none";
  return shape(value, depth) ?? `(${members(value, depth)})`;
}

/** The short forms of what everybody knows: a place in a log, an entry of it, a pair, a choice among shapes. */
function shape(value, depth = 0) {
  const keys = Object.keys(value);
  const has = (...names) => names.length === keys.length && names.every((name) => name in value);
  if (has("index", "term")) return `${value.index}@${value.term}`;
  if (has("term", "command") || has("term", "command", "ticket")) return `${phrase(value.command, depth + 1)}@${value.term}`;
  if (has("term", "membership") || has("term", "membership", "ticket")) return `${phrase(value.membership, depth + 1)}@${value.term}`;
  if (has("key", "value")) return `${phrase(value.key, depth + 1)}=${phrase(value.value, depth + 1)}`;
  if (keys.length === 1 && /^[A-Z]/.test(keys[0])) {
    const inner = phrase(value[keys[0]], depth + 1);
    return `${keys[0]}${inner.startsWith("(") ? inner : `(${inner})`}`;
  }
  return undefined;
}

function members(value, depth) {
  const said = Object.entries(value).slice(0, 24).map(([key, member]) => {
    const text = isInstant(key, member) ? clockTime(member) : phrase(member, depth + 1);
    return `${cut(key.replaceAll("_", " "), 60)} ${text}`;
  });
  return said.join(", ");
}

/**
 * A message that does nothing but carry another one, as Raft's do within a service built on it, is known by what it carries,
 * if that belongs to a term or the like: `Raft {"AppendEntries":{"term":1,…}}` is an AppendEntries.
 */
export function unwrapped(name, body) {
  const keys = isPlainObject(body) ? Object.keys(body) : [];
  const inner = keys.length === 1 && /^[A-Z]/.test(keys[0]) ? body[keys[0]] : undefined;
  return isPlainObject(inner) && EPOCHS.some((key) => key in inner) ? { name: keys[0], body: inner } : { name, body };
}

export function isPlainObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
