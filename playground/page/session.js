// The session as the page knows it: the trace so far, and the state after it. Requests go one after the other; a
// response says how many events of the trace stay, and which come after them.

import { readReigns } from "./reigns.js";
import { Trace } from "./trace.js";
import { SessionEnded } from "./transport.js";

/** The place in the browser's storage where the session is kept over a reload. */
const STORED = "quorate.session";
/** A session is stored when nothing has been done for this long. */
const STORE_PAUSE_MS = 400;
/** A session that has ended is opened again so many times for a request. */
const TRIES = 3;

export class Session {
  constructor(transport, { onlost }) {
    Object.assign(this, { transport, onlost, header: undefined, lines: [], chapters: [], invariants: [], state: undefined, epochs: new Map(), saved: undefined, run: 0 });
    this.queue = Promise.resolve();
  }

  /** Performs a request after those before it: `{ response, kept }`, with the number of events that stay; an error changes nothing. */
  ask(request) {
    const turn = this.queue.then(() => this.perform(request));
    this.queue = turn.catch(() => undefined);
    return turn;
  }

  async perform(request) {
    const before = this.lines.length;
    const response = await this.send(request);
    const kept = response.ok && response.trace ? this.take(response) : before;
    if (response.ok && response.state) {
      this.state = response.state;
      this.storeSoon();
    }
    return { response, kept };
  }

  /**
   * Sends a request; a session that has ended at the other end goes on from what was stored. It may end again before the
   * request comes, where other pages take its place.
   */
  async send(request, tries = TRIES) {
    try {
      return await this.transport.ask(request);
    } catch (error) {
      if (!(error instanceof SessionEnded) || tries === 0) throw error;
      this.onlost(error.message);
      if (request.do !== "open" && this.saved !== undefined) {
        const again = await this.send({ do: "open", saved: this.saved }, tries - 1);
        if (again.trace) this.take(again);
      }
      return this.send(request, tries - 1);
    }
  }

  /** Takes over what a response has; a field that is absent has not changed. How many events of the trace have stayed. */
  take(response) {
    const { trace } = response;
    if (trace.header !== undefined && trace.header !== null) {
      this.header = trace.header;
      this.epochs = new Map();
    }
    // The run goes on, or it is another one: then nothing that was made for its events fits.
    if (trace.header || trace.keep < this.lines.length) this.run += 1;
    this.lines.length = Math.min(this.lines.length, trace.keep);
    for (const line of trace.lines) this.lines.push(line);
    this.trace = new Trace([this.header, ...this.lines].join("\n"));
    this.spans = response.reigns ?? this.spans ?? { epochs: [], spans: [] };
    this.reigns = readReigns(this.spans, this.trace.clients.length, this.epochs);
    this.chapters = response.chapters ?? this.chapters;
    this.invariants = response.invariants ?? this.invariants;
    this.state = response.state ?? this.state;
    return trace.keep;
  }

  storeSoon() {
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.store(), STORE_PAUSE_MS);
  }

  /** Keeps the session in the browser. What does not fit there is kept in the page alone. */
  async store() {
    const { response } = await this.ask({ do: "export" });
    if (!response.ok) return;
    this.saved = response.saved;
    try {
      sessionStorage.setItem(STORED, JSON.stringify(this.saved));
    } catch {
      sessionStorage.removeItem(STORED);
    }
  }

  /** The session of an earlier visit. */
  static stored() {
    try {
      return JSON.parse(sessionStorage.getItem(STORED) ?? "null") ?? undefined;
    } catch {
      return undefined;
    }
  }
}
