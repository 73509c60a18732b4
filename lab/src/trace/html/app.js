// The page: one event is chosen, and everything shows it. With two traces, both diagrams show the same place.

import { Cone } from "./cone.js";
import { Diagram, diagramHost } from "./diagram.js";
import { byId, cut } from "./dom.js";
import { readReigns } from "./draw.js";
import { Filters } from "./filters.js";
import { fillHelp, listenToKeys } from "./keys.js";
import { nodeCards } from "./nodes.js";
import { Scrubber } from "./scrubber.js";
import { sentence } from "./sentences.js";
import { Trace, stepEvents } from "./trace.js";
import { countUpTo } from "./views.js";
import { whyPanel } from "./why.js";

/** Above this, the help says what the level of detail is. */
const MANY = 200_000;
/** The address changes no more often than this. */
const ADDRESS_PAUSE_MS = 100;

class Page {
  constructor() {
    this.traces = embedded("trace").map((text) => new Trace(text));
    const epochs = new Map();
    const reigns = embedded("reigns").map((text, side) => readReigns(JSON.parse(text), this.traces[side].clients.length, epochs));
    this.divergence = JSON.parse(embedded("divergence")[0] ?? "null");
    this.diagrams = this.traces.map((trace, side) => {
      const host = diagramHost(side);
      host.hidden = false;
      return new Diagram(host, trace, reigns[side], { onselect: (index) => this.choose(side, index) });
    });
    document.body.classList.toggle("compares", this.traces.length > 1);
    this.side = 0;
    this.index = 0;
    this.withCone = false;
    this.filters = new Filters(this.trace, { onchange: () => this.refilter() });
    this.scrubber = new Scrubber(this.trace, this.diagram.reigns, { onselect: (index) => this.choose(this.side, index) });
    this.describe();
    this.wire();
    this.follow() || this.choose(0, this.firstOfInterest());
    document.body.dataset.ready = "true";
  }

  get trace() {
    return this.traces[this.side];
  }

  get diagram() {
    return this.diagrams[this.side];
  }

  /** Compared traces open where they part, others at their beginning. */
  firstOfInterest() {
    return this.divergence && this.divergence.at < this.trace.count ? this.divergence.at : 0;
  }

  describe() {
    const { header, count } = this.trace;
    const title = header.title || header.protocol;
    byId("title").textContent = cut(this.traces.length > 1 ? `${title} — compared` : title, 300);
    const seed = header.seed === undefined ? "" : ` · seed ${header.seed}`;
    const rows = this.diagram.rows.count.toLocaleString("en");
    byId("subtitle").textContent = cut(`${header.protocol}${seed} · ${header.nodes.length} nodes · ${count.toLocaleString("en")} events in ${rows} steps`, 300);
    this.describeVerdict();
    const perColumn = this.scrubber.perColumn.toLocaleString("en");
    const strip = this.scrubber.perColumn === 1 ? "" : ` A column of pixels in the strip below stands for ${perColumn} events.`;
    byId("detail").textContent = `Level of detail: the diagram has every step, and draws those in view; below 14 pixels a row has no text.${strip}`;
    if (count >= MANY) byId("subtitle").append(` · in the strip, ${perColumn} events to a column`);
    if (this.divergence) {
      byId("divergence").hidden = false;
      byId("divergence").textContent = this.divergence.says;
    }
    fillHelp();
  }

  describeVerdict() {
    const broken = this.traces.reduce((sum, trace) => sum + trace.violations.length, 0);
    const verdict = byId("verdict");
    verdict.classList.toggle("broken", broken > 0);
    const first = this.traces.find((trace) => trace.violations.length > 0);
    verdict.textContent = broken === 0 ? "✓ nothing broke" : `▲ ${cut(String(first.event(first.violations[0]).invariant), 40)} broke`;
    verdict.title = broken === 0 ? "The trace reports no broken invariant" : "Go to the step in which it broke (v)";
    verdict.disabled = broken === 0;
  }

  wire() {
    const on = (id, action) => byId(id).addEventListener("click", action);
    const actions = this.actions();
    for (const id of ["back", "play", "forward", "cone", "stretch", "smaller", "larger", "theme"]) on(id, () => actions[id](false));
    on("keys", () => actions.help());
    on("verdict", () => actions.violation(false));
    on("divergence", () => actions.divergence());
    for (const name of ["why", "nodes"]) on(`tab-${name}`, () => this.showTab(name));
    this.showTab("why");
    listenToKeys(actions);
    addEventListener("hashchange", () => this.follow());
  }

