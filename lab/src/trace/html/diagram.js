// The diagram: a window onto rows of which only those in view exist. The browser scrolls an empty extent; the stage
// sticks to the window and is redrawn for wherever that is.

import { byId, cut, el, svg } from "./dom.js";
import { draw, hitArrow } from "./draw.js";
import { rowText } from "./ledger.js";
import { Rows } from "./rows.js";
import { sentence } from "./sentences.js";
import { TELLS } from "./stances.js";
import { worded } from "./wording.js";

/** Heights of a row, for each step of the zoom. Browsers draw nothing below some twenty million pixels: see `scale`. */
const HEIGHTS = [4, 8, 14, 20, 26, 32, 40, 50, 62];
const HEIGHT_USUAL = 26;
const EXTENT_MAX = 12e6;
const PITCH_MIN = 46;
const PITCH_MAX = 160;
const LEDGER_MIN = 250;
/** Rows with text need this much height. */
const TEXT_FROM = 14;
/** Share of the width that lanes get beside the ledger. */
const LANES_SHARE = 0.62;

export class Diagram {
  constructor(host, trace, reigns, { onselect }) {
    Object.assign(this, { host, trace, reigns, onselect, zoom: 4, stretched: false, selected: 0, cone: undefined });
    this.hiddenLanes = new Set();
    this.hiddenNames = new Set();
    this.svg = svg("svg", { "aria-hidden": "true" });
    this.ledger = el("div", { class: "rows", role: "listbox", tabindex: "0", "aria-label": `Steps of ${cut(trace.header.title ?? "the trace", 80)}` });
    this.heads = el("div", { class: "heads", "aria-hidden": "true" });
    this.stage = el("div", { class: "stage" }, this.svg, this.ledger, this.heads);
    this.extent = el("div", { class: "extent" }, this.stage);
    this.scroller = el("div", { class: "scroller" }, this.extent);
    this.host.append(this.scroller);
    this.scroller.addEventListener("scroll", () => this.redrawSoon(), { passive: true });
    this.ledger.addEventListener("click", (click) => this.clicked(click));
    this.ledger.addEventListener("mousemove", (move) => this.hovered(move));
    // The scroller's content is narrower with a scroll bar than without.
    const sizes = new ResizeObserver(() => { this.layOut(); this.reveal(this.selected); });
    for (const element of [this.host, this.scroller]) sizes.observe(element);
    this.filter(undefined);
  }

  /** Changes to another trace, or to one that has grown. It is drawn when an event of it is selected. */
  show(trace, reigns) {
    Object.assign(this, { trace, reigns, cone: undefined, selected: Math.max(0, Math.min(this.selected, trace.count - 1)) });
    this.rows = new Rows(this.trace, undefined);
    // The size is known: to ask for it again would make the browser lay out the whole page.
    if (this.width === undefined) this.layOut();
    else this.arrange();
  }

  get rowHeight() {
    return HEIGHTS[this.zoom];
  }

  /** How much larger than usual letters are: they grow with the rows, and become no smaller. */
  get letters() {
    return Math.max(1, this.rowHeight / HEIGHT_USUAL);
  }

  /** Shows the steps that pass, and lays everything out again. */
  filter(keeps) {
    this.rows = new Rows(this.trace, keeps);
    this.layOut();
  }

  setZoom(zoom) {
    this.zoom = Math.max(0, Math.min(HEIGHTS.length - 1, zoom));
    this.layOut();
    this.reveal(this.selected);
  }

  /** Gives everything its place in the window as it is now, and draws it. */
  layOut() {
    const { clientWidth: width, clientHeight: height } = this.scroller;
    if (width === 0) return;
    Object.assign(this, { width, height });
    this.arrange();
    this.redraw();
  }

