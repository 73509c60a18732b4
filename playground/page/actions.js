// What can happen next: the actions that the session names, for everything or for what is chosen in the picture, and
// forms for commands with values. Each button is a line of the scenario language, and shows it.

import { forgetParts, showParts } from "./arrange.js";
import { cut, el } from "./dom.js";
import { forgeForm, lineForm, partitionForm, quoted } from "./forms.js";
import { messageParts } from "./sentences.js";
import { inWords, lieSays, lieWord, t } from "./texts.js";
import { say } from "./words.js";

/** Actions of a group at most. */
const GROUP_MAX = 24;

/**
 * Draws the panel. `context` is `{ session, chosen, protocol, isPresent, index, ondo, onlie, onchoose, onhere, onpresent, onscript }`:
 * the functions perform a line, give a node a lie, choose a thing, go back to the event that is looked at, look at the present, and play
 * the script.
 */
export function renderNext(element, context) {
  const { isPresent, session } = context;
  const focus = focusIn(element);
  // Forms of one thing, or of one protocol, do not fit another.
  const thing = JSON.stringify([context.chosen, session.state.protocol, session.state.nodes.map(({ name }) => name)]);
  if (element.dataset.thing !== thing) {
    forgetParts(element);
    element.scrollTop = 0;
  }
  element.dataset.thing = thing;
  const parts = isPresent ? present(context) : [past(context)];
  showParts(element, parts.filter(Boolean));
  if (focus !== undefined && !element.contains(document.activeElement)) ((focus && element.querySelector(focus)) || element).focus({ preventScroll: true });
}

/** Where the reader is in the panel, as a selector; undefined if elsewhere. */
function focusIn(element) {
  const active = document.activeElement;
  if (!element.contains(active)) return undefined;
  return active.id ? `#${active.id}` : active.dataset.line ? `[data-line="${CSS.escape(active.dataset.line)}"]` : active.dataset.field ? `[data-field="${CSS.escape(active.dataset.field)}"]` : "";
}

/** A part of the panel; `looks` is all that changes it. */
function part(key, looks, make) {
  return { key, looks: JSON.stringify(looks), make };
}

/** While an earlier event is looked at, nothing can be done but to go back to it. */
function past({ session, index, onhere, onpresent }) {
  const { count } = session.trace;
  return part("past", [index, count], () => el("div", { class: "lookback" }, el("p", {}, t("lookingBack", { at: index + 1, count })),
    el("button", { type: "button", id: "go-here", class: "main", onclick: onhere }, t("goBackHere")), " ",
    el("button", { type: "button", id: "go-present", onclick: onpresent }, t("toPresent"))));
}

function present(context) {
  const { session, chosen, onchoose } = context;
  if (chosen === undefined) return [scriptPart(context), ...everything(context)];
  const thing = nameOf(chosen, session.trace);
  const head = part("head", thing, () => el("header", { class: "thing" }, el("h2", {}, t("nextOf", { thing })),
    el("button", { type: "button", id: "choose-nothing", title: t("cancel"), "aria-label": t("cancel"), onclick: () => onchoose(undefined) }, "×")));
  return [head, ...ofThing(context)];
}

/** The name of what is chosen. */
export function nameOf(chosen, trace) {
  if (chosen.node !== undefined) return chosen.node;
  if (chosen.client !== undefined) return t("client", { name: chosen.client });
  if (chosen.link !== undefined) return t("link", { from: chosen.link[0], to: chosen.link[1] });
  if (chosen.timer !== undefined) return t("timer", chosen.timer);
  const flight = trace.byMessage.get(chosen.message);
  if (flight === undefined) return t("message");
  const { name, body } = messageParts(trace, flight);
  return t("messageFrom", { from: trace.lanes[trace.flights.from[flight]], to: trace.lanes[trace.flights.to[flight]], says: cut(`${name} ${body}`.trim(), 120) });
}

/** The next command of the script, if the session is not at its end. */
function scriptPart({ session: { state }, onscript }) {
  const next = state.can_redo ? state.commands[state.at] : undefined;
  if (next === undefined) return null;
  return part("script", next.line, () => el("div", { class: "inscript" }, el("p", {}, el("span", { class: "quiet" }, `${t("inScript")}: `), el("code", {}, cut(next.line, 160))),
    el("button", { type: "button", id: "play-next", class: "main", onclick: () => onscript(false) }, t("playNext")), " ",
    el("button", { type: "button", id: "play-all", onclick: () => onscript(true) }, t("playAll"))));
}

function everything(context) {
  const { session: { state } } = context;
  const on = (test) => state.actions.filter(({ on: place }) => test(place));
  return [
    group("cluster", t("onCluster"), on((place) => place === "cluster"), context),
    group("messages", t("onMessages"), on((place) => place.message !== undefined), context),
    group("timers", t("onTimers"), on((place) => place.timer !== undefined), context),
    part("choose", "", () => el("p", { class: "quiet" }, t("chooseThing"))),
    filtersPart(context),
    requestForms(context, undefined),
    folded("until", t("until"), () => untilForms(context)),
    folded("network", t("network"), () => networkForms(context)),
  ];
}

