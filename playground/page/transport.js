// How the page reaches its session: the one place that knows. Here it is a server on the loopback, by HTTP; a static site
// has a Web Worker with the same session in it instead, with the same two methods.

/** The session has ended at the other end: it is opened anew from what the page has kept. */
export class SessionEnded extends Error {}

/** The other end does not answer. */
export class Unreachable extends Error {}

export class HttpTransport {
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
