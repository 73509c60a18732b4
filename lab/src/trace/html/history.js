// The picture of a history, as Porcupine draws it: a line for each client, a box for each request from its call to its
// return, and a mark where it took effect; below it the requests in words, with those that each overlaps.

import { cut, el } from "./dom.js";
import { overlaps, requestAt } from "./requests.js";
import { worded } from "./wording.js";
import { counted } from "./words.js";

/** Requests that are shown at most, the nearest to the selected step. */
const REQUESTS_MAX = 60;
/** Overlapping requests that are named at most. */
const NAMED_MAX = 6;

/** Draws requests around a step into an element: `{ trace, requests, onselect }`. */
export function renderHistory(element, { trace, requests, onselect }, step) {
  if (requests.length === 0) {
    element.replaceChildren(el("p", { class: "quiet" }, worded("No client asks for anything in this run.")));
    return;
  }
  const next = requests.findIndex((request) => request.called > step);
  const near = next < 0 ? requests.length : next;
  const from = Math.max(0, Math.min(requests.length - REQUESTS_MAX, near - REQUESTS_MAX / 2));
  const shown = requests.slice(from, from + REQUESTS_MAX);
  const current = requestAt(shown, step);
  const more = requests.length - shown.length;
  element.replaceChildren(historyPicture(trace, shown, current, step), historyKey(shown),
    el("ul", { class: "requests" }, ...shown.map((request) => requestLine(request, current, shown, onselect))),
    ...(more > 0 ? [el("p", { class: "quiet" }, worded("{counted} in all; these are around the selected step.", { counted: counted(requests.length, "request"), count: requests.length }))] : []));
}

function historyKey(shown) {
  const known = shown.some(({ effect }) => effect >= 0);
  const points = worded(known ? "◆ where it took effect, as a fact of the trace tells (its linearization point)" : "the trace does not tell where requests took effect");
  return el("p", { class: "quiet" }, worded("A box: from the call to the return; dashed: no answer. │ a node answers; {points}. Boxes that overlap may take effect in either order.", { points }));
}

/** The lines of the clients. A box has its place in per cent, so that its letters keep their size. */
function historyPicture(trace, shown, current, step) {
  const first = shown[0].called;
  const last = Math.max(first + 1, ...shown.map(({ returned, called }) => (returned < 0 ? trace.count - 1 : Math.max(returned, called))));
  const place = (index) => Math.max(0, Math.min(100, ((index - first) / (last - first)) * 100));
  const clients = [...new Set(shown.map(({ client }) => client))];
  return el("div", { class: "chart", "aria-hidden": "true" }, ...clients.flatMap((client) =>
    tracks(shown.filter((request) => request.client === client)).map((track, at) =>
      el("div", { class: "track" }, el("span", { class: "trackname", title: cut(client, 200) }, at === 0 ? cut(client, 16) : ""),
        el("span", { class: "trackline" }, ...track.flatMap((request) => requestBoxes(request, place, current)), historyMark("now", place(step)))))));
}

/** The requests of a client in as few lines as they need: those that overlap are below each other. */
export function tracks(requests) {
  const lines = [];
  for (const request of requests) {
    const free = lines.find((line) => !overlaps(line.at(-1), request));
    if (free) free.push(request);
    else lines.push([request]);
  }
  return lines;
}

function requestBoxes(request, place, current) {
  const [x1, x2] = [place(request.called), request.returned < 0 ? 100 : place(request.returned)];
  const state = request === current ? " current" : current !== undefined && overlaps(request, current) ? " concurrent" : "";
  const box = el("span", { class: `box${request.returned < 0 ? " open" : ""}${state}`, title: cut(requestWords(request), 300) }, cut(request.asked, 60));
  box.style.left = `${x1}%`;
  box.style.width = `max(4px, ${x2 - x1}%)`;
  return [box, request.answered >= 0 ? historyMark("answered", place(request.answered)) : null,
    request.effect >= 0 ? historyMark("effect", place(request.effect)) : null].filter(Boolean);
}

function historyMark(name, place) {
  const element = el("span", { class: `mark ${name}` }, name === "effect" ? "◆" : "");
  element.style.left = `${place}%`;
  return element;
}

function requestWords({ client, ticket, asked, returned, told }) {
  return `${client} #${ticket}: ${asked} → ${returned < 0 ? worded("no answer") : told}`;
}

function requestLine(request, current, shown, onselect) {
  const state = request === current ? "current" : current !== undefined && overlaps(request, current) ? "concurrent" : "";
  const others = shown.filter((other) => other !== request && overlaps(request, other));
  const named = others.slice(0, NAMED_MAX).map(({ client, ticket }) => `${client} #${ticket}`).join(", ");
  const jump = (index, text) => el("button", { type: "button", class: "jump", onclick: () => onselect(index) }, text);
  return el("li", { class: state },
    el("button", { type: "button", class: "jump", onclick: () => onselect(request.called) }, cut(requestWords(request), 300)), " ",
    request.effect >= 0 ? jump(request.effect, worded("◆ took effect")) : null,
    others.length > 0 ? el("span", { class: "quiet overlap" }, worded(others.length > NAMED_MAX ? " overlaps {named} and {count} more" : " overlaps {named}", { named, count: others.length - NAMED_MAX })) : null);
}
