// How the page reaches its session: the one place that knows. There are two ways with the same methods: a server on the
// loopback, by HTTP, and the same session as WebAssembly in a worker, on a site without a server.

/** The session has ended at the other end: it is opened anew from what the page has kept. */
export class SessionEnded extends Error {}

/** The other end does not answer. */
export class Unreachable extends Error {}

/** The way to the session that this page has. */
export function transportOf(page) {
  return page.documentElement.dataset.session === "worker" ? new WorkerTransport() : new HttpTransport();
}

class HttpTransport {
  /** Opens a session at the other end. */
  async begin() {
    this.session = (await this.post("sessions", "")).session;
  }

  /** The request with which the page begins if it has nothing of its own. */
  async start() {
    return (await this.get("start.json")).json();
  }

  /** Performs a request, an object; the response, an object. */
  async ask(request) {
    if (this.session === undefined) await this.begin();
    return this.post(`sessions/${this.session}`, JSON.stringify(request));
  }

  async get(path) {
    return this.reach(path, { method: "GET" });
  }

  async post(path, body) {
    const answer = await this.reach(path, { method: "POST", body, headers: { "Content-Type": "application/json" } });
    const response = await answer.json();
    if (answer.status === 410) {
      this.session = undefined;
      throw new SessionEnded(response.error.says);
    }
    return response;
  }

  async reach(path, options) {
    try {
      return await fetch(path, options);
    } catch (error) {
      throw new Unreachable(String(error.message));
    }
  }
}

class WorkerTransport {
  constructor() {
    this.waiting = new Map();
    this.last = 0;
    this.worker = new Worker(workerAddress(), { type: "module" });
    this.worker.addEventListener("message", ({ data }) => this.settle(data.id, ({ done, failed }) => (data.fault === undefined ? done(data.response) : failed(new Error(data.fault)))));
    // The worker's own file is missing, or is no script that this browser knows.
    this.worker.addEventListener("error", (event) => {
      event.preventDefault();
      this.fault = new Error(`worker.js could not be run: ${event.message ?? "it is not there"}`);
      for (const id of [...this.waiting.keys()]) this.settle(id, ({ failed }) => failed(this.fault));
    });
  }

  /** The request with which the page begins if it has nothing of its own: there is something to see, and to crash. */
  async start() {
    return { open: { do: "open", cluster: "raft nodes=3" }, then: ["until leader within=5s"] };
  }

  async ask(request) {
    return JSON.parse(await this.send(request));
  }

  /** Performs a request, an object; the response, as the session wrote it. */
  send(request) {
    if (this.fault !== undefined) return Promise.reject(this.fault);
    this.last += 1;
    return new Promise((done, failed) => {
      this.waiting.set(this.last, { done, failed });
      this.worker.postMessage({ id: this.last, request });
    });
  }

  settle(id, way) {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    if (waiting !== undefined) way(waiting);
  }
}

/** The address of the worker. The page's policy lets no other text become code. */
function workerAddress() {
  const address = new URL("worker.js", import.meta.url).href;
  return globalThis.trustedTypes?.createPolicy("quorate-worker", { createScriptURL: () => address }).createScriptURL("") ?? address;
}
