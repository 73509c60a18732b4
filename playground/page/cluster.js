// The cluster view: nodes on a ring with their roles and timers, links, and messages on their way. `show` draws a moment,
// `move` only what changes while time passes: the places of messages, and the rings of timers.

import { arrange } from "./arrange.js";
import { cut, svg } from "./dom.js";
import { arc, captionsOf, isCrowded, nameRoom, pathOf, placesOf, pointAt } from "./geometry.js";
import { glyph } from "./glyphs.js";
import { bodyEpoch } from "./reigns.js";
import { lieWord, t } from "./texts.js";
import { say } from "./words.js";

/** With more messages than this their names are left out. */
const NAMED_MAX = 10;
/** With more than this the ways that they have gone are left out, too: a picture must be drawn within a frame. */
const TRAILS_MAX = 80;
/** Rings around a node at most. */
const RINGS_MAX = 3;
const RING_WIDTH = 5;
/** A longer name is written smaller, to fit into its node. */
const SHORT_NAME = 4;
/** A letter of a caption is about so many pixels wide, and one of the name of a message. */
const LETTER = 7;
const NAME_LETTER = 7.2;
const NAME_LETTERS = 22;

export class ClusterView {
  /** `onchoose(thing)` is called with `{ node }`, `{ message }`, `{ timer }`, `{ link }`, or undefined. */
  constructor(host, { onchoose }) {
    Object.assign(this, { host, onchoose, moment: undefined, chosen: undefined });
    this.layers = Object.fromEntries(["links", "clients", "messages", "members"].map((name) => [name, new Layer(name)]));
    this.svg = svg("svg", { role: "group", "aria-label": t("cluster") }, Object.values(this.layers).map(({ group }) => group));
    this.host.append(this.svg);
    this.svg.addEventListener("click", (click) => { if (click.target === this.svg) onchoose(undefined); });
    new ResizeObserver(() => { this.size = undefined; this.redraw(); }).observe(host);
  }

  /** Shows a moment; without a time, whoever calls says it at once by `move`. */
  show(moment, now, chosen) {
    Object.assign(this, { moment, now: now ?? this.now, chosen });
    this.redraw(now !== undefined);
  }

  redraw(moves = true) {
    if (!this.moment) return;
    // To ask for the size makes the browser lay out the whole page: it changes with the window alone.
    this.size ??= { width: this.host.clientWidth, height: this.host.clientHeight };
    if (this.size.width === 0) {
      this.size = undefined;
      return;
    }
    const { trace, run } = this.moment;
    if (this.laidOut !== this.size || this.run !== run) {
      const { width, height } = this.size;
      Object.assign(this, { laidOut: this.size, run });
      this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
      this.places = placesOf({ clients: trace.clients.length, nodes: trace.lanes.length - trace.clients.length }, width, height);
      this.captions = captionsOf(this.places.slice(trace.clients.length), width, height);
      for (const layer of Object.values(this.layers)) layer.forget();
    }
    this.layers.links.show(this.links());
    this.layers.clients.show(trace.clients.map((name, lane) => ({ looks: `${name} ${this.chosen?.client === name}`, make: () => this.client(name, lane) })));
    this.layers.messages.show(this.messages());
    const { acting, nodes } = this.moment;
    this.layers.members.show(nodes.map((node) => ({
      looks: JSON.stringify([node, node.lane === acting, this.chosen?.node === node.name, this.chosen?.timer]), make: () => this.node(node) })));
    if (moves) this.move(this.now);
  }

  /** Moves messages and rings to a time. */
  move(now) {
    this.now = now;
    for (const name of ["messages", "members"]) this.layers[name].move(now);
  }

  /** Attributes of something that can be chosen by mouse and keyboard. */
  choosable(key, label, thing, isTab = true) {
    const choose = (event) => { event.stopPropagation(); this.onchoose(thing); };
    return { "data-key": key, role: "button", tabindex: isTab ? "0" : "-1", "aria-label": label, onclick: choose,
      onkeydown: (press) => { if (press.key === "Enter" || press.key === " ") { press.preventDefault(); choose(press); } } };
  }

  isChosen(kind, test) {
    return this.chosen?.[kind] !== undefined && test(this.chosen[kind]);
  }

  links() {
    const { trace, cuts } = this.moment;
    const cutWays = new Set(cuts.map(([from, to]) => `${from} ${to}`));
    const found = [];
    for (let a = trace.clients.length; a < trace.lanes.length; a += 1) {
      for (let b = a + 1; b < trace.lanes.length; b += 1) {
        const [from, to] = [trace.lanes[a], trace.lanes[b]];
        const [there, back] = [cutWays.has(`${from} ${to}`), cutWays.has(`${to} ${from}`)];
        const isChosen = this.isChosen("link", ([x, y]) => (x === from && y === to) || (x === to && y === from));
        found.push({ looks: [from, to, there, back, isChosen].join(), make: () => this.link({ from, to, there, back, isChosen }, this.places[a], this.places[b]) });
      }
    }
    return found;
  }

