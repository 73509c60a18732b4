// The views of the nodes at any event: their diffs folded, with a checkpoint every so often so that a jump to any place
// folds a few hundred of them at most.

import { isPlainObject } from "./words.js";

/** Diffs between two checkpoints of a node. */
const CHECKPOINT_EVERY = 256;

/** Applies a JSON merge patch (RFC 7386), changing `view` where that is possible; the new view. */
export function mergePatch(view, patch) {
  if (!isPlainObject(patch)) return patch;
  const target = isPlainObject(view) ? view : Object.create(null);
  for (const key of Object.keys(patch)) {
    if (patch[key] === null) delete target[key];
    else target[key] = mergePatch(target[key], patch[key]);
  }
  return target;
}

/** A copy that shares nothing; members have no prototype, so that one called `__proto__` is a member like any other. */
export function deepCopy(value) {
  if (Array.isArray(value)) return value.map(deepCopy);
  if (!isPlainObject(value)) return value;
  const copy = Object.create(null);
  for (const key of Object.keys(value)) copy[key] = deepCopy(value[key]);
  return copy;
}

/** The views of all nodes, from the `boot` and `state` events of a trace. */
export class Views {
  constructor(lanes) {
    this.marks = Array.from({ length: lanes }, () => []);
    this.checkpoints = new Map();
    this.folded = new Map();
    this.latest = new Map();
  }

  /** While reading: the node's view changes at the event with this index. */
  record(index, lane, fields) {
    const marks = this.marks[lane];
    marks.push(index);
    const before = this.folded.get(lane);
    // Freshly parsed, so nothing else refers to it.
    this.folded.set(lane, fields.kind === "boot" ? step(before, fields) : mergePatch(before, fields.diff));
    if (marks.length % CHECKPOINT_EVERY === 0) {
      this.checkpoints.set(`${lane}/${marks.length}`, deepCopy(this.folded.get(lane)));
    }
  }

  /**
   * The view after the event with this index, or undefined before the first boot; to be read, not changed, before the
   * next call. `read` gives an event's fields. Going forward folds on from where the last call ended.
   */
  at(lane, index, read) {
    const marks = this.marks[lane];
    const count = countUpTo(marks, index);
    if (count === 0) return undefined;
    const checkpoint = count - (count % CHECKPOINT_EVERY);
    let { done, view } = this.latest.get(lane) ?? { done: 0 };
    if (done > count || done < checkpoint) {
      done = checkpoint;
      view = done > 0 ? deepCopy(this.checkpoints.get(`${lane}/${done}`)) : undefined;
    }
    for (; done < count; done += 1) view = step(view, read(marks[done]));
    this.latest.set(lane, { done, view });
    return view;
  }

  /** The last event up to `index` that changed a node's view. */
  last(lane, index) {
    const marks = this.marks[lane];
    return marks[countUpTo(marks, index) - 1];
  }
}

/** Folds one more event. */
function step(view, fields) {
  if (fields.kind === "boot") return deepCopy(fields.state ?? Object.create(null));
  return mergePatch(view, deepCopy(fields.diff));
}

/** How many of the ascending numbers are at most `limit`. */
export function countUpTo(ascending, limit) {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle] <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The paths that a diff touches, each as JSON text of its keys. */
export function touched(patch, path = [], paths = new Set()) {
  if (!isPlainObject(patch)) return paths.add(JSON.stringify(path));
  for (const key of Object.keys(patch)) touched(patch[key], [...path, key], paths);
  return paths;
}
