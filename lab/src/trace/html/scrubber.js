// The strip at the foot: the whole trace at a glance with its activity, its leaders, what was held back, what broke, and
// the selected place. It is a slider, so it is dragged, tapped and used with the arrow keys like any other.

import { byId } from "./dom.js";
import { sentence } from "./sentences.js";
import { TELLS } from "./stances.js";

export class Scrubber {
  constructor(trace, reigns, { onselect }) {
    this.slider = byId("slider");
    this.canvas = byId("strip");
    this.show(trace, reigns);
    this.slider.addEventListener("input", () => onselect(Number(this.slider.value)));
    this.index = 0;
    new ResizeObserver(() => { this.size = undefined; this.draw(); }).observe(this.canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
  }

  /** Changes to another trace. */
  show(trace, reigns) {
    Object.assign(this, { trace, reigns, columns: undefined, drawn: undefined });
    this.slider.max = String(Math.max(0, trace.count - 1));
  }

  select(index) {
    this.index = index;
    this.slider.value = String(index);
    this.slider.setAttribute("aria-valuetext", sentence(this.trace, index).slice(0, 200));
    if (this.drawn === undefined) this.draw();
    else this.drawPlace();
  }

  /** How many events a column of pixels stands for. */
  get perColumn() {
    return Math.max(1, Math.ceil(this.trace.count / Math.max(1, this.canvas.clientWidth)));
  }

  /** Draws everything, in the colours and the size that the strip has now. */
  draw() {
    // To ask for the size makes the browser lay out the whole page: it changes with the window alone.
    this.size ??= { width: this.canvas.clientWidth, height: this.canvas.clientHeight };
    const { width, height } = this.size;
    if (width === 0) {
      this.size = undefined;
      return;
    }
    const style = getComputedStyle(this.canvas);
    const colours = new Map();
    const colour = (name) => {
      if (!colours.has(name)) colours.set(name, style.getPropertyValue(name).trim());
      return colours.get(name);
    };
    const ratio = devicePixelRatio || 1;
    const drawn = [width, height, ratio, colour("--strip"), this.trace.header.title].join();
    if (this.drawn !== drawn) {
      this.drawn = drawn;
      this.still = this.drawStill(width, height, ratio, colour);
    }
    this.accent = colour("--accent");
    this.drawPlace();
  }

  /** Draws the strip with the selected place. */
  drawPlace() {
    const { width, height } = this.size;
    const ratio = devicePixelRatio || 1;
    this.canvas.width = width * ratio;
    this.canvas.height = height * ratio;
    const pen = this.canvas.getContext("2d");
    pen.drawImage(this.still, 0, 0);
    pen.scale(ratio, ratio);
    const x = this.place(this.index, width);
    pen.fillStyle = this.accent;
    pen.fillRect(x - 1, 0, 2, height);
  }

  /** The parts that do not move. */
  drawStill(width, height, ratio, colour) {
    const still = document.createElement("canvas");
    still.width = width * ratio;
    still.height = height * ratio;
    const pen = still.getContext("2d");
    pen.scale(ratio, ratio);
    pen.fillStyle = colour("--strip");
    const most = this.weights(width);
    for (let x = 0; x < width; x += 1) {
      const size = most > 0 ? (this.columns[x] / most) * (height - 16) : 0;
      if (size > 0) pen.fillRect(x, height - 5 - size, 1, size);
    }
    this.drawMarks(pen, width, height, colour);
    return still;
  }

  place(index, width) {
    return this.trace.count > 1 ? 1 + (index / (this.trace.count - 1)) * (width - 2) : width / 2;
  }

  /** The activity in each column: messages and rules count, bookkeeping does not. */
  weights(width) {
    if (this.columns?.length === width) return this.most;
    this.columns = new Float64Array(width);
    const { kind, count } = this.trace;
    const weight = [0, 4, 3, 3, 3, 3, 1, 1, 1, 1, 2, 2, 0, 0, 1, 1, 0, 0, 1, 9, 0];
    for (let i = 0; i < count; i += 1) {
      // With fewer events than columns, each has several; with more, several events add up in one.
      const end = Math.max(Math.floor(((i + 1) / count) * width), Math.floor((i / count) * width) + 1);
      for (let x = Math.floor((i / count) * width); x < Math.min(end, width); x += 1) this.columns[x] += weight[kind[i]];
    }
    this.most = this.columns.reduce((most, size) => Math.max(most, size), 0);
    return this.most;
  }

  /** The steps in which a rule held something back. */
  heldSteps() {
    const steps = [];
    for (let i = 0; i < this.trace.count; i += 1) if (this.trace.tells[i] & TELLS.held) steps.push(i);
    return steps;
  }

  /** Leaders and holders: a line in the colour of each one's term or token. */
  drawOwners(pen, width, height, colour) {
    for (const spans of this.reigns.byLane.values()) {
      for (const { from, to, strength, epoch } of spans) {
        if (strength < 2) continue;
        const [x, end] = [this.place(from, width), to < 0 ? width : this.place(to, width)];
        pen.fillStyle = colour(`--e${Math.max(0, epoch) % 8}`);
        pen.fillRect(x, height - 4, Math.max(1, end - x), 4);
      }
    }
  }

  drawMarks(pen, width, height, colour) {
    const { trace } = this;
    this.drawOwners(pen, width, height, colour);
    pen.fillStyle = colour("--muted");
    for (const changes of trace.statusChanges.values()) {
      for (const { index, status } of changes.slice(0, 4000)) {
        if (status === "up") continue;
        const x = this.place(index, width);
        pen.fillRect(x - 0.5, 0, 1, 7);
      }
    }
    pen.fillStyle = colour("--held");
    for (const index of this.heldSteps().slice(0, 4000)) pen.fillRect(this.place(index, width) - 1, 0, 2, 9);
    pen.fillStyle = colour("--alarm");
    for (const index of trace.violations.slice(0, 4000)) {
      const x = this.place(index, width);
      pen.beginPath();
      pen.moveTo(x - 5, 0);
      pen.lineTo(x + 5, 0);
      pen.lineTo(x, 9);
      pen.fill();
      pen.fillRect(x - 0.5, 0, 1, height);
    }
  }
}
