// Another run beside that of the session: the lanes of both, and where they part.

import { Diagram, diagramHost } from "./diagram.js";
import { byId, visible } from "./dom.js";
import { readReigns } from "./reigns.js";
import { Trace } from "./trace.js";
import { countUpTo } from "./views.js";

export class Comparison {
  /** `onselect(index)` is called with the event of the session's own run that belongs to the one chosen in the other. */
  constructor({ onselect }) {
    this.onselect = onselect;
    this.diagram = undefined;
  }

  get isOn() {
    return this.diagram !== undefined;
  }

  /** Shows another run: `{ trace, reigns, at, at_right, says }`. */
  begin({ trace, reigns, at, at_right: atRight, says }, session) {
    this.end();
    this.trace = new Trace([trace.header, ...trace.lines].join("\n"));
    this.parted = [at ?? session.trace.count, atRight ?? this.trace.count];
    const host = diagramHost(1);
    host.hidden = false;
    this.diagram = new Diagram(host, this.trace, readReigns(reigns, this.trace.clients.length, session.epochs), { onselect: (index) => this.chosen(index, session.trace) });
    byId("divergence").hidden = false;
    byId("divergence").textContent = visible(says);
    document.body.classList.add("compares");
  }

  end() {
    if (!this.isOn) return;
    this.diagram = undefined;
    diagramHost(1).hidden = true;
    diagramHost(1).replaceChildren();
    byId("divergence").hidden = true;
    document.body.classList.remove("compares");
  }

  chosen(index, ours) {
    this.diagram.select(index);
    this.onselect(counterpart(index, this.trace, ours, [this.parted[1], this.parted[0]]));
  }

  /** Shows the place that belongs to an event of the session's own run. */
  select(index, ours) {
    if (this.isOn) this.diagram.select(counterpart(index, ours, this.trace, this.parted));
  }
}

/** The place in the other trace: the same event before they part, the same time after that. */
function counterpart(index, from, to, [parts, partsThere]) {
  const last = to.count - 1;
  if (index < parts) return Math.min(index, last);
  if (index === parts) return Math.min(partsThere, last);
  return Math.max(Math.min(partsThere, last), Math.min(last, countUpTo(to.at, from.at[index]) - 1));
}