  /** Gives everything its place in a window of the known size. */
  arrange() {
    const { width, height } = this;
    this.stage.style.width = `${width}px`;
    this.stage.style.height = `${height}px`;
    this.shown = this.trace.lanes.map((_, lane) => lane).filter((lane) => !this.hiddenLanes.has(lane));
    this.place = new Int32Array(this.trace.lanes.length).fill(-1);
    this.shown.forEach((lane, place) => { this.place[lane] = place; });
    this.gutter = Math.round((width < 520 ? 50 : 78) * this.letters);
    this.host.style.setProperty("--letters", this.letters.toFixed(3));
    this.host.style.setProperty("--gutter", `${this.gutter}px`);
    this.host.classList.toggle("tight", width < 520);
    const lanes = Math.max(1, this.shown.length);
    const roomy = (width - this.gutter) * LANES_SHARE / lanes;
    const alone = (width - this.gutter - 12) / lanes;
    const [least, most] = [PITCH_MIN * this.letters, PITCH_MAX * this.letters];
    const beside = Math.min(most, Math.max(least + 14, roomy));
    const hasLedger = width - this.gutter - lanes * beside >= LEDGER_MIN;
    this.pitch = hasLedger ? beside : Math.max(least, Math.min(most, alone));
    this.ledgerAt = hasLedger ? this.gutter + lanes * this.pitch + 8 : undefined;
    const noteWidth = Math.min(width - this.gutter - 30, 760);
    this.rows.layOut({ height: this.rowHeight, noteWidth: noteWidth / this.letters, stretched: this.stretched, letters: this.letters });
    this.total = this.rows.total + 40;
    this.extent.style.height = `${Math.min(EXTENT_MAX, this.total + this.headRoom)}px`;
    this.extent.style.width = hasLedger ? "100%" : `${Math.max(width, this.gutter + lanes * this.pitch + 12)}px`;
    this.host.classList.toggle("narrow", !hasLedger);
  }

  get headRoom() {
    return Math.round(40 * this.letters);
  }

  /** How many pixels of the diagram one pixel of scrolling is: 1, unless the browser could not hold all of it. */
  get scale() {
    const far = Math.min(EXTENT_MAX, this.total + this.headRoom) - this.height;
    return far <= 0 ? 1 : Math.max(1, (this.total + this.headRoom - this.height) / far);
  }

  get offset() {
    return this.scroller.scrollTop * this.scale - this.headRoom;
  }

  redrawSoon() {
    if (this.pending) return;
    this.pending = true;
    requestAnimationFrame(() => {
      this.pending = false;
      // What was chosen is drawn already where it was scrolled to.
      const { scrollTop, scrollLeft } = this.scroller;
      if (this.drawn?.scrollTop !== scrollTop || this.drawn.scrollLeft !== scrollLeft) this.redraw();
    });
  }

  redraw() {
    if (this.width === undefined || this.rows.count === 0) return this.drawNothing();
    const { scrollTop, scrollLeft } = this.scroller;
    this.drawn = { scrollTop, scrollLeft };
    const scene = this.scene();
    this.svg.setAttribute("viewBox", `0 0 ${this.width} ${this.height}`);
    const { groups, segments } = draw(scene);
    this.svg.replaceChildren(...groups);
    this.segments = segments;
    this.drawRows(scene);
    this.drawHeads(scene);
    return undefined;
  }

  drawNothing() {
    this.svg.replaceChildren();
    this.ledger.replaceChildren(el("p", { class: "nothing" }, "Nothing passes the filter."));
  }

  /** What is to be drawn, and where: what is in view, unless something else is asked for. */
  scene({ offset = this.offset, height = this.height, left = this.scroller.scrollLeft, firstRow, lastRow } = {}) {
    const { rows, trace, reigns, rowHeight, pitch, cone, hiddenNames } = this;
    firstRow ??= Math.max(0, rows.at(offset) - 2);
    lastRow ??= Math.min(rows.count - 1, rows.at(offset + height) + 2);
    const x = (lane) => Math.round(this.gutter + (this.place[lane] + 0.5) * pitch - left);
    const begin = Math.max(0, Math.floor((left - pitch) / pitch));
    const end = Math.ceil((left + this.width) / pitch) + 1;
    return {
      rows, trace, reigns, height, width: this.width, rowHeight, pitch, cone, hiddenNames, firstRow, lastRow, x, offset,
      letters: this.letters,
      yOf: (index) => rows.yOf(index, rowHeight) - offset,
      lanesInView: this.shown.slice(begin, end),
      y: (row) => rows.y(row, rowHeight) - offset,
      bottom: rows.total - offset,
      isShown: (lane) => lane >= 0 && this.place[lane] >= 0,
      eventAt: (row) => (row < rows.count ? rows.heads[row] : trace.count),
      lifeClass: (lane) => (lane < trace.clients.length ? "client" : "node"),
      selectedStep: trace.step[this.selected],
    };
  }

  drawRows(scene) {
    const rows = [];
    for (let row = scene.firstRow; row <= scene.lastRow; row += 1) rows.push(this.row(row, scene));
    this.ledger.replaceChildren(...rows);
    const chosen = this.rows.of(this.selected);
    this.ledger.setAttribute("aria-activedescendant", `${this.host.id}-row-${chosen}`);
  }

