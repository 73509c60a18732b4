// The page of the playground: one session, one event that is looked at, and everything shows it. What is done is a request
// to the session; its new events are watched as they happen.

import { renderNext } from "./actions.js";
import { renderBeside } from "./beside.js";
import { chaptersOf } from "./chapters.js";
import { ClusterView } from "./cluster.js";
import { renderScript } from "./commands.js";
import { Comparison } from "./comparison.js";
import { fillSpans, keysOf } from "./controls.js";
import { Diagram, diagramHost } from "./diagram.js";
import { byId, cut, visible } from "./dom.js";
import { Goal } from "./goal.js";
import { invariantsOf } from "./invariants.js";
import { fillHelp } from "./keys.js";
import { momentAt } from "./moment.js";
import { nextOf } from "./navigation.js";
import { showOpening } from "./opening.js";
import { Panels } from "./panels.js";
import { Playback } from "./playback.js";
import { renderCaption } from "./presentation.js";
import { Scrubber } from "./scrubber.js";
import { Session } from "./session.js";
import { sessionIn } from "./sharing.js";
import { askedFor } from "./start.js";
import { LANGUAGE, fillTexts, t } from "./texts.js";
import { stepEvents } from "./trace.js";
import { Unreachable, transportOf } from "./transport.js";
import { renderTree } from "./tree.js";
import { wire } from "./wiring.js";
import { clockTime } from "./words.js";

/** Requests whose new events are watched; others show another run at once. */
const WATCHED = ["perform", "redo", "go", "auto", "attack"];
/** More new events than this are not watched one by one. */
const WATCHED_MAX = 3000;
/** A request that takes longer says that it works. */
const PATIENCE_MS = 300;
/** While a run is watched, what is beside the picture is drawn no more often than this. */
const BESIDE_MS = 160;
/** And takes at most one part in so many of the time. */
const BESIDE_REST = 8;

class Playground {
  constructor() {
    fillTexts(document.body);
    fillSpans();
    fillHelp(keysOf());
    Object.assign(this, { index: 0, chosen: undefined, opened: new Set(), asked: 0 });
    this.transport = transportOf(document);
    this.session = new Session(this.transport, { onlost: (says) => { this.notice = t("ended", { says }); } });
    this.cluster = new ClusterView(byId("cluster"), { onchoose: (thing) => this.choose(thing) });
    this.playback = new Playback({ onstep: (index) => this.look(index), ontime: (now) => this.cluster.move(now), onend: () => this.look(this.last) });
    this.comparison = new Comparison({ onselect: (index) => this.select(index) });
    this.panels = new Panels(() => {
      if (this.session.trace === undefined) return;
      this.drawScript();
      this.draw();
    });
    wire(this);
  }

  /** Opens the session of the address, of this tab, or of the command line. */
  async begin() {
    const { response } = await this.session.ask({ do: "catalogue" });
    this.catalogue = response.catalogue;
    if (!(await this.openShared()) && !(await this.openAsked())) await this.openKept();
    document.body.dataset.ready = "true";
  }

  /** Opens the session of a link; whether the address has one. What cannot be opened takes nothing away. */
  async openShared() {
    if (!location.hash.startsWith("#s=")) return false;
    const { hash } = location;
    history.replaceState(null, "", location.pathname + location.search);
    const saved = await sessionIn(hash).catch(() => undefined);
    if (saved !== undefined && (await this.ask({ do: "open", saved }))) return true;
    const why = saved === undefined ? t("linkBroken") : byId("message").textContent;
    if (this.session.trace === undefined) await this.openKept();
    this.say(why, true);
    return true;
  }

  /** Opens the scenario of the address; whether it names one. */
  async openAsked() {
    const request = askedFor();
    if (request === undefined) return false;
    if (await this.ask(request)) {
      this.panels.show("story");
      return true;
    }
    const why = byId("message").textContent;
    await this.openKept();
    this.say(why, true);
    return true;
  }

  async openKept() {
    const start = await this.transport.start();
    if (start.goal) this.goal = new Goal(start.goal, this.transport);
    const saved = Session.stored();
    const isWanted = saved !== undefined && (this.goal === undefined || this.goal.fits(saved));
    if (!isWanted || !(await this.ask({ do: "open", saved }))) {
      await this.ask(start.open);
      for (const line of start.then) await this.ask({ do: "perform", line });
    }
    this.goal?.begin();
  }

  get last() {
    return this.session.trace.count - 1;
  }

  /** The event after which everything is shown: the last one of a step that is looked at. */
  get after() {
    const { index, session: { trace } } = this;
    return trace.step[index] === index ? stepEvents(trace, index).at(-1) : index;
  }

  get isPresent() {
    return this.after === this.last;
  }