function ofThing(context) {
  const { session: { state }, chosen } = context;
  const fits = {
    node: (place) => place.node === chosen.node || place.timer?.node === chosen.node,
    client: () => false,
    message: (place) => place.message === chosen.message,
    timer: (place) => place.timer?.node === chosen.timer?.node && place.timer?.name === chosen.timer?.name,
    link: (place) => place.link?.includes(chosen.link?.[0]) && place.link?.includes(chosen.link?.[1]),
  }[Object.keys(chosen)[0]];
  // A text has a method `link`, of all things.
  const actions = state.actions.filter(({ on: place }) => typeof place === "object" && fits(place));
  if (chosen.message !== undefined) return [bodyOf(context), buttonsPart([...actions, ...messageActions(context)], context), forgePart(context)];
  const offered = actions.filter(({ line }) => !isRequest(context, line));
  const parts = [offered.length > 0 ? buttonsPart(offered, context) : null];
  if (chosen.node !== undefined) parts.push(requestForms(context, chosen.node), liarPart(context), folded("faults", t("moreFaults"), () => nodeForms(context)));
  if (chosen.client !== undefined) parts.push(requestForms(context, undefined));
  if (chosen.link !== undefined) parts.push(group("filters", t("onFilters"), linkFilters(chosen.link), context));
  return parts.some(Boolean) ? parts : [nothing()];
}

function nothing() {
  return part("nothing", "", () => el("p", { class: "quiet" }, t("nothingNext")));
}

/** Filters that are in force, and how they end. */
function filtersPart(context) {
  const { filters } = context.session.state;
  if (filters.length === 0) return null;
  const ends = [{ line: "release", says: t("release") }, { line: "pass", says: t("pass") }];
  return part("in force", filters, () => el("section", { class: "actions", "data-group": "filters" }, el("h2", { class: "grouphead" }, t("inForce")),
    el("ul", { class: "filters" }, ...filters.slice(0, GROUP_MAX).map((filter) => el("li", {}, el("code", {}, cut(filter, 120))))), buttons(ends, context)));
}

/** Filters for the messages of a link, each way. */
function linkFilters([a, b]) {
  return [[a, b], [b, a]].flatMap(([from, to]) => {
    const way = `${quoted(from)} ${quoted(to)}`;
    const says = (key) => t(key, { from, to });
    return [{ line: `hold ${way}`, says: says("holdAll") }, { line: `drop ${way}`, says: says("dropAll") },
      { line: `delay ${way} 20ms`, says: says("delayAll") }, { line: `duplicate ${way}`, says: says("duplicateAll") }];
  });
}

/** Requests have forms of their own. */
function isRequest({ protocol }, line) {
  return (protocol?.requests ?? []).some(({ form }) => line.split(" ")[0] === form.split(" ")[0]);
}

/** The content of a message. */
function bodyOf({ session: { state }, chosen }) {
  const message = state.in_flight.find(({ id }) => id === chosen.message);
  if (message === undefined) return nothing();
  const says = cut(`${message.name} ${say(message.body)}`, 600);
  return part("body", says, () => el("p", { class: "body" }, says));
}

function messageActions({ session: { state }, chosen }) {
  const select = state.in_flight.find(({ id }) => id === chosen.message)?.select;
  if (!select) return [];
  return [["drop", ""], ["hold", ""], ["duplicate", ""], ["delay", " later=5ms"]].map(([verb, more]) => ({ line: `inflight ${verb} ${select}${more}`, says: t(verb) }));
}

/** The lies that a node can be given, in clusters that bear liars. */
function liarPart({ session: { state }, chosen, onlie }) {
  const { lie, lies } = state.nodes.find(({ name }) => name === chosen.node) ?? {};
  if (!lies?.length) return null;
  const button = (kind, says, code) => el("button", { type: "button", class: "action", "data-lie": kind ?? "honest", onclick: () => onlie(chosen.node, kind) },
    el("span", {}, says), el("code", {}, cut(code, 120)));
  return part("liar", [chosen.node, lie, lies], () => el("section", { class: "actions", "data-group": "liar" }, el("h2", { class: "grouphead" }, t("makeLiar")),
    el("div", { class: "choices" }, lie ? button(undefined, t("honestAgain"), `${chosen.node}: ${lieWord(lie)} → ✓`) : null,
      ...lies.filter((kind) => kind !== lie).map((kind) => button(kind, lieSays(kind), `liars=${chosen.node}:${kind}`)))));
}

/** A form that makes a lie of the message. */
function forgePart({ session: { state }, chosen, ondo }) {
  const message = state.in_flight.find(({ id }) => id === chosen.message);
  if (!message?.select) return null;
  const isOlder = ({ id, from, to, name }) => id < message.id && from === message.from && to === message.to && name === message.name;
  const nth = state.in_flight.filter(isOlder).length + 1;
  return part("forge", [message, nth], () => forgeForm(message, nth, ondo));
}