  row(row, scene, prefix = this.host.id) {
    const { trace, rows } = this;
    const head = rows.heads[row];
    const kind = trace.kindOf(head);
    const top = rows.top[row] + rows.before[row] - scene.offset;
    const height = rows.top[row + 1] - rows.top[row] - rows.before[row];
    const classes = ["row", kind];
    if (scene.selectedStep === head || rows.of(this.selected) === row) classes.push("selected");
    if (this.cone && !this.cone.holds(head)) classes.push("dim");
    if (trace.tells[head] & TELLS.held) classes.push("held");
    const element = el("div", { class: classes.join(" "), role: "option", id: `${prefix}-row-${row}`, "data-row": row,
      "aria-selected": String(classes.includes("selected")) }, el("span", { class: "sr" }, cut(sentence(trace, head), 300)));
    element.style.top = `${top}px`;
    element.style.height = `${height}px`;
    if (this.rowHeight >= TEXT_FROM) element.append(...rowText(this, row, head, kind, scene.offset));
    return element;
  }

  drawHeads(scene) {
    this.heads.replaceChildren(...this.laneHeads(scene));
  }

  laneHeads(scene) {
    return scene.lanesInView.map((lane) => {
      const lie = this.trace.lieOf(lane);
      const title = [cut(this.trace.lanes[lane], 200), lie ? worded("a liar: {lie}", { lie: worded(lie) }) : ""].filter(Boolean).join(", ");
      const name = el("span", { class: `lanehead ${scene.lifeClass(lane)}${lie ? " liar" : ""}`, title }, cut(this.trace.lanes[lane], 24));
      name.style.left = `${scene.x(lane)}px`;
      name.style.maxWidth = `${this.pitch - 6}px`;
      return name;
    });
  }

  /** The arrow under the mouse, unless it is over text. */
  arrowAt({ clientX, clientY, target }) {
    if (target.closest(".told, .banner")) return undefined;
    const box = this.stage.getBoundingClientRect();
    return hitArrow(this.segments ?? [], clientX - box.left, clientY - box.top);
  }

  /** A click on an arrow selects the nearer of its ends, a click elsewhere the step of the row. */
  clicked(click) {
    const arrow = this.arrowAt(click);
    const row = click.target.closest("[data-row]");
    if (arrow !== undefined) {
      const { sent, ended } = this.trace.flights;
      const end = ended[arrow.flight];
      this.onselect(arrow.atHead && end >= 0 ? end : sent[arrow.flight]);
    } else if (row) this.onselect(this.rows.heads[Number(row.dataset.row)]);
  }

  /** The tooltip says what is under the mouse. */
  hovered(move) {
    const arrow = this.arrowAt(move);
    const row = move.target.closest("[data-row]");
    const { sent, ended } = this.trace.flights;
    const index = arrow !== undefined ? (ended[arrow.flight] >= 0 ? ended[arrow.flight] : sent[arrow.flight]) : row ? this.rows.heads[Number(row.dataset.row)] : undefined;
    if (index === this.pointed) return;
    this.pointed = index;
    if (index === undefined) this.ledger.removeAttribute("title");
    else this.ledger.setAttribute("title", cut(sentence(this.trace, index), 600));
    this.svg.querySelector(".pointed")?.classList.remove("pointed");
    if (arrow !== undefined) this.svg.querySelector(`path[data-flight="${arrow.flight}"]`)?.classList.add("pointed");
  }

  /** The step some rows further up or down; a page is what is in view. */
  stepFrom(index, { rows = 0, pages = 0 }) {
    const inView = Math.max(1, this.rows.at(this.offset + this.height) - this.rows.at(this.offset + this.headRoom) - 1);
    const row = Math.max(0, Math.min(this.rows.count - 1, this.rows.of(index) + rows + pages * inView));
    return this.rows.heads[row];
  }

  /** Chooses an event and makes sure that it is in view. */
  select(index, cone) {
    this.selected = index;
    this.cone = cone;
    this.reveal(index);
    this.redraw();
  }

  reveal(index) {
    if (this.width === undefined || this.rows.count === 0) return;
    const y = this.rows.y(this.rows.of(index), this.rowHeight);
    const top = y - this.offset;
    const margin = Math.min(90, this.height / 4);
    if (top < margin + this.headRoom || top > this.height - margin) {
      this.scroller.scrollTop = (y + this.headRoom - this.height * 0.45) / this.scale;
    }
    const lane = this.trace.lane[index];
    if (lane >= 0 && this.place[lane] >= 0 && this.scroller.scrollWidth > this.width) {
      const x = this.gutter + (this.place[lane] + 0.5) * this.pitch - this.scroller.scrollLeft;
      if (x < this.gutter + 20 || x > this.width - 20) this.scroller.scrollLeft += x - this.width / 2;
    }
  }
}

/** The two places for diagrams: the second is for a comparison. */
export function diagramHost(side) {
  return byId(side === 0 ? "left" : "right");
}
