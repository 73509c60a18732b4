// The diagram: a window onto rows of which only those in view exist. The browser scrolls an empty extent; the stage
// sticks to the window and is redrawn for wherever that is.

import { byId, cut, el, svg } from "./dom.js";
import { draw } from "./draw.js";
import { Rows } from "./rows.js";
import { eventParts, sentence } from "./sentences.js";
import { stepEvents } from "./trace.js";
import { clockTime } from "./words.js";

/** Heights of a row, for each step of the zoom. Browsers draw nothing below some twenty million pixels: see `scale`. */
const HEIGHTS = [4, 8, 14, 20, 26, 34];
const EXTENT_MAX = 12e6;
const PITCH_MIN = 46;
const PITCH_MAX = 150;
const LEDGER_MIN = 250;
/** Rows with text need this much height. */
const TEXT_FROM = 14;

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
    new ResizeObserver(() => { this.layOut(); this.reveal(this.selected); }).observe(this.host);
    this.filter(undefined);
  }

  get rowHeight() {
    return HEIGHTS[this.zoom];
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

  layOut() {
    const { clientWidth: width, clientHeight: height } = this.scroller;
    if (width === 0) return;
    this.width = width;
    this.height = height;
    this.stage.style.width = `${width}px`;
    this.stage.style.height = `${height}px`;
    this.shown = this.trace.lanes.map((_, lane) => lane).filter((lane) => !this.hiddenLanes.has(lane));
    this.place = new Int32Array(this.trace.lanes.length).fill(-1);
    this.shown.forEach((lane, place) => { this.place[lane] = place; });
    this.gutter = width < 520 ? 50 : 78;
    const lanes = Math.max(1, this.shown.length);
    const roomy = (width - this.gutter) * 0.58 / lanes;
    const alone = (width - this.gutter - 12) / lanes;
    const hasLedger = width - this.gutter - lanes * Math.max(PITCH_MIN + 14, Math.min(PITCH_MAX, roomy)) >= LEDGER_MIN;
    this.pitch = Math.max(PITCH_MIN, Math.min(PITCH_MAX, hasLedger ? Math.max(PITCH_MIN + 14, roomy) : alone));
    this.ledgerAt = hasLedger ? this.gutter + lanes * this.pitch + 8 : undefined;
    const noteWidth = Math.min(width - this.gutter - 30, 760);
    this.rows.layOut({ height: this.rowHeight, noteWidth, stretched: this.stretched });
    this.total = this.rows.total + 40;
    this.extent.style.height = `${Math.min(EXTENT_MAX, this.total + this.headRoom)}px`;
    this.extent.style.width = hasLedger ? "100%" : `${Math.max(width, this.gutter + lanes * this.pitch + 12)}px`;
    this.host.classList.toggle("narrow", !hasLedger);
    this.redraw();
  }

  get headRoom() {
    return 40;
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
    requestAnimationFrame(() => this.redraw());
  }

  redraw() {
    this.pending = false;
    if (this.width === undefined || this.rows.count === 0) return this.drawNothing();
    const scene = this.scene();
    this.svg.setAttribute("viewBox", `0 0 ${this.width} ${this.height}`);
    this.svg.replaceChildren(...draw(scene));
    this.drawRows(scene);
    this.drawHeads(scene);
    return undefined;
  }

  drawNothing() {
    this.svg.replaceChildren();
    this.ledger.replaceChildren(el("p", { class: "nothing" }, "Nothing passes the filter."));
  }

  scene() {
    const { rows, trace, reigns, offset, height, rowHeight, pitch, cone, hiddenNames } = this;
    const left = this.scroller.scrollLeft;
    const firstRow = Math.max(0, rows.at(offset) - 2);
    const lastRow = Math.min(rows.count - 1, rows.at(offset + height) + 2);
    const x = (lane) => Math.round(this.gutter + (this.place[lane] + 0.5) * pitch - left);
    const begin = Math.max(0, Math.floor((left - pitch) / pitch));
    const end = Math.ceil((left + this.width) / pitch) + 1;
    return {
      rows, trace, reigns, height, rowHeight, pitch, cone, hiddenNames, firstRow, lastRow, x,
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

  row(row, scene) {
    const { trace, rows } = this;
    const head = rows.heads[row];
    const kind = trace.kindOf(head);
    const top = rows.top[row] + rows.before[row] - this.offset;
    const height = rows.top[row + 1] - rows.top[row] - rows.before[row];
    const classes = ["row", kind];
    if (scene.selectedStep === head || rows.of(this.selected) === row) classes.push("selected");
    if (this.cone && !this.cone.holds(head)) classes.push("dim");
    const element = el("div", { class: classes.join(" "), role: "option", id: `${this.host.id}-row-${row}`, "data-row": row,
      "aria-selected": String(classes.includes("selected")), "aria-label": cut(sentence(trace, head), 300) });
    element.style.top = `${top}px`;
    element.style.height = `${height}px`;
    if (this.rowHeight >= TEXT_FROM) element.append(...this.rowText(row, head, kind));
    return element;
  }

  rowText(row, head, kind) {
    const time = this.trace.at[head];
    const same = row > 0 && this.trace.at[this.rows.heads[row - 1]] === time && row !== this.rows.at(this.offset + 8);
    const parts = [el("span", { class: "time" }, same || kind === "note" ? "" : this.gutter < 60 ? clockTime(time).replace(" ms", "") : clockTime(time))];
    if (["note", "violation", "net"].includes(kind)) return [...parts, this.banner(head, kind)];
    if (this.ledgerAt === undefined) return parts;
    const text = el("span", { class: "told" }, ...this.told(head));
    text.style.left = `${this.ledgerAt}px`;
    return [...parts, text];
  }

  banner(head, kind) {
    const [what, details] = eventParts(this.trace, head);
    const text = kind === "note" ? [cut(what, 4000)] : [el("b", {}, cut(what, 200)), " ", cut(details, 400)];
    return el("span", { class: "banner", title: kind === "note" ? undefined : cut(`${what} ${details}`, 600) }, ...text);
  }

  /** What the ledger says of a step: what began it, the rules' names, and the facts that it established. */
  told(head) {
    const { trace } = this;
    const [what, details] = eventParts(trace, head);
    const told = [el("b", {}, cut(what, 60)), el("span", { class: "body" }, cut(details, 120))];
    for (const i of stepEvents(trace, head)) {
      if (trace.kindOf(i) !== "fact") continue;
      const [fact, body] = eventParts(trace, i);
      told.push(el("span", { class: "facts" }, `◆ ${cut(fact, 60)} `, el("span", { class: "body" }, cut(body, 80))));
    }
    return told;
  }

  drawHeads(scene) {
    this.heads.replaceChildren(...scene.lanesInView.map((lane) => {
      const name = el("span", { class: `lanehead ${scene.lifeClass(lane)}`, title: cut(this.trace.lanes[lane], 200) }, cut(this.trace.lanes[lane], 24));
      name.style.left = `${scene.x(lane)}px`;
      name.style.maxWidth = `${this.pitch - 6}px`;
      return name;
    }));
  }

  clicked(click) {
    const row = click.target.closest("[data-row]");
    if (row) this.onselect(this.rows.heads[Number(row.dataset.row)]);
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