  actions() {
    const unit = () => byId("unit").value;
    const sign = (backwards) => (backwards ? -1 : 1);
    return {
      forward: () => this.move(unit(), 1),
      back: () => this.move(unit(), -1),
      event: (backwards) => this.move("event", sign(backwards)),
      message: (backwards) => this.move("message", sign(backwards)),
      rule: (backwards) => this.move("rule", sign(backwards)),
      lane: (backwards) => this.move("lane", sign(backwards)),
      violation: (backwards) => this.toViolation(sign(backwards)),
      divergence: () => this.divergence && this.choose(this.side, Math.min(this.divergence.at, this.trace.count - 1)),
      first: () => this.choose(this.side, 0),
      last: () => this.choose(this.side, this.trace.count - 1),
      play: () => this.play(this.timer === undefined),
      cone: () => { this.withCone = !this.withCone; this.show(); },
      stretch: () => this.stretch(),
      larger: () => this.diagrams.forEach((diagram) => diagram.setZoom(diagram.zoom + 1)),
      smaller: () => this.diagrams.forEach((diagram) => diagram.setZoom(diagram.zoom - 1)),
      search: () => byId("search").focus(),
      filters: () => { byId("filters").open = !byId("filters").open; },
      other: () => this.traces.length > 1 && this.choose(1 - this.side, this.counterpart(1 - this.side)),
      theme: () => this.toggleTheme(),
      help: () => byId("help").showModal(),
      escape: () => this.escape(),
    };
  }

  /** Chooses an event, and shows it everywhere. */
  choose(side, index) {
    if (side !== this.side) {
      this.side = side;
      this.scrubber.show(this.trace, this.diagram.reigns);
    }
    this.index = Math.max(0, Math.min(this.trace.count - 1, index));
    this.show();
  }

  show() {
    if (this.trace.count === 0) return;
    const { trace, index } = this;
    this.diagrams.forEach((diagram, side) => {
      const here = side === this.side ? index : this.counterpart(side);
      diagram.select(here, this.withCone && side === this.side ? new Cone(trace, index) : undefined);
      diagram.host.classList.toggle("active", side === this.side);
    });
    byId("cone").setAttribute("aria-pressed", String(this.withCone));
    byId("why").replaceChildren(...whyPanel(trace, index, {
      onselect: (event) => this.choose(this.side, event), onrule: (rule) => this.toRule(rule) }));
    byId("nodes").replaceChildren(...nodeCards({ trace, reigns: this.diagram.reigns, index: this.shownAt(index), shown: this.diagram.shown ?? [] }));
    this.scrubber.select(index);
    byId("where").textContent = `${(index + 1).toLocaleString("en")} / ${trace.count.toLocaleString("en")}`;
    this.address(`#event=${trace.id[index]}${this.side ? "&right" : ""}`);
  }

  /** The address follows, but not at every step of a fast run: browsers stop pages that change it all the time. */
  address(hash) {
    clearTimeout(this.addressing);
    const write = () => {
      this.addressed = performance.now();
      if (location.hash !== hash) history.replaceState(null, "", hash);
    };
    const since = performance.now() - (this.addressed ?? -Infinity);
    if (since >= ADDRESS_PAUSE_MS) write();
    else this.addressing = setTimeout(write, ADDRESS_PAUSE_MS - since);
  }

  /** The nodes are shown as a step leaves them, nodes that start together as all of them have started, or as they are at an event within it if that is chosen. */
  shownAt(index) {
    const { trace } = this;
    if (trace.step[index] !== index) return index;
    const { rows } = this.diagram;
    if (trace.kindOf(index) === "boot" && rows.count > 0) return rows.range(rows.of(index))[1] - 1;
    return stepEvents(trace, index).at(-1);
  }

  /** The place in the other trace: the same event before they part, the same time after that. */
  counterpart(side) {
    const other = this.traces[side];
    if (this.divergence === null || this.index <= this.divergence.at) return Math.min(this.index, other.count - 1);
    const sameTime = countUpTo(other.at, this.trace.at[this.index]) - 1;
    return Math.min(other.count - 1, Math.max(this.divergence.at, sameTime));
  }

