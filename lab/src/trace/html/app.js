// The page: one event is selected, and everything shows it. With two traces, both diagrams show the same place.

import { Address, addressOf } from "./address.js";
import { Chain } from "./causes.js";
import { chaptersOf, renderChapter } from "./chapters.js";
import { Cone } from "./cone.js";
import { Diagram, diagramHost } from "./diagram.js";
import { byId, cut, visible } from "./dom.js";
import { Filters } from "./filters.js";
import { renderHistory } from "./history.js";
import { invariantsOf, renderInvariants } from "./invariants.js";
import { fillHelp, listenToKeys } from "./keys.js";
import { renderLogTable } from "./logtable.js";
import { nextOf, nextViolation, nextWithRule } from "./navigation.js";
import { actingLane, renderCards } from "./nodes.js";
import { Player } from "./player.js";
import { renderCaption, setPresenting } from "./presentation.js";
import { printed } from "./printing.js";
import { readReigns } from "./reigns.js";
import { requestsOf } from "./requests.js";
import { seen, wireSaving } from "./savemenu.js";
import { canvasOf, svgOf } from "./saving.js";
import { Scrubber } from "./scrubber.js";
import { clause, sentence } from "./sentences.js";
import { Trace, stepEvents } from "./trace.js";
import { showVerdict } from "./verdict.js";
import { countUpTo } from "./views.js";
import { whyPanel } from "./why.js";
import { counted } from "./words.js";

/** Above this, the help says what the level of detail is. */
const MANY = 200_000;
/** Steps of the zoom that presentation mode adds. */
const PRESENTATION_ZOOM = 2;
const MENUS = ["filters", "requests", "invariants", "save"];
const TABS = ["why", "log", "nodes", "story"];

class Page {
  constructor() {
    this.traces = embedded("trace").map((text) => new Trace(text));
    const epochs = new Map();
    const reigns = embedded("reigns").map((text, side) => readReigns(JSON.parse(text), this.traces[side].clients.length, epochs));
    const infos = embedded("page-info").map((text) => JSON.parse(text));
    this.infos = this.traces.map((_, side) => infos[side] ?? {});
    this.opened = new Set();
    this.address = new Address();
    this.divergence = JSON.parse(embedded("divergence")[0] ?? "null");
    this.diagrams = this.traces.map((trace, side) => {
      const host = diagramHost(side);
      host.hidden = false;
      return new Diagram(host, trace, reigns[side], { onselect: (index) => this.chooseInDiagram(side, index) });
    });
    document.body.classList.toggle("compares", this.traces.length > 1);
    this.chapters = this.traces.map((trace, side) => chaptersOf(trace, this.infos[side].chapters));
    this.requests = [];
    this.invariants = this.traces.map((trace, side) => invariantsOf(trace, this.infos[side].invariants));
    this.side = 0;
    this.index = 0;
    this.causes = undefined;
    this.player = new Player(() => this.move(byId("unit").value, 1));
    this.filters = new Filters(this.traces, { onchange: () => this.refilter() });
    this.scrubber = new Scrubber(this.trace, this.diagram.reigns, { onselect: (index) => this.choose(this.side, index) });
    this.describe();
    this.wire();
    if (!this.follow()) {
      this.choose(0, this.firstOfInterest());
      if (this.chapters[0].length > 0 && !this.divergence) this.showTab("story");
    }
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
    return this.divergence ? this.partedAt(0) : 0;
  }

  /** The event at which a trace parts from the other. */
  partedAt(side) {
    return Math.min(this.divergence.at[side], Math.max(0, this.traces[side].count - 1));
  }

  describe() {
    const { header, count } = this.trace;
    const title = header.title || header.protocol;
    byId("title").textContent = visible(cut(this.traces.length > 1 ? `${title} — compared` : title, 600));
    const seed = header.seed === undefined ? "" : ` · seed ${header.seed}`;
    const rows = counted(this.diagram.rows.count, "step");
    byId("subtitle").textContent = visible(cut(`${header.protocol}${seed} · ${counted(header.nodes.length, "node")} · ${counted(count, "event")} in ${rows}`, 300));
    showVerdict(this.traces, this.infos);
    const perColumn = this.scrubber.perColumn.toLocaleString("en");
    const strip = this.scrubber.perColumn === 1 ? "" : ` A column of pixels in the strip below stands for ${perColumn} events.`;
    byId("detail").textContent = `Level of detail: the diagram has every step, and draws those in view; below 14 pixels a row has no text.${strip}`;
    if (count >= MANY) byId("subtitle").append(` · in the strip, ${perColumn} events to a column`);
    if (this.divergence) {
      byId("divergence").hidden = false;
      byId("divergence").textContent = visible(this.divergence.says);
    }
    fillHelp();
  }

