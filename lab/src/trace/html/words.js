// JSON payloads in words, exactly as the terminal words them (lab/src/trace/humanize.rs): `{"ballot":"2.A","value":8}`
// reads `ballot 2.A, value 8`. A browser test compares the two on every event of every shipped scenario.

import { cut, visible } from "./dom.js";

/** A member whose name ends in one of these words is a point in time, in nanoseconds. */
const INSTANTS = ["sent", "begun", "expires", "until", "earliest", "latest", "timestamp"];

/** Members that number the epochs of a protocol. They give everything its colour. */
export const EPOCHS = ["ballot", "term", "token", "promised", "epoch"];

/** Members, items and levels beyond these are not worded: a hostile payload must not stop the page. */
const ITEMS_MAX = 400;
const NESTING_MAX = 40;

/** A point in time in milliseconds, to one decimal. */
export function clockTime(nanos) {
  const tenths = typeof nanos === "string" ? Number(BigInt(nanos) / 100000n) : Math.floor(nanos / 1e5);
  return `${Math.floor(tenths / 10)}.${tenths % 10} ms`;
}

/** A duration in milliseconds, or in seconds if it is long. */
export function span(nanos) {
  const tenths = Math.floor(Math.abs(nanos) / 1e5);
  const text = tenths < 1e5 ? `${Math.floor(tenths / 10)}.${tenths % 10} ms` : `${Math.floor(tenths / 1e4)}.${Math.floor(tenths / 1e3) % 10} s`;
  return nanos < 0 ? `−${text}` : text;
}

/** A number with its noun: `1 event`, `2 events`. */
export function counted(number, noun) {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}

/** Whether a member names a point in time. Of a number beyond 2^53 there are the digits. */
export function isInstant(key, value) {
  const isNumber = typeof value === "string" ? /^\d{16,}$/.test(value) : Number.isInteger(value) && value >= 0;
  return isNumber && INSTANTS.includes(key.slice(key.lastIndexOf("_") + 1));
}

/** A payload in words; empty for null. */
export function say(body, limit = 4000) {
  if (body === null || body === undefined) return "";
  return cut(isPlainObject(body) && choice(body) === undefined ? (Object.keys(body).length > 0 ? members(onlySealed(body) ?? body, 0) : "") : phrase(body, 0), limit);
}

/** A value as part of a sentence: short forms have no parentheses, and a member that names a point in time is one. */
export function brief(key, value) {
  return isInstant(key, value) ? clockTime(value) : phrase(value, 0);
}

function phrase(value, depth) {
  if (value === null || value === undefined) return "none";
  if (value === true) return "yes";
  if (value === false) return "no";
  if (typeof value !== "object") return value === "" || value === "none" ? `"${value}"` : visible(String(value));
  if (depth > NESTING_MAX) return "…";
  if (Array.isArray(value)) return list(value, depth);
  if (Object.keys(value).length === 0) return "none";
  return shortForm(value, depth) ?? `(${members(value, depth)})`;
}

function list(items, depth) {
  if (items.length === 0) return "none";
  const shown = items.slice(0, ITEMS_MAX).map((item) => phrase(item, depth + 1));
  return `[${shown.join(", ")}${items.length > ITEMS_MAX ? ", …" : ""}]`;
}

/** A duration, which JSON writes as its seconds and nanoseconds, in its largest unit: `1.5s`. */
function lasting(secs, nanos) {
  const [unit, size] = [["s", 1e9], ["ms", 1e6], ["µs", 1e3], ["ns", 1]].find(([, size]) => secs > 0 || nanos >= size) ?? ["ns", 1];
  const [whole, rest] = secs > 0 ? [secs, nanos] : [Math.floor(nanos / size), nanos % size];
  const digits = String(rest).padStart(String(size).length - 1, "0").replace(/0+$/, "");
  return `${whole}${digits === "" ? "" : `.${digits}`}${unit}`;
}

/** A duration, a position in a log, an entry of it, a pair, or a variant of an enum. */
function shortForm(value, depth) {
  const keys = Object.keys(value);
  const has = (...names) => names.length === keys.length && names.every((name) => Object.hasOwn(value, name));
  const isNumber = (number) => Number.isInteger(number) && number >= 0;
  if (has("secs", "nanos") && isNumber(value.secs) && isNumber(value.nanos) && value.nanos < 1e9) return lasting(value.secs, value.nanos);
  if (has("index", "term") && isNumber(value.index) && isNumber(value.term)) return `${value.index}@${value.term}`;
  for (const asked of ["command", "membership"]) {
    if ((has("term", asked) || has("term", asked, "ticket")) && isNumber(value.term)) return `${phrase(value[asked], depth + 1)}@${value.term}`;
  }
  if (has("key", "value")) return `${phrase(value.key, depth + 1)}=${phrase(value.value, depth + 1)}`;
  const name = choice(value);
  if (name === undefined) return undefined;
  const inner = value[name];
  const isOpen = isPlainObject(inner) && Object.keys(inner).length > 0 && shortForm(inner, depth + 1) === undefined;
  return `${visible(name)}(${isOpen ? members(inner, depth + 1) : isPlainObject(inner) && Object.keys(inner).length === 0 ? "" : phrase(inner, depth + 1)})`;
}

/** The variant's name, if an object is a variant of an enum as serde writes it. */
function choice(value) {
  const keys = Object.keys(value);
  return keys.length === 1 && /^[A-Z]/.test(keys[0]) ? keys[0] : undefined;
}

/** Whether a value is a body with a seal, and nothing else. */
function isSealed(value) {
  return isPlainObject(value) && Object.keys(value).length === 2 && typeof value.by === "string" && Object.hasOwn(value, "body");
}

/** The sealed body that is the only member. */
function onlySealed(value) {
  const inner = Object.values(value);
  return inner.length === 1 && isSealed(inner[0]) ? inner[0] : undefined;
}

function members(value, depth) {
  if (!isSealed(value)) return each(Object.entries(value), depth);
  const { by, body } = value;
  const isOpen = isPlainObject(body) && Object.keys(body).length > 0 && shortForm(body, depth + 1) === undefined;
  const said = isOpen ? each(Object.entries(body).filter(([, member]) => member !== by), depth + 1) : phrase(body, depth + 1);
  return `${said}${said === "" ? "" : ", "}sealed by ${phrase(by, depth + 1)}`;
}

function each(entries, depth) {
  const said = entries.slice(0, ITEMS_MAX).map(([key, member]) => {
    const text = isInstant(key, member) ? clockTime(member) : phrase(member, depth + 1);
    // A flag of this name says itself: not "yes yes" and "yes no", but "yes" and "no".
    if (key === "yes" && typeof member === "boolean") return text;
    return `${visible(key.replaceAll("_", " "))} ${text}`;
  });
  return said.join(", ");
}

/**
 * A message that only carries another one, as Raft's do within a service built on it, has the name of what it carries in
 * the diagram, if that belongs to an epoch: `Raft {"AppendEntries":{"term":1,…}}` is an AppendEntries.
 */
export function unwrapped(name, body) {
  const inner = isPlainObject(body) ? body[choice(body)] : undefined;
  return isPlainObject(inner) && EPOCHS.some((key) => Object.hasOwn(inner, key)) ? { name: choice(body), body: inner } : { name, body };
}

export function isPlainObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