  link({ from, to, there, back, isChosen }, a, b) {
    const state = there && back ? t("cutBoth") : there ? t("cutOne", { from, to }) : back ? t("cutOne", { from: to, to: from }) : "";
    const line = { x1: a.x, y1: a.y, x2: b.x, y2: b.y };
    const group = svg("g", { class: `link${there || back ? " cut" : ""}${isChosen ? " chosen" : ""}`, ...this.choosable(`link ${from} ${to}`, `${t("link", { from, to })} ${state}`, { link: [from, to] }) },
      svg("title", {}, `${t("link", { from, to })} ${state}`), svg("line", { class: "touch", ...line }), svg("line", { class: "wire", ...line }));
    // Each way that is cut has its sign nearer to the end that is not reached.
    for (const [isCut, share] of [[there, back ? 0.5 : 0.66], [back && !there, 0.34]]) {
      if (isCut) group.append(glyph("drop", a.x + (b.x - a.x) * share, a.y + (b.y - a.y) * share));
    }
    return { element: group };
  }

  client(name, lane) {
    const { x, y, r } = this.places[lane];
    const isChosen = this.isChosen("client", (client) => client === name);
    const element = svg("g", { class: `client${isChosen ? " chosen" : ""}`, transform: `translate(${x} ${y})`, ...this.choosable(`client ${name}`, t("client", { name }), { client: name }) },
      svg("rect", { x: -Math.max(r, name.length * 4.5 + 8), y: -r + 2, width: 2 * Math.max(r, name.length * 4.5 + 8), height: 2 * r - 4, rx: 11 }), svg("text", { class: "nodename", y: 4 }, cut(name, 14)));
    return { element };
  }

  node(node) {
    const { x, y, r } = this.places[node.lane];
    const { reign } = node;
    const role = node.status === "down" ? t("down") : node.status === "paused" ? t("paused") : reign?.label ?? "";
    const colour = reign ? `epoch e${Math.max(0, reign.epoch) % 8} s${reign.strength}` : "plain";
    const classes = ["member", node.status, colour, node.lane === this.moment.acting ? "acts" : "", this.isChosen("node", (name) => name === node.name) ? "chosen" : ""];
    const label = [node.name, role, node.digest, node.lie ? t("liar", { lie: lieWord(node.lie) }) : "", node.rules ? t("underRules", { rules: node.rules }) : ""].filter(Boolean).join(", ");
    const rings = node.timers.slice(0, RINGS_MAX).map((timer, at) => this.ring(timer, r + 5 + at * (RING_WIDTH + 2)));
    const element = svg("g", { class: classes.join(" "), transform: `translate(${x} ${y})`, "data-node": node.name },
      svg("g", { class: "disc", ...this.choosable(`node ${node.name}`, label, { node: node.name }) },
        svg("title", {}, cut(label, 300)),
        svg("circle", { class: "halo", r: r + RING_WIDTH * 2 + 4 }),
        svg("circle", { class: "body", r }),
        svg("text", { class: node.name.length > SHORT_NAME ? "nodename long" : "nodename", y: node.status === "up" ? 5 : -2 }, cut(node.name, 8))),
      svg("g", { class: "signs", "aria-hidden": "true" },
        node.status === "up" ? null : svg("text", { class: "status", y: 14 }, node.status === "down" ? "✕" : "‖"),
        this.caption(node, role),
        node.rules ? svg("text", { class: "rulesflag", x: -r - 4, y: -r + 2 }, "⚑") : null,
        node.lie ? glyph("forge", 0, -r - 1, "liarflag") : null,
        node.isClockWrong ? svg("text", { class: "clockflag", x: r + 4, y: -r + 2 }, "◷") : null),
      rings.map((ring) => ring.element));
    return { element, move: (now) => { for (const ring of rings) ring.move(now); } };
  }

  /** Role and values of a node, where they cover no other one. */
  caption(node, role) {
    const { x, y, anchor, room } = this.captions[node.lane - this.moment.trace.clients.length];
    const isBare = node.status === "down" || isCrowded(this.moment.nodes.length, this.size.height);
    const lines = [["role", role], ["digest", isBare ? "" : node.digest]].filter(([, text]) => text !== "");
    const letters = Math.max(6, Math.min(30, Math.floor(room / LETTER)));
    return svg("g", { class: anchor }, lines.map(([name, text], at) => svg("text", { class: name, x, y: y + at * 14 }, cut(text, letters))));
  }

