// The rows of the diagram: one for each step and each fault that the filter shows, with its place on the page; and the
// messages that are in flight between two rows.

import { countUpTo } from "./views.js";

/** Rows in a block of the index of messages in flight. */
const BLOCK = 128;
/** A message in flight for more blocks than this is kept in a list of its own. */
const BLOCKS_MAX = 64;
/** A letter of a note is about so many pixels wide. */
const LETTER = 7;

export class Rows {
  /** `keeps(step)` says whether a step passes the filter. */
  constructor(trace, keeps) {
    this.trace = trace;
    this.heads = this.chooseHeads(keeps);
    this.count = this.heads.length;
    this.indexFlights();
  }

  chooseHeads(keeps) {
    const { count, step, kind, at } = this.trace;
    const heads = new Int32Array(count);
    let rows = 0;
    for (let i = 0; i < count; i += 1) {
      if (step[i] !== i || (keeps && !keeps(i))) continue;
      const before = rows > 0 ? heads[rows - 1] : -1;
      // Nodes that start together share a row: kind 0 is `boot`.
      if (before >= 0 && kind[i] === 0 && kind[before] === 0 && at[i] === at[before]) continue;
      heads[rows] = i;
      rows += 1;
    }
    return heads.slice(0, rows);
  }

  /** The row of an event, or the next one if the filter hides it. */
  of(index) {
    const step = this.trace.step[index];
    const after = countUpTo(this.heads, step);
    if (after > 0 && (this.heads[after - 1] === step || this.sharesRow(after - 1, step))) return after - 1;
    return Math.min(after, Math.max(0, this.count - 1));
  }

  /** Whether an event has a row: the filter may hide it. */
  has(index) {
    const row = countUpTo(this.heads, this.trace.step[index]) - 1;
    return row >= 0 && (this.heads[row] === this.trace.step[index] || this.sharesRow(row, this.trace.step[index]));
  }

  /** The place of an event: in its row, or, if the filter hides it, between the rows around it. */
  yOf(index, height) {
    if (this.has(index)) return this.y(this.of(index), height);
    return this.top[countUpTo(this.heads, this.trace.step[index])];
  }

  sharesRow(row, step) {
    const { kind, at } = this.trace;
    return kind[step] === 0 && kind[this.heads[row]] === 0 && at[step] === at[this.heads[row]];
  }

  /** The events that a row stands for: from the first up to the second, which is not included. */
  range(row) {
    return [this.heads[row], row + 1 < this.count ? this.heads[row + 1] : this.trace.count];
  }

  indexFlights() {
    const { sent, ended } = this.trace.flights;
    this.leaves = new Int32Array(sent.length);
    this.lands = new Int32Array(sent.length);
    this.long = [];
    const blocks = Math.ceil(this.count / BLOCK) + 1;
    this.crossing = Array.from({ length: blocks }, () => []);
    for (let flight = 0; flight < sent.length; flight += 1) {
      const leaves = this.of(sent[flight]);
      const lands = ended[flight] < 0 ? leaves : this.of(ended[flight]);
      this.leaves[flight] = leaves;
      this.lands[flight] = lands;
      const [first, last] = [Math.floor(leaves / BLOCK) + 1, Math.floor(lands / BLOCK)];
      if (last - first > BLOCKS_MAX) this.long.push(flight);
      else for (let block = first; block <= last; block += 1) this.crossing[block].push(flight);
    }
  }

  /** The messages that are in flight somewhere between two rows. */
  flightsBetween(top, bottom) {
    const block = Math.floor(top / BLOCK);
    const flights = this.long.filter((flight) => this.leaves[flight] < block * BLOCK && this.lands[flight] >= top);
    for (const flight of this.crossing[block] ?? []) if (this.lands[flight] >= top) flights.push(flight);
    const begin = countUpTo(this.leaves, block * BLOCK - 1);
    const end = countUpTo(this.leaves, bottom);
    for (let flight = begin; flight < end; flight += 1) if (this.lands[flight] >= top) flights.push(flight);
    return flights;
  }

  /** Gives every row its height. `stretched` leaves room where time passes. */
  layOut({ height, noteWidth, stretched, letters = 1 }) {
    const { at, kind } = this.trace;
    this.top = new Float64Array(this.count + 1);
    this.before = new Float64Array(this.count);
    const usual = stretched ? this.usualGap() : 0;
    for (let row = 0; row < this.count; row += 1) {
      const head = this.heads[row];
      const gap = row > 0 ? at[head] - at[this.heads[row - 1]] : 0;
      const room = stretched && gap > 0 ? Math.min(8, Math.log2(1 + gap / usual)) * height * 0.6 : 0;
      this.before[row] = room;
      const tall = kind[head] === 20 ? this.noteHeight(head, noteWidth, height) * letters : height;
      this.top[row + 1] = this.top[row] + room + tall;
    }
    this.total = this.top[this.count];
  }

  noteHeight(index, width, height) {
    const perLine = Math.max(20, Math.floor(width / LETTER));
    const text = String(this.trace.event(index).text);
    let lines = 0;
    for (const line of text.slice(0, 4000).split("\n")) lines += Math.max(1, Math.ceil(line.length / perLine));
    return Math.min(12, lines) * 20 + Math.min(height, 14);
  }

  usualGap() {
    const gaps = [];
    const every = Math.max(1, Math.floor(this.count / 2000));
    for (let row = every; row < this.count; row += every) {
      const gap = this.trace.at[this.heads[row]] - this.trace.at[this.heads[row - 1]];
      if (gap > 0) gaps.push(gap);
    }
    gaps.sort((a, b) => a - b);
    return gaps[gaps.length >> 1] ?? 1;
  }

  /** The row at a height. */
  at(y) {
    return Math.max(0, Math.min(this.count - 1, countUpTo(this.top, y) - 1));
  }

  /** Where on the page a row's arrows touch its lifeline. */
  y(row, height) {
    return this.top[row] + this.before[row] + Math.min(height, this.top[row + 1] - this.top[row] - this.before[row]) / 2;
  }
}
