// What is shown: by node, by kind of message, by rule, and by text.

import { byId, cut, el } from "./dom.js";

/** More choices than this are found by typing. */
const CHOICES_MAX = 60;

export class Filters {
  constructor(trace, { onchange }) {
    this.trace = trace;
    this.hiddenLanes = new Set();
    this.hiddenNames = new Set();
    this.rule = -1;
    this.text = "";
    this.onchange = onchange;
    this.choices(byId("filter-nodes"), trace.lanes, this.hiddenLanes);
    this.choices(byId("filter-messages"), trace.messageNames.list, this.hiddenNames);
    this.ruleChoice(byId("filter-rule"));
    byId("search").addEventListener("input", (input) => this.soon(() => { this.text = input.target.value; }));
    byId("filter-clear").addEventListener("click", () => this.clear());
  }

  choices(host, names, hidden) {
    host.replaceChildren();
    names.slice(0, CHOICES_MAX).forEach((name, index) => {
      const box = el("input", { type: "checkbox", checked: true, onchange: () => {
        if (box.checked) hidden.delete(index);
        else hidden.add(index);
        this.changed();
      } });
      host.append(el("label", { class: "choice" }, box, el("span", {}, cut(name, 40))));
    });
    if (names.length > CHOICES_MAX) host.append(el("p", { class: "quiet" }, `… and ${names.length - CHOICES_MAX} more`));
  }

  ruleChoice(select) {
    const fired = this.trace.ruleNames.list.map((name, index) => ({ name, index })).sort((a, b) => (a.name < b.name ? -1 : 1));
    select.append(el("option", { value: "-1" }, "any rule"), ...fired.map(({ name, index }) => el("option", { value: index }, cut(name, 60))));
    select.addEventListener("change", () => { this.rule = Number(select.value); this.changed(); });
  }

  soon(change) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => { change(); this.changed(); }, this.trace.count > 50_000 ? 250 : 60);
  }

  changed() {
    byId("filter-state").textContent = this.isActive() ? "filtered" : "";
    this.onchange();
  }

  clear() {
    this.hiddenLanes.clear();
    this.hiddenNames.clear();
    [this.rule, this.text] = [-1, ""];
    byId("search").value = "";
    byId("filter-rule").value = "-1";
    for (const box of document.querySelectorAll(".choice input")) box.checked = true;
    this.changed();
  }

  isActive() {
    return this.hiddenLanes.size > 0 || this.hiddenNames.size > 0 || this.rule >= 0 || this.text !== "";
  }

  /** What says whether a step passes, or undefined if all do. */
  keeps() {
    if (!this.isActive()) return undefined;
    const wanted = this.wantedSteps();
    const { trace } = this;
    return (step) => {
      if (wanted !== undefined && wanted[step] === 0) return false;
      if (this.hiddenLanes.has(trace.lane[step])) return false;
      const flight = trace.flight[step];
      if (flight < 0 || ["boot", "crash"].includes(trace.kindOf(step))) return true;
      const { name, from, to } = trace.flights;
      return !this.hiddenNames.has(name[flight]) && !this.hiddenLanes.has(from[flight]) && !this.hiddenLanes.has(to[flight]);
    };
  }

  /** The steps in which the rule fired and the text occurs, as flags; undefined if neither is asked for. */
  wantedSteps() {
    if (this.rule < 0 && this.text === "") return undefined;
    const { trace } = this;
    const byRule = new Uint8Array(trace.count);
    const byText = new Uint8Array(trace.count);
    for (let i = 0; i < trace.count; i += 1) if (this.rule < 0 || trace.ruleOf[i] === this.rule) byRule[trace.step[i]] = 1;
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