  /** Goes on to the next or previous thing of some sort that the filter shows. */
  move(unit, direction) {
    const { trace, diagram } = this;
    const lane = trace.lane[this.index];
    const fits = {
      event: () => true,
      step: (i) => trace.step[i] === i && diagram.rows.heads[diagram.rows.of(i)] === i,
      message: (i) => trace.flight[i] >= 0 && trace.step[i] === i,
      rule: (i) => trace.ruleOf[i] >= 0,
      lane: (i) => trace.step[i] === i && trace.lane[i] === lane,
    }[unit];
    const passes = this.filters.isActive() ? (i) => diagram.rows.heads[diagram.rows.of(i)] === trace.step[i] : () => true;
    for (let i = this.index + direction; i >= 0 && i < trace.count; i += direction) {
      if (fits(i) && passes(i)) {
        this.choose(this.side, i);
        return true;
      }
    }
    return false;
  }

  toRule(rule) {
    const { trace, index } = this;
    for (let offset = 1; offset <= trace.count; offset += 1) {
      const i = (index + offset) % trace.count;
      if (trace.ruleOf[i] === rule && trace.step[i] !== trace.step[index]) return this.choose(this.side, i);
    }
    return undefined;
  }

  toViolation(direction) {
    const side = this.trace.violations.length > 0 ? this.side : this.traces.findIndex((trace) => trace.violations.length > 0);
    if (side < 0) return;
    const { violations } = this.traces[side];
    const here = side === this.side ? this.index : -1;
    const next = direction > 0 ? violations.find((i) => i > here) ?? violations[0] : violations.findLast((i) => i < here) ?? violations.at(-1);
    this.choose(side, next);
  }

  /** Plays from here on, or stops. */
  play(on) {
    clearTimeout(this.timer);
    this.timer = undefined;
    byId("play").textContent = on ? "❚❚" : "▶";
    byId("play").setAttribute("aria-label", on ? "Stop" : "Play");
    if (!on) return;
    const tick = () => {
      const speed = Number(byId("speed").value);
      if (this.move(byId("unit").value, 1)) this.timer = setTimeout(tick, 700 / speed);
      else this.play(false);
    };
    this.timer = setTimeout(tick, 0);
  }

  stretch() {
    for (const diagram of this.diagrams) {
      diagram.stretched = !diagram.stretched;
      diagram.layOut();
      diagram.reveal(diagram.selected);
    }
    byId("stretch").setAttribute("aria-pressed", String(this.diagram.stretched));
  }

  refilter() {
    const { filters } = this;
    const keeps = filters.keeps();
    this.diagrams.forEach((diagram, side) => {
      diagram.hiddenLanes = filters.hiddenLanes;
      diagram.hiddenNames = filters.hiddenNames;
      diagram.filter(side === 0 ? keeps : undefined);
    });
    if (filters.text !== "" && this.diagram.rows.count > 0) this.choose(this.side, this.diagram.rows.heads[this.diagram.rows.of(this.index)]);
    else this.show();
  }

  toggleTheme() {
    const root = document.documentElement;
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    this.scrubber.draw();
  }

  escape() {
    this.play(false);
    this.withCone = false;
    if (byId("filters").open) byId("filters").open = false;
    else if (this.filters.isActive()) this.filters.clear();
    document.activeElement?.blur();
    this.show();
  }

  showTab(name) {
    for (const tab of ["why", "nodes"]) {
      byId(`tab-${tab}`).setAttribute("aria-selected", String(tab === name));
      byId(tab).classList.toggle("front", tab === name);
    }
  }

  /** Goes where the address says; whether it says anything. */
  follow() {
    clearTimeout(this.addressing);
    const found = /^#event=(\d+)(&right)?$/.exec(location.hash);
    if (!found) return false;
    const side = found[2] && this.traces.length > 1 ? 1 : 0;
    const index = this.traces[side].byId.get(Number(found[1]));
    if (index === undefined) return false;
    if (index !== this.index || side !== this.side || document.body.dataset.ready === undefined) this.choose(side, index);
    return true;
  }
}

/** The texts of the data blocks of a class. */
function embedded(name) {
  return [...document.querySelectorAll(`script.${name}`)].map((block) => {
    const text = block.textContent;
    block.remove();
    return text;
  });
}

const page = new Page();

/** For the console, and for tests: what the page knows. */
globalThis.quorate = {
  page,
  trace: page.trace,
  view: (node, event) => page.trace.view(page.trace.laneOf.get(node), event),
  select: (event) => page.choose(page.side, event),
  sentence: (event) => sentence(page.trace, event),
};
