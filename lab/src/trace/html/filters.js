// What is shown: by node, by kind of message, by rule, and by text. With two traces, a filter applies to both.

import { byId, cut, el, visible } from "./dom.js";

/** More choices than this are found by typing. */
const CHOICES_MAX = 60;

export class Filters {
  constructor(traces, { onchange }) {
    this.count = traces.reduce((sum, trace) => sum + trace.count, 0);
    this.hiddenLanes = new Set();
    this.hiddenNames = new Set();
    this.rule = "";
    this.text = "";
    this.onchange = onchange;
    const all = (listOf) => [...new Set(traces.flatMap(listOf))];
    this.choices(byId("filter-nodes"), all((trace) => trace.lanes), this.hiddenLanes);
    this.choices(byId("filter-messages"), all((trace) => trace.messageNames.list), this.hiddenNames);
    this.ruleChoice(byId("filter-rule"), all((trace) => trace.ruleNames.list));
    byId("search").addEventListener("input", (input) => this.soon(() => { this.text = input.target.value; }));
    byId("filter-clear").addEventListener("click", () => this.clear());
  }

  choices(host, names, hidden) {
    host.replaceChildren();
    for (const name of names.slice(0, CHOICES_MAX)) {
      const box = el("input", { type: "checkbox", checked: true, onchange: () => {
        if (box.checked) hidden.delete(name);
        else hidden.add(name);
        this.changed();
      } });
      host.append(el("label", { class: "choice" }, box, el("span", {}, cut(name, 40))));
    }
    if (names.length > CHOICES_MAX) host.append(el("p", { class: "quiet" }, `… and ${names.length - CHOICES_MAX} more`));
  }

  ruleChoice(select, names) {
    const fired = names.sort((a, b) => (a < b ? -1 : 1));
    select.append(el("option", { value: "" }, "any rule"), ...fired.map((name) => el("option", { value: name }, visible(cut(name, 60)))));
    select.addEventListener("change", () => { this.rule = select.value; this.changed(); });
  }

  soon(change) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => { change(); this.changed(); }, this.count > 50_000 ? 250 : 60);
  }

  changed() {
    byId("filter-state").textContent = this.isActive() ? "filtered" : "";
    this.onchange();
  }

  clear() {
    this.hiddenLanes.clear();
    this.hiddenNames.clear();
    [this.rule, this.text] = ["", ""];
    byId("search").value = "";
    byId("filter-rule").value = "";
    for (const box of document.querySelectorAll(".choice input")) box.checked = true;
    this.changed();
  }

  isActive() {
    return this.hiddenLanes.size > 0 || this.hiddenNames.size > 0 || this.rule !== "" || this.text !== "";
  }

  /** The hidden lanes and names of messages, as a trace numbers them. */
  hiddenIn(trace) {
    const numbers = (list, hidden) => new Set(list.map((name, index) => (hidden.has(name) ? index : -1)).filter((index) => index >= 0));
    return { lanes: numbers(trace.lanes, this.hiddenLanes), names: numbers(trace.messageNames.list, this.hiddenNames) };
  }

  /** A function that says whether a step of a trace passes, or undefined if all do. */
  keeps(trace) {
    if (!this.isActive()) return undefined;
    const wanted = this.wantedSteps(trace);
    const { lanes, names } = this.hiddenIn(trace);
    return (step) => {
      if (wanted !== undefined && wanted[step] === 0) return false;
      if (lanes.has(trace.lane[step])) return false;
      const flight = trace.flight[step];
      if (flight < 0 || ["boot", "crash"].includes(trace.kindOf(step))) return true;
      const { name, from, to } = trace.flights;
      return !names.has(name[flight]) && !lanes.has(from[flight]) && !lanes.has(to[flight]);
    };
  }

  /** The steps in which the rule fired and the text occurs, as flags; undefined if neither is asked for. */
  wantedSteps(trace) {
    if (this.rule === "" && this.text === "") return undefined;
    const byRule = new Uint8Array(trace.count);
    const byText = new Uint8Array(trace.count);
    const rule = trace.ruleNames.list.indexOf(this.rule);
    for (let i = 0; i < trace.count; i += 1) if (this.rule === "" || (rule >= 0 && trace.ruleOf[i] === rule)) byRule[trace.step[i]] = 1;
    if (this.text === "") byText.fill(1);
    else for (const i of occurrences(trace, this.text)) byText[trace.step[i]] = 1;
    return byRule.map((flag, step) => flag & byText[step]);
  }
}

/** The events in whose line a text occurs, whatever its case. */
export function occurrences(trace, text) {
  const written = JSON.stringify(text).slice(1, -1).replaceAll("<", "\\u003c");
  const pattern = new RegExp(written.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "giu");
  const events = [];
  const { starts } = trace;
  let line = 1;
  pattern.lastIndex = starts[1];
  for (let found = pattern.exec(trace.text); found; found = pattern.exec(trace.text)) {
    while (starts[line + 1] <= found.index) line += 1;
    if (line - 1 >= trace.count) break;
    events.push(line - 1);
    pattern.lastIndex = starts[line + 1];
  }
  return events;
}
