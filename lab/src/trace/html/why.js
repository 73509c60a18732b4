// The why panel: what began a step, each rule that decided in it, with its paper, its paraphrase and the live values,
// what it did because of that, and how the step came about. Refusals are decisions too.

import { causeChain, valueOrigins } from "./causes.js";
import { cut, el } from "./dom.js";
import { eventParts, messageParts, sentence } from "./sentences.js";
import { STANCES } from "./stances.js";
import { stepEvents } from "./trace.js";
import { worded } from "./wording.js";
import { clockTime } from "./words.js";

/** What stands before an effect; the others' words begin with a verb of their own. */
const VERBS = { send: "sends", reply: "replies", persist: "persists", fact: "fact", state: "now has" };
/** Links of a chain of causes that are listed: the first ones and the last ones. */
const LINKS_MAX = 8;

export function whyPanel(trace, index, { onselect, onrule }) {
  const step = trace.step[index];
  const head = trace.event(step);
  const events = stepEvents(trace, step);
  const rules = events.filter((i) => trace.kindOf(i) === "rule").length;
  return [
    heading(trace, index, step, head),
    began(trace, step, onselect),
    ...decisiveFirst(trace, groups(trace, events)).map((group) => ruleCard(trace, group, index, { onselect, onrule })),
    rules === 0 && ["deliver", "fire", "request"].includes(head.kind) && trace.lane[step] >= trace.clients.length
      ? el("p", { class: "quiet" }, worded("The trace gives no rule for this step.")) : null,
    otherEnd(trace, step, onselect),
    howItCame(trace, step, events, onselect),
  ].filter(Boolean);
}

function heading(trace, index, step, head) {
  const id = trace.id[index];
  const who = typeof head.node === "string" ? head.node : worded(head.kind === "note" ? "Note" : "The run");
  return el("header", { class: "whyhead" },
    el("h2", {}, cut(who, 40)),
    el("span", { class: "when", title: `${trace.at[step].toLocaleString("en")} ns` }, clockTime(trace.at[step])),
    el("a", { href: `#event=${id}`, class: "link", title: worded("A link to this event"), "aria-label": worded("Link to event {id}", { id }) }, worded("event {id}", { id })));
}

function began(trace, step, onselect) {
  const [what, details, remark] = eventParts(trace, step);
  const kind = trace.kindOf(step);
  const flight = trace.flight[step];
  const from = flight >= 0 && trace.flights.from[flight] >= 0 && !["send", "forge"].includes(kind) ? trace.lanes[trace.flights.from[flight]] : "";
  const line = el("p", { class: `began ${kind}` },
    el("b", {}, cut(what, 200)), from ? el("span", { class: "from" }, worded(" from {node}", { node: cut(from, 40) })) : null,
    details ? el("span", { class: "body" }, ` ${cut(details, 1200)}`) : null,
    remark ? el("span", { class: "remark" }, ` (${cut(remark, 200)})`) : null);
  const cause = trace.cause[step];
  const link = cause >= 0 ? jump(trace, cause, worded("caused at {time}", { time: clockTime(trace.at[cause]) }), onselect) : null;
  return el("div", { class: "beginning" }, line, link);
}

function jump(trace, index, text, onselect) {
  return el("button", { class: "jump", type: "button", title: cut(sentence(trace, index), 300), onclick: () => onselect(index) }, text);
}

/** The step's further events, each rule with those that follow it. */
function groups(trace, events) {
  const groups = [{ rule: undefined, events: [] }];
  for (const i of events.slice(1)) {
    if (trace.kindOf(i) === "rule") groups.push({ rule: i, events: [] });
    else groups.at(-1).events.push(i);
  }
  return groups.filter((group) => group.rule !== undefined || group.events.length > 0);
}

/** What a rule held back comes first: it is what the step is about. The others keep their order. */
function decisiveFirst(trace, all) {
  const isHeld = ({ rule }) => rule !== undefined && trace.stance(rule) === "held";
  return [...all.filter(isHeld), ...all.filter((group) => !isHeld(group))];
}

function ruleCard(trace, group, selected, { onselect, onrule }) {
  const effects = group.events.map((i) => effect(trace, i, selected, onselect));
  const list = effects.length > 0 ? el("ul", { class: "effects" }, ...effects) : null;
  if (group.rule === undefined) return el("section", { class: "rule plain" }, list);
  const fields = trace.event(group.rule);
  const known = trace.rules.get(fields.rule) ?? {};
  const stance = trace.stance(group.rule);
  const { sign, name, says } = STANCES[stance] ?? {};
  return el("section", { class: `rule ${stance}${selected === group.rule ? " current" : ""}`, "data-rule": cut(fields.rule, 80) },
    el("h3", {},
      el("button", { type: "button", class: "rulename", title: worded("Go to the next step in which this rule fired"), onclick: () => onrule(trace.ruleOf[group.rule]) },
        sign ? `${sign} ` : "", cut(fields.rule, 80)),
      name ? el("span", { class: "tag", title: worded(says) }, worded(name)) : null),
    fields.why ? el("p", { class: "live" }, cut(String(fields.why), 2000)) : null,
    known.says ? el("p", { class: "says" }, cut(String(known.says), 600)) : null,
    known.cite ? el("p", { class: "cite" }, cut(String(known.cite), 200)) : null,
    list);
}

function effect(trace, i, selected, onselect) {
  const kind = trace.kindOf(i);
  const [what, details] = eventParts(trace, i);
  return el("li", { class: `effect ${kind}${selected === i ? " current" : ""}` },
    el("button", { type: "button", onclick: () => onselect(i), "aria-current": selected === i ? "true" : undefined },
      el("span", { class: "verb" }, worded(VERBS[kind] ?? "")), " ", el("b", {}, cut(what, 100)), " ", el("span", { class: "body" }, cut(details, 600))));
}

/** Where the message of a `send` arrives. */
function otherEnd(trace, step, onselect) {
  const flight = trace.flight[step];
  if (flight < 0 || trace.flights.sent[flight] !== step) return null;
  const end = trace.flights.ended[flight];
  const { name } = messageParts(trace, flight);
  if (end < 0) return el("p", { class: "quiet" }, worded("{name} is still in flight when the trace ends.", { name: cut(name, 60) }));
  const lost = trace.kindOf(end) === "drop";
  return jump(trace, end, worded(lost ? "lost at {time}" : "arrives at {time}", { time: clockTime(trace.at[end]) }), onselect);
}

/** The shortest answer to how it came to this step: its chain of direct causes, and where its values come from. */
function howItCame(trace, step, events, onselect) {
  const chain = causeChain(trace, step).slice(0, -1);
  const origins = valueOrigins(trace, events).filter(({ first }) => first < step);
  if (chain.length === 0 && origins.length === 0) return null;
  const shown = chain.length <= LINKS_MAX ? chain : [...chain.slice(0, 2), undefined, ...chain.slice(3 - LINKS_MAX)];
  const links = shown.map((i) => el("li", {}, i === undefined ? worded("… {count} more", { count: chain.length - LINKS_MAX + 1 }) : jump(trace, i, cut(sentence(trace, i), 120), onselect)));
  return el("details", { class: "history" },
    el("summary", {}, worded(chain.length === 1 ? "How it came to this: {count} step" : "How it came to this: {count} steps", { count: chain.length })),
    ...origins.map(({ text, first }) => el("p", {}, el("b", {}, cut(text, 60)), worded(" first appears here: "), jump(trace, first, cut(sentence(trace, first), 120), onselect))),
    chain.length > 0 ? el("ol", {}, ...links) : null);
}
