// The panels beside the picture that show the event that is looked at: those of the page of a trace, unchanged.

import { renderChapter } from "./chapters.js";
import { byId, el } from "./dom.js";
import { renderHistory } from "./history.js";
import { renderInvariants } from "./invariants.js";
import { renderLogTable } from "./logtable.js";
import { actingLane, renderCards } from "./nodes.js";
import { requestsOf } from "./requests.js";
import { renderStateTable } from "./statetable.js";
import { t } from "./texts.js";
import { whyPanel } from "./why.js";

/** Draws the panels of a page that can be seen. */
export function renderBeside(page) {
  const { index, after, session: { trace, reigns } } = page;
  const model = { trace, reigns, shown: page.diagram.shown, opened: page.opened, chapters: page.chapters, invariants: page.invariants, onselect: (event) => page.select(event) };
  const panels = {
    why: (host) => host.replaceChildren(...whyPanel(trace, index, { onselect: model.onselect, onrule: (rule) => page.toRule(rule) })),
    nodes: (host) => renderCards(host, { ...model, acting: actingLane(trace, index) }, after),
    tables: (host) => {
      const [logs, states] = [el("div"), el("div")];
      const shown = [renderLogTable(logs, model, after), renderStateTable(states, model, after)];
      host.replaceChildren(logs, states, shown.includes(true) ? "" : el("p", { class: "quiet" }, t("noTables")));
    },
    invariants: (host) => renderInvariants(host, model, index),
    story: (host) => {
      if (renderChapter(host, model, index)) return;
      host.hidden = false;
      host.replaceChildren(el("p", { class: "quiet" }, t("noStory")));
    },
    requests: (host) => renderHistory(host, { ...model, requests: page.requests ??= requestsOf(trace) }, index),
  };
  for (const [name, render] of Object.entries(panels)) if (page.panels.isShown(name)) render(byId(name));
}