  /** Hands a request to the session, and shows what came of it; whether it was done. */
  async ask(request) {
    this.playback.finish();
    this.asked += 1;
    const slow = setTimeout(() => this.say(t("working")), PATIENCE_MS);
    try {
      const { response, kept } = await this.session.ask(request);
      clearTimeout(slow);
      this.say([this.notice, response.says].filter(Boolean).join(" "));
      this.notice = undefined;
      if (!response.ok) return this.fail(response.error);
      if (response.state) this.refresh(WATCHED.includes(request.do) ? kept : 0);
      if (response.compare) this.compare(response.compare);
      return response;
    } catch (error) {
      clearTimeout(slow);
      this.say(error instanceof Unreachable ? t("unreachable", { port: location.port }) : t("fault", { says: String(error.message) }), true);
      return undefined;
    } finally {
      this.asked -= 1;
    }
  }

  fail({ says, line }) {
    this.say(typeof line === "number" ? t("errorLine", { line, says }) : t("error", { says }), true);
    return undefined;
  }

  perform(line) {
    return this.ask({ do: "perform", line });
  }

  /** A remark or an error, above the cluster. */
  say(text, isError = false) {
    const message = byId("message");
    message.hidden = text === "";
    message.classList.toggle("error", isError);
    message.textContent = visible(cut(text, 1200));
  }

  /** Everything has changed; the events after the first `kept` are new, and are watched, unless there are none before them. */
  refresh(kept) {
    const { trace, reigns, chapters, invariants } = this.session;
    this.comparison.end();
    this.chapters = chaptersOf(trace, chapters);
    this.invariants = invariantsOf(trace, invariants);
    this.requests = undefined;
    if (this.diagram === undefined) {
      this.diagram = new Diagram(diagramHost(0), trace, reigns, { onselect: (index) => this.select(index) });
      this.scrubber = new Scrubber(trace, reigns, { onselect: (index) => this.select(index) });
    } else {
      this.diagram.show(trace, reigns);
      this.scrubber.show(trace, reigns);
    }
    this.forget();
    this.describe();
    const fresh = trace.count - kept;
    if (kept > 0 && fresh > 0 && fresh <= WATCHED_MAX && !this.isStill) this.watch(kept - 1);
    else this.look(this.last);
    this.drawScript();
    if (this.goal !== undefined) this.waitFor(this.goal.look(this.session));
  }

  /** Counts something that goes on as asked. */
  async waitFor(promise) {
    this.asked += 1;
    await promise;
    this.asked -= 1;
  }

  /** What was chosen may no longer be there. */
  forget() {
    const { state } = this.session;
    const { message, node, client, timer } = this.chosen ?? {};
    const isGone = (message !== undefined && !state.in_flight.some(({ id }) => id === message)) || (node !== undefined && !state.nodes.some(({ name }) => name === node))
      || (client !== undefined && !state.clients.includes(client)) || (timer !== undefined && !state.timers.some((each) => each.node === timer.node && each.name === timer.name));
    if (isGone) this.chosen = undefined;
  }

  /** Readers who want no movement see the result at once. */
  get isStill() {
    return matchMedia("(prefers-reduced-motion: reduce)").matches;
  }

  watch(from) {
    this.index = Math.max(0, from);
    this.playback.play(this.session.trace, { from: this.index, to: this.last, until: this.session.state.now, speed: Number(byId("speed").value) });
    this.draw();
    this.cluster.move(this.session.trace.at[this.index]);
    this.drawNext(true);
  }

  describe() {
    const { state } = this.session;
    byId("title").textContent = visible(cut(state.title || state.protocol, 300));
    document.title = `${visible(cut(state.title || state.protocol, 80))} · Quorate`;
    const broken = state.violation?.invariant ?? state.invariants.find(({ holds }) => !holds)?.name;
    const verdict = byId("verdict");
    verdict.classList.toggle("broken", broken !== undefined);
    verdict.textContent = broken === undefined ? t("allHold") : t("broke", { invariant: visible(cut(broken, 60)) });
    verdict.title = broken === undefined ? "" : t("toViolation");
    verdict.disabled = broken === undefined;
    byId("undo").disabled = !state.can_undo;
    byId("redo").disabled = !state.can_redo;
  }

  /** Looks at an event by choice of the reader. */
  select(index) {
    this.playback.stop();
    this.look(Math.max(0, Math.min(this.last, index)));
  }

  look(index) {
    this.index = index;
    this.draw();
  }

  get now() {
    return this.isPresent ? this.session.state.now : this.session.trace.at[this.index];
  }

  /** Draws everything for the event that is looked at; while it is watched, what is beside the picture follows at its own pace. */
  draw() {
    const { trace } = this.session;
    const { index } = this;
    const isPlaying = this.playback.isPlaying;
    this.cluster.show(momentAt(this.session, isPlaying ? index : this.after, this.isPresent && !isPlaying), isPlaying ? undefined : this.now, this.chosen);
    this.scrubber.select(index);
    renderCaption(byId("caption"), { trace }, index);
    const begun = performance.now();
    if (isPlaying && begun < (this.besideAt ?? 0)) return;
    this.drawBeside();
    // Where that takes long it happens less often, so that movement stays smooth.
    this.besideAt = begun + Math.max(BESIDE_MS, (performance.now() - begun) * BESIDE_REST);
  }

