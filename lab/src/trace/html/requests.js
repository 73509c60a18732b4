// The history of client requests, as a judge of linearizability sees it: each request is an interval from its call to its
// return, on the line of its client; those that overlap may take effect in either order. Beside it are the invariants that
// broke, with their state at the selected step and the steps that bear witness.

import { cut, el, svg } from "./dom.js";
import { sentence } from "./sentences.js";
import { clockTime, counted, say } from "./words.js";

/** Requests that are shown at most, the nearest to the selected step. */
const REQUESTS_MAX = 60;
const WITNESSES_MAX = 6;
const HISTORY_HEIGHT = 22;
const HISTORY_WIDTH = 640;

/** The requests of a trace in the order of their calls; `answered` is the step of the node that answered. */
export function requestsOf(trace) {
  const requests = new Map();
  for (let i = 0; i < trace.count; i += 1) {
    const kind = trace.kindOf(i);
    if (kind === "send" && trace.lane[i] >= 0 && trace.lane[i] < trace.clients.length) call(trace, requests, i);
    else if (kind === "request") call(trace, requests, i);
    else if (kind === "reply") answer(trace, requests, i);
  }
  return [...requests.values()];
}

function call(trace, requests, i) {
  const fields = trace.event(i);
  const client = fields.client ?? fields.node;
  const key = `${client} ${fields.ticket}`;
  if (typeof fields.ticket !== "number" || requests.has(key)) return;
  requests.set(key, { client, ticket: fields.ticket, called: i, answered: -1, returned: -1, asked: spoken(fields), told: "" });
}

function answer(trace, requests, i) {
  const fields = trace.event(i);
  const request = requests.get(`${fields.client} ${fields.ticket}`);
  if (request === undefined || request.returned >= 0) return;
  const flight = trace.flight[i];
  const end = flight >= 0 ? trace.flights.ended[flight] : i;
  if (end < 0 || trace.kindOf(end) === "drop") return;
  Object.assign(request, { answered: i, returned: end, told: spoken(fields) });
}

function spoken({ name, body }) {
  const text = say(body, 80);
  return text ? `${name ?? "Request"} ${text}` : String(name ?? "Request");
}

/** Whether two requests overlap in time. */
export function overlaps(a, b) {
  const end = ({ returned }) => (returned < 0 ? Infinity : returned);
  return a.called < end(b) && b.called < end(a);
}

/** Draws requests and invariants into an element. */
export function renderRequests(element, model, step) {
  const { trace } = model;
  const all = model.requests ?? requestsOf(trace);
  const next = all.findIndex((request) => request.called > step);
  const near = next < 0 ? all.length : next;
  const from = Math.max(0, Math.min(all.length - REQUESTS_MAX, near - REQUESTS_MAX / 2));
  const shown = all.slice(from, from + REQUESTS_MAX);
  element.replaceChildren(
    el("h3", {}, "Requests"),
    all.length === 0 ? el("p", { class: "quiet" }, "No client asks for anything in this run.") : table(model, shown, step),
    ...(all.length > shown.length ? [el("p", { class: "quiet" }, `${counted(all.length, "request")} in all; these are around the selected step.`)] : []),
    el("h3", {}, "Invariants"),
    ...invariants(model, step));
}

function table(model, shown, step) {
  const current = shown.find((request) => request.called <= step && (request.returned < 0 || request.returned >= step));
  const [first, last] = [shown[0].called, Math.max(...shown.map(({ returned, called }) => (returned < 0 ? model.trace.count - 1 : Math.max(returned, called))))];
  const place = (index) => 4 + ((index - first) / Math.max(1, last - first)) * (HISTORY_WIDTH - 8);
  return el("ul", { class: "requests" }, ...shown.map((request) => {
    const isConcurrent = current !== undefined && request !== current && overlaps(request, current);
    const words = `${request.client} #${request.ticket}: ${request.asked} → ${request.returned < 0 ? "no answer" : request.told}`;
    return el("li", { class: request === current ? "current" : isConcurrent ? "concurrent" : "" },
      el("button", { type: "button", class: "jump", onclick: () => model.onselect(request.called), title: cut(words, 300) },
        cut(words, 110), isConcurrent ? " (overlaps)" : ""),
      interval(request, place, step));
  }));
}

function interval(request, place, step) {
  const [x1, x2] = [place(request.called), place(request.returned < 0 ? Infinity : request.returned)];
  const end = Math.min(HISTORY_WIDTH - 4, Number.isFinite(x2) ? x2 : HISTORY_WIDTH - 4);
  return svg("svg", { viewBox: `0 0 ${HISTORY_WIDTH} ${HISTORY_HEIGHT}`, class: "interval", "aria-hidden": "true" },
    svg("rect", { x: x1, y: 6, width: Math.max(3, end - x1), height: 10, rx: 3, class: request.returned < 0 ? "open" : "closed" }),
    request.answered >= 0 ? svg("path", { d: `M${place(request.answered)} 3V19`, class: "point" }) : null,
    svg("path", { d: `M${Math.max(0, Math.min(HISTORY_WIDTH, place(step)))} 0V${HISTORY_HEIGHT}`, class: "now" }));
}

/** Each invariant that broke in this run: whether it holds at the step, and the steps that bear witness. */
function invariants({ trace, onselect }, step) {
  if (trace.violations.length === 0) return [el("p", { class: "quiet" }, "The trace reports no violation: every invariant that was checked held after every step.")];
  const names = [...new Set(trace.violations.map((index) => String(trace.event(index).invariant)))];
  return names.map((name) => {
    const first = trace.violations.find((index) => String(trace.event(index).invariant) === name);
    const isBroken = first <= step;
    const link = (index) => el("li", {}, el("button", { type: "button", class: "jump", onclick: () => onselect(index) }, cut(sentence(trace, index), 140)));
    return el("section", { class: `invariant ${isBroken ? "broken" : "holds"}` },
      el("p", {}, el("b", {}, isBroken ? "▲ " : "✓ ", cut(name, 80)), isBroken ? ` is broken since ${clockTime(trace.at[first])}` : ` holds here; it breaks at ${clockTime(trace.at[first])}`),
      el("ul", {}, ...[first, ...witnesses(trace, first)].map(link)));
  });
}

/** The step after which an invariant was found broken, and the last fact of each node that its message names. */
export function witnesses(trace, violation) {
  const detail = String(trace.event(violation).detail ?? "");
  const found = new Set();
  const seen = new Set();
  for (let i = violation - 1; i >= 0 && found.size < WITNESSES_MAX; i -= 1) {
    if (found.size === 0 && trace.lane[i] >= 0) found.add(trace.step[i]);
    const lane = trace.lane[i];
    if (trace.kindOf(i) !== "fact" || seen.has(lane) || !names(detail, trace.lanes[lane])) continue;
    seen.add(lane);
    found.add(i);
  }
  return [...found].sort((a, b) => a - b);
}

/** Whether a text has a name as a word of its own. */
function names(text, name) {
  const at = text.indexOf(name);
  return at >= 0 && !/[\p{L}\p{N}]/u.test(text[at + name.length] ?? " ") && !/[\p{L}\p{N}]/u.test(text[at - 1] ?? " ");
}
