// The client requests of a trace, as a judge of linearizability sees them: each is an interval from its call to its
// return; those that overlap may take effect in either order; and where the trace tells when a request took effect, that
// is its linearization point.

import { say } from "./words.js";

/** Facts that say that a request took effect, if they name it; others, such as the beginning of a transaction, do not. */
const EFFECTS = /^(Committed|Applied|Chosen|Executed)$/;
/** Members of a fact that name the request which it carries out. */
const TICKETS = ["ticket", "request"];

/**
 * The requests of a trace in the order of their calls. `answered` is the step of the node that answered, `returned` the
 * event in which the client has the answer, and `effect` the first fact between call and return by which the request took effect;
 * each is an index, or -1.
 */
export function requestsOf(trace) {
  const requests = new Map();
  const facts = new Map();
  for (let i = 0; i < trace.count; i += 1) {
    const kind = trace.kindOf(i);
    if (kind === "send" && trace.lane[i] >= 0 && trace.lane[i] < trace.clients.length) call(trace, requests, i);
    else if (kind === "request") call(trace, requests, i);
    else if (kind === "reply") answer(trace, requests, i);
    else if (kind === "fact") noteFact(trace, facts, i);
  }
  const all = [...requests.values()];
  for (const request of all) {
    const end = request.returned < 0 ? Infinity : request.returned;
    const effect = (facts.get(`${request.client} #${request.ticket}`) ?? []).find((index) => index >= request.called && index <= end);
    request.effect = effect ?? -1;
  }
  return all;
}

function call(trace, requests, i) {
  const fields = trace.event(i);
  const client = fields.client ?? fields.node;
  const key = `${client} ${fields.ticket}`;
  if (typeof fields.ticket !== "number" || requests.has(key)) return;
  requests.set(key, { client, ticket: fields.ticket, called: i, answered: -1, returned: -1, effect: -1, asked: spoken(fields), told: "" });
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

function noteFact(trace, facts, i) {
  const { name, body } = trace.event(i);
  if (!EFFECTS.test(name) || typeof body !== "object" || body === null) return;
  for (const key of TICKETS) {
    const named = body[key];
    if (typeof named !== "string") continue;
    if (!facts.has(named)) facts.set(named, []);
    facts.get(named).push(i);
  }
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

/** The request that is under way at a step, the first of them. */
export function requestAt(requests, step) {
  return requests.find((request) => request.called <= step && (request.returned < 0 || request.returned >= step));
}
