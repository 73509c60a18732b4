// The why panel: what began a step, each rule that decided in it, with its paper, its paraphrase and the live values,
// and what it did because of that. Refusals are decisions too.

import { cut, el } from "./dom.js";
import { eventParts, isRefusal, messageParts, sentence } from "./sentences.js";
import { stepEvents } from "./trace.js";
import { clockTime } from "./words.js";

const VERBS = { send: "sends", reply: "answers", persist: "", arm: "", disarm: "", fact: "now true:", state: "" };

export function whyPanel(trace, index, { onselect, onrule }) {
  const step = trace.step[index];
  const head = trace.event(step);
  const events = stepEvents(trace, step);
  const rules = events.filter((i) => trace.kindOf(i) === "rule").length;
  return [
    heading(trace, index, step, head),
    began(trace, step, onselect),
    ...groups(trace, events).map((group) => ruleCard(trace, group, index, { onselect, onrule })),
    rules === 0 && ["deliver", "fire", "request"].includes(head.kind) && trace.lane[step] >= trace.clients.length
      ? el("p", { class: "quiet" }, "The trace gives no rule for this step.") : null,
    otherEnd(trace, step, onselect),
  ].filter(Boolean);
}

function heading(trace, index, step, head) {
  const id = trace.id[index];
  const who = typeof head.node === "string" ? head.node : head.kind === "note" ? "The story" : "The run";
  return el("header", { class: "whyhead" },
    el("h2", {}, cut(who, 40)),
    el("span", { class: "when" }, clockTime(trace.at[step])),
    el("a", { href: `#event=${id}`, class: "link", title: "A link to this event", "aria-label": `Link to event ${id}` }, `event ${id}`));
}

function began(trace, step, onselect) {
  const [what, details] = eventParts(trace, step);
  const kind = trace.kindOf(step);
  const flight = trace.flight[step];
  const from = flight >= 0 && trace.flights.from[flight] >= 0 && kind !== "send" ? trace.lanes[trace.flights.from[flight]] : "";
  const line = el("p", { class: `began ${kind}` },
    el("b", {}, cut(what, 200)), from ? el("span", { class: "from" }, ` from ${cut(from, 40)}`) : null,
    details ? el("span", { class: "body" }, ` ${cut(details, 1200)}`) : null);
  const cause = trace.cause[step];
  const link = cause >= 0 ? jump(trace, cause, `caused at ${clockTime(trace.at[cause])}`, onselect) : null;
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

function ruleCard(trace, group, selected, { onselect, onrule }) {
  const effects = group.events.map((i) => effect(trace, i, selected, onselect));
  const list = effects.length > 0 ? el("ul", { class: "effects" }, ...effects) : null;
  if (group.rule === undefined) return el("section", { class: "rule plain" }, list);
  const fields = trace.event(group.rule);
  const known = trace.rules.get(fields.rule) ?? {};
  const refused = isRefusal(fields.rule);
  return el("section", { class: `rule${refused ? " refusal" : ""}${selected === group.rule ? " current" : ""}`, "data-rule": cut(fields.rule, 80) },
    el("h3", {},
      el("button", { type: "button", class: "rulename", title: "Go to the next step in which this rule fired", onclick: () => onrule(trace.ruleOf[group.rule]) },
        refused ? "⊘ " : "", cut(fields.rule, 80)),
      refused ? el("span", { class: "tag" }, "a refusal") : null),
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
      el("span", { class: "verb" }, VERBS[kind] ?? ""), " ", el("b", {}, cut(what, 100)), " ", el("span", { class: "body" }, cut(details, 600))));
}

/** Where the message of a `send` arrives. */
function otherEnd(trace, step, onselect) {
  const flight = trace.flight[step];
  if (flight < 0 || trace.flights.sent[flight] !== step) return null;
  const end = trace.flights.ended[flight];
  const { name } = messageParts(trace, flight);
  if (end < 0) return el("p", { class: "quiet" }, `${cut(name, 60)} is still under way when the trace ends.`);
  const lost = trace.kindOf(end) === "drop";
  return jump(trace, end, `${lost ? "lost" : "arrives"} at ${clockTime(trace.at[end])}`, onselect);
}