  wire() {
    const on = (id, action) => byId(id).addEventListener("click", action);
    const actions = this.actions();
    for (const id of ["back", "play", "forward", "cone", "stretch", "smaller", "larger", "theme", "next-decision", "present"]) on(id, () => actions[id](false));
    on("keys", () => actions.help());
    on("verdict", () => actions.violation(false));
    on("divergence", () => actions.divergence());
    on("chain", () => actions.chain());
    for (const name of TABS) on(`tab-${name}`, () => this.showTab(name));
    this.showTab("why");
    for (const id of ["requests", "invariants"]) byId(id).addEventListener("toggle", () => this.show());
    listenToKeys(actions);
    addEventListener("hashchange", () => this.follow());
    wireSaving({ diagram: () => this.diagram, link: () => location.href.split("#")[0] + addressOf(this.trace, this.index, this.side) });
    addEventListener("beforeprint", () => document.body.append(printed({ trace: this.trace, diagram: this.diagram, chapters: this.chapters[this.side] })));
    addEventListener("afterprint", () => byId("printed")?.remove());
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
      divergence: () => this.divergence && this.choose(this.side, this.partedAt(this.side)),
      first: () => this.choose(this.side, 0),
      last: () => this.choose(this.side, this.trace.count - 1),
      play: () => this.player.play(!this.player.isPlaying),
      "next-decision": (backwards) => this.move("decision", sign(backwards)),
      up: () => this.choose(this.side, this.diagram.stepFrom(this.index, { rows: -1 })),
      down: () => this.choose(this.side, this.diagram.stepFrom(this.index, { rows: 1 })),
      pageUp: () => this.choose(this.side, this.diagram.stepFrom(this.index, { pages: -1 })),
      pageDown: () => this.choose(this.side, this.diagram.stepFrom(this.index, { pages: 1 })),
      cone: (backwards) => this.showCauses(backwards ? Chain : Cone),
      chain: () => this.showCauses(Chain),
      story: () => document.body.classList.toggle("storyless"),
      present: () => this.present(),
      stretch: () => this.stretch(),
      larger: () => this.zoom(1),
      smaller: () => this.zoom(-1),
      search: () => byId("search").focus(),
      filters: () => { byId("filters").open = !byId("filters").open; },
      other: () => this.traces.length > 1 && this.choose(1 - this.side, this.counterpart(1 - this.side)),
      theme: () => this.toggleTheme(),
      slower: () => this.player.change(-1),
      faster: () => this.player.change(1),
      help: () => byId("help").showModal(),
      escape: () => this.escape(),
    };
  }

  /** Chooses an event that was pointed at: on a small screen its reasons come to the front of the story. */
  chooseInDiagram(side, index) {
    this.choose(side, index);
    if (document.body.dataset.tab === "story") this.showTab("why");
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
      diagram.select(here, this.causes && side === this.side ? new this.causes(trace, index) : undefined);
      diagram.host.classList.toggle("active", side === this.side);
    });
    byId("cone").setAttribute("aria-pressed", String(this.causes === Cone));
    byId("chain").setAttribute("aria-pressed", String(this.causes === Chain));
    byId("why").replaceChildren(...whyPanel(trace, index, {
      onselect: (event) => this.choose(this.side, event), onrule: (rule) => this.toRule(rule) }));
    byId("why").scrollTop = 0;
    const after = this.shownAt(index);
    const { model } = this;
    renderLogTable(byId("log"), model, after);
    renderCards(byId("nodes"), { ...model, acting: actingLane(trace, index) }, after);
    byId("nodes").scrollTop = 0;
    renderChapter(byId("story"), model, index);
    renderCaption(byId("caption"), model, index);
    if (byId("requests").open) {
      this.requests[this.side] ??= requestsOf(trace);
      renderHistory(byId("history"), this.model, index);
    }
    if (byId("invariants").open) renderInvariants(byId("invariant-list"), this.model, index);
    this.scrubber.select(index);
    byId("where").textContent = `${(index + 1).toLocaleString("en")} / ${trace.count.toLocaleString("en")}`;
    this.address.write(addressOf(trace, index, this.side));
  }

  /** What the modules that draw a step need: the same for an interactive session. */
  get model() {
    const { trace, diagram } = this;
    return { trace, reigns: diagram.reigns, shown: diagram.shown, opened: this.opened, chapters: this.chapters[this.side],
      requests: this.requests[this.side], invariants: this.invariants[this.side], onselect: (event) => this.choose(this.side, event) };
  }

  /** Highlights causes of one kind, or none if they are shown already. */
  showCauses(kind) {
    this.causes = this.causes === kind ? undefined : kind;
    this.show();
  }

  zoom(by) {
    for (const diagram of this.diagrams) diagram.setZoom(diagram.zoom + by);
    document.documentElement.style.setProperty("--zoom", this.diagram.letters.toFixed(3));
  }

  /** Presentation mode, on and off. */
  present() {
    this.presents = !this.presents;
    setPresenting(document.body, this.presents);
    byId("present").setAttribute("aria-pressed", String(this.presents));
    this.zoom(this.presents ? PRESENTATION_ZOOM : -PRESENTATION_ZOOM);
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
    const at = this.divergence?.at;
    if (!at || (at[0] === at[1] && this.index <= at[0])) return Math.min(this.index, other.count - 1);
    if (this.index === at[this.side]) return this.partedAt(side);
    const sameTime = countUpTo(other.at, this.trace.at[this.index]) - 1;
    const isBefore = this.index < at[this.side];
    return Math.max(0, Math.min(other.count - 1, isBefore ? Math.min(at[side], sameTime) : Math.max(at[side], sameTime)));
  }

  /** Goes on to the next or previous thing of some sort that the filter shows; whether there is one. */
  move(unit, direction) {
    const { trace, diagram } = this;
    const passes = this.filters.isActive() ? (i) => diagram.rows.heads[diagram.rows.of(i)] === trace.step[i] : () => true;
    const isHead = (i) => diagram.rows.heads[diagram.rows.of(i)] === i;
    const next = nextOf(trace, this.index, { unit, direction, passes, isHead });
    if (next < 0) return false;
    this.choose(this.side, next);
    return true;
  }

  toRule(rule) {
    const next = nextWithRule(this.trace, this.index, rule);
    if (next >= 0) this.choose(this.side, next);
  }

  toViolation(direction) {
    const side = this.trace.violations.length > 0 ? this.side : this.traces.findIndex((trace) => trace.violations.length > 0);
    if (side >= 0) this.choose(side, nextViolation(this.traces[side], side === this.side ? this.index : -1, direction));
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
    for (const diagram of this.diagrams) {
      const { lanes, names } = filters.hiddenIn(diagram.trace);
      diagram.hiddenLanes = lanes;
      diagram.hiddenNames = names;
      diagram.filter(filters.keeps(diagram.trace));
    }
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
    this.player.play(false);
    this.causes = undefined;
    if (this.presents) this.present();
    else if (MENUS.some((id) => byId(id).open)) for (const id of MENUS) byId(id).open = false;
    else if (this.filters.isActive()) this.filters.clear();
    document.activeElement?.blur();
    this.show();
  }

  showTab(name) {
    document.body.dataset.tab = name;
    for (const tab of TABS) {
      byId(`tab-${tab}`).setAttribute("aria-selected", String(tab === name));
      byId(tab).classList.toggle("front", tab === name);
    }
  }

  /** Goes where the address says; whether it says anything. */
  follow() {
    const found = this.address.read(this.traces);
    if (found === undefined) return false;
    const { side, index } = found;
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

/** For the console, and for tests. */
globalThis.quorate = {
  page,
  trace: page.trace,
  view: (node, event) => page.trace.view(page.trace.laneOf.get(node), event),
  select: (event) => page.choose(page.side, event),
  sentence: (event) => sentence(page.trace, event),
  clause: (event) => clause(page.trace, event),
  picture: () => {
    const { shapes, size } = seen(page.diagram);
    return { svg: svgOf(shapes, size), png: canvasOf(shapes, size).toDataURL("image/png") };
  },
  /** The modules that an interactive page uses: each draws a step of a model into an element. */
  render: { logTable: renderLogTable, cards: renderCards, chapter: renderChapter, caption: renderCaption, history: renderHistory, invariants: renderInvariants },
};