  /** A timer as a ring that shrinks until it fires. */
  ring(timer, r) {
    const path = svg("path", { class: "ring" });
    const isChosen = this.isChosen("timer", ({ node, name }) => node === timer.node && name === timer.name);
    const label = t("timer", { node: timer.node, name: timer.name });
    const move = (now) => path.setAttribute("d", arc(r, timer.armed !== null && timer.due > timer.armed ? (timer.due - now) / (timer.due - timer.armed) : 1));
    const element = svg("g", { class: `timer${isChosen ? " chosen" : ""}`, ...this.choosable(`timer ${timer.node} ${timer.name}`, label, { timer: { node: timer.node, name: timer.name } }, false) },
      svg("title", {}, label), svg("circle", { class: "track", r }), path);
    return { element, move };
  }

  messages() {
    const { messages, reigns } = this.moment;
    const style = messages.length <= NAMED_MAX ? "named" : messages.length <= TRAILS_MAX ? "trailed" : "bare";
    const before = new Map();
    return messages.filter(({ from, to }) => from >= 0 && to >= 0 && from !== to).map((message) => {
      const way = `${message.from} ${message.to}`;
      const place = before.get(way) ?? 0;
      before.set(way, place + 1);
      const isWaiting = message.isHeld || message.due === null || message.due === undefined;
      const colour = bodyEpoch(reigns, message.body);
      const looks = [message.flight, style, isWaiting ? place : 0, message.isHeld, message.isLost, message.isForged, message.due, colour, this.isChosen("message", (id) => id === message.id)].join();
      return { looks, make: () => this.message(message, { style, colour, place: isWaiting ? place : 0 }) };
    });
  }

  /** A message on its way; those that wait at the same place stand beside each other. */
  message(message, { style, colour, place }) {
    const { trace } = this.moment;
    const path = pathOf(this.places[message.from], this.places[message.to]);
    const label = `${message.name} ${say(message.body)}`.trim();
    const name = style === "named" ? svg("text", {}, cut(message.name, NAME_LETTERS)) : null;
    const room = nameRoom(path, this.places, name ? name.textContent.length * NAME_LETTER : 0);
    const classes = ["parcel", colour, message.isHeld ? "held" : "", message.isLost ? "lost" : "", message.isCopy ? "copy" : "", message.isForged ? "forged" : "", message.isLying ? "lying" : "",
      this.isChosen("message", (id) => id === message.id) ? "chosen" : "", room.name.isLeft ? "left" : "right"];
    const trail = style === "bare" ? undefined : svg("line", { class: "trail", x1: path.x1, y1: path.y1 });
    const shape = svg("g", {}, svg("circle", { class: "touch", r: 13 }), svg("polygon", { points: "9,0 -6,-6.5 -3,0 -6,6.5", transform: `rotate(${path.angle})` }), name);
    const spread = ((place + 1) >> 1) * (place % 2 ? 1 : -1) * 0.07;
    const move = (now) => {
      const share = Math.max(0.02, Math.min(1, message.share(now) + spread));
      const { x, y } = pointAt(path, share);
      // Near a node the name stays behind, for the node would cover it.
      const named = pointAt(path, Math.max(room.least, Math.min(room.most, share)));
      name?.setAttribute("x", (named.x - x + room.name.x).toFixed(1));
      name?.setAttribute("y", (named.y - y + room.name.y).toFixed(1));
      shape.setAttribute("transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
      trail?.setAttribute("x2", x.toFixed(1));
      trail?.setAttribute("y2", y.toFixed(1));
    };
    const marks = [message.isForged ? t("lies") : "", message.isLying ? t("ofLiar") : ""].filter(Boolean);
    const says = t("messageFrom", { from: trace.lanes[message.from], to: trace.lanes[message.to], says: [cut(label, 200), ...marks].join(", ") });
    const element = svg("g", { class: classes.join(" "), ...this.choosable(`message ${message.id}`, says, { message: message.id }, false) }, svg("title", {}, says), trail ?? null, shape);
    return { element, move };
  }
}

/**
 * A layer of the picture. An element whose looks have not changed stays: with hundreds of messages under way, making them
 * anew takes longer than a frame.
 */
class Layer {
  constructor(name) {
    this.group = svg("g", { class: name });
    this.forget();
  }

  forget() {
    this.shown = new Map();
  }

  /** Shows items in their order: `looks` says all that their elements depend on, `make()` makes one and what moves it. */
  show(items) {
    const next = new Map(items.map(({ looks, make }) => [looks, this.shown.get(looks) ?? make()]));
    const focused = this.group.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
    arrange(this.group, [...next.values()].map(({ element }) => element));
    this.shown = next;
    if (focused && document.activeElement?.dataset.key !== focused) this.group.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  }

  move(now) {
    for (const { move } of this.shown.values()) move(now);
  }
}