function group(key, title, actions, context) {
  if (actions.length === 0) return null;
  return part(key, actions, () => el("section", { class: "actions", "data-group": key }, el("h2", { class: "grouphead" }, title), buttons(actions, context)));
}

function buttonsPart(actions, context) {
  return part("buttons", actions, () => buttons(actions, context));
}

function buttons(actions, { ondo }) {
  const shown = actions.slice(0, GROUP_MAX);
  return el("div", { class: "choices" }, ...shown.map(({ line, says }) =>
    el("button", { type: "button", class: "action", "data-line": line, onclick: () => ondo(line) }, el("span", {}, cut(inWords(says), 120)), el("code", {}, cut(line, 120)))),
  actions.length > shown.length ? el("p", { class: "quiet" }, t("moreActions", { count: actions.length - shown.length })) : null);
}

function folded(key, title, fill) {
  return part(key, "", () => el("details", { class: "fold", "data-key": key }, el("summary", {}, title), ...fill()));
}

/** A form for each request of the protocol. */
function requestForms({ session: { state, trace }, protocol, chosen, ondo }, node) {
  if (!protocol || protocol.requests.length === 0) return null;
  const nodes = state.nodes.map(({ name }) => name);
  const client = chosen?.client;
  const line = (text) => ondo(client && trace.clients.length > 1 ? `${text} client=${quoted(client)}` : text);
  const values = node === undefined ? {} : Object.fromEntries(["NODE", "PROPOSER", "HOLDER", "SERVER"].map((name) => [name, node]));
  return part("requests", "", () => el("section", { class: "actions", "data-group": "requests" }, el("h2", { class: "grouphead" }, t("clientAsks")),
    ...protocol.requests.map(({ form, says }) => lineForm(form, says, { nodes, values, sample: sampleOf(state, form, node), ondo: line }))));
}

/** The words of a request of this form that is possible now, at this node or at any. */
function sampleOf(state, form, node) {
  const [verb] = form.split(" ");
  return state.actions.find(({ line, on: place }) => line.split(" ")[0] === verb && (node === undefined || place.node === node))?.line.split(" ");
}

function rulebooks(protocol) {
  return [...(protocol?.bugs ?? []).map(({ id, summary }) => ({ value: id, says: summary })), { value: "by-the-book" }];
}

function nodeForms({ session: { state }, protocol, chosen: { node }, ondo }) {
  const name = quoted(node);
  const others = state.nodes.map((each) => each.name).filter((other) => other !== node);
  const crashes = [["before-persist", t("beforePersist")], ["after-persist", t("afterPersist")], ["after-sends=1", t("afterSend")]];
  const lines = crashes.map(([moment, says]) => ({ line: `crash ${name} ${moment}`, says }));
  if (others.length > 0) lines.push({ line: `partition ${name} ${others.map(quoted).join(",")}`, says: t("isolate") });
  const form = (text, says) => lineForm(text, says, { nodes: [node], choices: { RULES: rulebooks(protocol) }, ondo });
  return [buttons(lines, { ondo }), form("drift NODE RATE", t("clockDrift")), form("jump NODE SPAN", t("clockJump")), form("service NODE EACH", t("serviceTime")), form("rules NODE RULES", t("otherRules"))];
}

function networkForms({ session: { state }, protocol, ondo }) {
  const nodes = state.nodes.map(({ name }) => name);
  const form = (text, says) => lineForm(text, says, { nodes, choices: { RULES: rulebooks(protocol) }, ondo });
  return [nodes.length > 1 ? partitionForm(nodes, ondo) : null, form("network loss=LOSS", t("loss")), form("network latency=LATENCY", t("latency")), form("link each=EACH queue=QUEUE", t("linkQueue")), form("rules * RULES", t("allRules"))];
}

/** Time passes until a rule fires or a message arrives, once more than so far. */
function untilForms({ session, protocol, ondo }) {
  const rules = [...session.trace.rules.keys()];
  const go = (line) => {
    const [, kind, name] = /^until (\w+)=(\S+)/.exec(line);
    ondo(`${line} count=${timesSoFar(session.trace, kind, name) + 1} within=10s`);
  };
  const form = (text, says, choices) => lineForm(text, says, { nodes: [], choices, ondo: go });
  return [rules.length > 0 ? form("until rule=RULE", t("untilRule"), { RULE: rules }) : null,
    protocol?.messages.length > 0 ? form("until delivered=MESSAGE", t("untilDelivered"), { MESSAGE: protocol.messages }) : null].filter(Boolean);
}

/** How often a rule has fired, or a message of a name has arrived. */
function timesSoFar(trace, kind, name) {
  const is = {
    rule: (i) => trace.ruleOf[i] >= 0 && trace.ruleNames.list[trace.ruleOf[i]] === name,
    delivered: (i) => trace.kindOf(i) === "deliver" && trace.flight[i] >= 0 && trace.messageNames.list[trace.flights.name[trace.flight[i]]] === name,
  }[kind];
  let found = 0;
  for (let i = 0; i < trace.count; i += 1) if (is(i)) found += 1;
  return found;
}
