// Watching a part of the run: steps follow each other at a pace for eyes, whatever time passed between them in the run.
// Between two steps time goes on evenly, so that messages move and timers shrink.

/** Milliseconds of a step at speed 1, and of one at the same time as the step before. */
const STEP_MS = 420;
const SAME_TIME_MS = 90;
/** A long part is watched faster, so that it takes about this long. */
const WATCH_MAX_MS = 6000;

export class Playback {
  /** `onstep(index)` shows an event, `ontime(now)` a time after it; `onend()` is called at the end. */
  constructor({ onstep, ontime, onend }) {
    Object.assign(this, { onstep, ontime, onend, frame: undefined });
  }

  get isPlaying() {
    return this.frame !== undefined;
  }

  /** Watches the steps after an event up to another one; `until` is the time at which it ends. */
  play(trace, { from, to, until, speed }) {
    cancelAnimationFrame(this.frame);
    this.parts = partsOf(trace, from, to, until);
    const whole = this.parts.reduce((sum, part) => sum + part.duration, 0);
    this.haste = Math.max(1, whole / WATCH_MAX_MS) * speed;
    this.at = 0;
    this.begun = undefined;
    this.to = to;
    this.until = until;
    this.frame = requestAnimationFrame((time) => this.tick(time));
  }

  tick(time) {
    this.begun ??= time;
    let part = this.parts[this.at];
    let reached;
    while (part !== undefined && (time - this.begun) * this.haste >= part.duration) {
      this.begun += part.duration / this.haste;
      reached = part.index;
      this.at += 1;
      part = this.parts[this.at];
    }
    if (part === undefined) return this.finish();
    if (reached !== undefined) this.onstep(reached);
    const share = ((time - this.begun) * this.haste) / part.duration;
    this.ontime(part.begins + (part.ends - part.begins) * share);
    this.frame = requestAnimationFrame((next) => this.tick(next));
    return undefined;
  }

  /** Goes to the end at once. */
  finish() {
    if (!this.isPlaying) return;
    this.stop();
    this.onend();
  }

  stop() {
    cancelAnimationFrame(this.frame);
    this.frame = undefined;
  }
}

/** The parts of what is watched: the time that passes before a step, and the last event of the step. */
function partsOf(trace, from, to, until) {
  const parts = [];
  let time = from >= 0 ? trace.at[from] : 0;
  for (let i = from + 1; i <= to; i += 1) {
    if (trace.step[i] !== i && parts.length > 0) {
      parts.at(-1).index = i;
      continue;
    }
    const ends = trace.at[i];
    parts.push({ index: i, begins: time, ends, duration: ends > time ? STEP_MS : SAME_TIME_MS });
    time = ends;
  }
  if (until > time) parts.push({ index: to, begins: time, ends: until, duration: STEP_MS });
  return parts;
}
