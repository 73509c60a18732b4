// Before and after: what may have led to an event, and what it may have led to. Lamport's happened-before relation:
// the order on each lane, and from cause to effect across lanes. On each lane the past is everything up to some event
// and the future everything from some event on, so one number per lane says it all and one pass finds it.

export class Cone {
  constructor(trace, index) {
    this.trace = trace;
    this.index = index;
    this.upTo = new Int32Array(trace.lanes.length).fill(-1);
    this.from = new Int32Array(trace.lanes.length).fill(trace.count);
    this.lookBack();
    this.lookAhead();
  }

  lookBack() {
    const { cause } = this.trace;
    this.reach(this.index);
    for (let i = this.index; i >= 0; i -= 1) if (cause[i] >= 0 && this.isPast(i)) this.reach(cause[i]);
  }

  /** The lane knows of everything up to this event. What the network did, which has no lane, leads to its cause. */
  reach(i) {
    const { lane, cause } = this.trace;
    while (lane[i] < 0 && cause[i] >= 0) i = cause[i];
    if (lane[i] >= 0) this.upTo[lane[i]] = Math.max(this.upTo[lane[i]], i);
  }

  lookAhead() {
    const { lane, cause, count } = this.trace;
    if (lane[this.index] >= 0) this.from[lane[this.index]] = this.index;
    for (let i = this.index + 1; i < count; i += 1) {
      if (lane[i] >= 0 && cause[i] >= 0 && this.isFuture(cause[i])) this.from[lane[i]] = Math.min(this.from[lane[i]], i);
    }
  }

  /** Whether the event may have led to the chosen one. What the network does stands with the event that caused it. */
  isPast(i) {
    const lane = this.trace.lane[i];
    if (i >= this.index) return i === this.index;
    return lane >= 0 && this.upTo[lane] >= i;
  }

  /** Whether the chosen event may have led to it. */
  isFuture(i) {
    const { lane, cause } = this.trace;
    if (i <= this.index) return i === this.index;
    if (lane[i] < 0) return cause[i] >= 0 && (cause[i] === this.index || this.isFuture(cause[i]));
    return this.from[lane[i]] <= i;
  }

  holds(i) {
    return this.isPast(i) || this.isFuture(i);
  }
}