  /** Lanes, panels and words around the picture. */
  drawBeside() {
    const { trace } = this.session;
    const { index } = this;
    this.diagram.select(index);
    this.comparison.select(index, trace);
    byId("where").textContent = t("whereIs", { at: (index + 1).toLocaleString(LANGUAGE), count: trace.count.toLocaleString(LANGUAGE) });
    byId("subtitle").textContent = visible(this.subtitle());
    renderBeside(this);
    if (!this.playback.isPlaying) this.drawNext(this.isPresent);
    this.marks();
  }

  /** Protocol, branch, time, seed, and the rules that are not those of the book. */
  subtitle() {
    const { protocol, branch, seed, nodes } = this.session.state;
    const rules = [...new Set(nodes.map((node) => node.rules).filter((each) => each !== null))];
    return t("subtitle", { protocol, branch: cut(branch, 40), time: clockTime(this.now) }) + (seed === null || seed === undefined ? "" : t("seedIs", { seed }))
      + (rules.length > 0 ? t("rulesAre", { rules: cut(rules.join(", "), 80) }) : "");
  }

  /** What can be done is drawn before its cause has been watched: nobody has to wait for a picture. */
  drawNext(isPresent) {
    const { state } = this.session;
    renderNext(byId("next"), {
      session: this.session, chosen: this.chosen, isPresent, index: this.index,
      protocol: this.catalogue.protocols.find(({ name }) => name === state.protocol),
      ondo: (line) => this.perform(line), onlie: (node, lie) => this.ask({ do: "liar", node, lie }), onchoose: (thing) => this.choose(thing), onhere: () => this.here(), onpresent: () => this.select(this.last),
      onscript: (all) => this.ask(all ? { do: "go", command: state.commands.length } : { do: "redo" }),
    });
  }

  /** The script and the branches, if they can be seen. */
  drawScript() {
    const { state } = this.session;
    if (this.panels.isShown("script")) renderScript(byId("script"), { state, ongo: (command) => this.ask({ do: "go", command }), onseed: (seed) => this.ask({ do: "seed", seed: /^\d+$/.test(seed.trim()) ? Number(seed) : seed }) });
    if (this.panels.isShown("tree")) renderTree(byId("tree"), {
      state, isComparing: this.comparison.isOn, onend: () => this.endComparison(),
      onswitch: (branch) => this.ask({ do: "switch", branch }), oncompare: (branch) => this.ask({ do: "compare", branch }),
      onremove: (branch) => this.ask({ do: "remove", branch }), onname: (name) => this.ask({ do: "branch", name }),
    });
  }

  /** Marks for style sheets, and for tests: whether something is still going on. */
  marks() {
    document.body.classList.toggle("watching", this.playback.isPlaying);
    document.body.classList.toggle("looksback", !this.isPresent && !this.playback.isPlaying);
    byId("play").textContent = this.playback.isPlaying ? "❚❚" : "▶";
  }

  get isIdle() {
    return this.asked === 0 && !this.playback.isPlaying;
  }

  choose(thing) {
    if (this.playback.isPlaying) this.playback.finish();
    this.chosen = thing;
    if (thing !== undefined) this.panels.show("next");
    else this.draw();
  }

  compare(comparison) {
    this.comparison.begin(comparison, this.session);
    this.panels.show("lanes");
    if (comparison.at !== null) this.select(Math.min(this.last, comparison.at));
    this.drawScript();
  }

  endComparison() {
    this.comparison.end();
    this.drawScript();
  }

  /** Goes back to the event that is looked at. */
  here() {
    return this.isPresent ? undefined : this.ask({ do: "go", event: this.after + 1 });
  }

  move(direction) {
    this.playback.stop();
    const { trace } = this.session;
    const from = direction < 0 ? trace.step[this.index] : this.index;
    const next = nextOf(trace, from, { unit: "step", direction, passes: () => true, isHead: () => true });
    if (next >= 0) this.select(next);
    else if (direction > 0 && this.isPresent && this.session.state.can_redo) this.ask({ do: "redo" });
    else this.select(direction > 0 ? this.last : 0);
  }

  toRule(rule) {
    const { trace } = this.session;
    const next = [...Array(trace.count).keys()].map((by) => (this.index + 1 + by) % trace.count).find((i) => trace.ruleOf[i] === rule && trace.step[i] !== trace.step[this.index]);
    if (next !== undefined) this.select(next);
  }

  toViolation() {
    const [first] = this.session.trace.violations;
    if (first === undefined) return;
    this.select(first);
    this.panels.show("invariants");
  }

  play() {
    if (this.playback.isPlaying) {
      this.playback.stop();
      this.draw();
    } else this.watch(this.isPresent ? 0 : this.index);
  }

  opening() {
    showOpening(byId("opening"), this.catalogue, async (request) => {
      this.chosen = undefined;
      if ((await this.ask(request)) && request.scenario) this.panels.show("story");
    });
  }
}

const page = new Playground();

/** For the console, and for tests. */
globalThis.quorate = { page, session: page.session };

page.begin().catch((error) => page.say(error instanceof Unreachable ? t("unreachable", { port: location.port }) : t("fault", { says: String(error.message) }), true));
