// The choice of what to play with: a protocol's fresh cluster, or a scenario.

import { cut, el } from "./dom.js";
import { t } from "./texts.js";

/** Scenarios in the list at most: the others are found by typing. */
const SHOWN_MAX = 60;

/** Shows the dialog. `onopen(request)` opens what is chosen. */
export function showOpening(dialog, catalogue, onopen) {
  const close = el("button", { type: "button", class: "close", onclick: () => dialog.close() }, t("close"));
  const list = el("ul", { class: "scenarios" });
  const search = el("input", { type: "search", id: "find-scenario", placeholder: t("find"), "aria-label": t("find"), spellcheck: "false", oninput: () => fill() });
  const choose = (request) => { dialog.close(); onopen(request); };
  const fill = () => {
    const found = matching(catalogue.scenarios, search.value);
    list.replaceChildren(...found.map((scenario) => scenarioItem(scenario, choose)), found.length === 0 ? el("li", { class: "quiet" }, t("noneFound")) : "");
  };
  fill();
  dialog.replaceChildren(
    el("header", { class: "openinghead" }, el("h2", { id: "opening-title" }, t("openingTitle")), close),
    el("p", { class: "quiet" }, t("openingWords")),
    el("div", { class: "openings" },
      el("section", {}, el("h3", {}, t("protocols")), clusterForm(choose), el("ul", { class: "protocols" }, ...catalogue.protocols.map((protocol) => protocolItem(protocol, dialog, choose)))),
      el("section", {}, el("h3", {}, t("scenarios")), search, list)));
  dialog.showModal();
  search.focus();
}

function matching(scenarios, text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = scenarios.filter(({ name, title, protocol }) => words.every((word) => `${name} ${title} ${protocol}`.toLowerCase().includes(word)));
  return found.slice(0, SHOWN_MAX);
}

function scenarioItem({ name, title, protocol }, choose) {
  return el("li", {}, el("button", { type: "button", class: "opens", "data-scenario": name, onclick: () => choose({ do: "open", scenario: name, at: "start" }) },
    el("b", {}, cut(title, 120)), el("span", { class: "quiet" }, ` ${cut(name, 60)} · ${protocol}`)));
}

/** A protocol opens at once; its cluster line can be changed before. */
function protocolItem({ name, says, example }, dialog, choose) {
  const change = el("button", { type: "button", class: "edits", title: t("clusterLine"), "aria-label": `${t("clusterLine")}: ${name}`, onclick: () => {
    const field = dialog.querySelector("#cluster-line");
    field.value = example;
    field.focus();
  } }, "✎");
  return el("li", {}, el("button", { type: "button", class: "opens", "data-protocol": name, onclick: () => choose({ do: "open", cluster: example }) }, el("b", {}, name), el("span", { class: "quiet" }, ` ${cut(says, 120)}`)), change);
}

function clusterForm(choose) {
  const field = el("input", { type: "text", id: "cluster-line", value: "cluster raft nodes=5", spellcheck: "false", autocapitalize: "off", "aria-label": t("clusterLine") });
  return el("form", { class: "line", onsubmit: (event) => { event.preventDefault(); choose({ do: "open", cluster: field.value }); } },
    el("div", { class: "words" }, field, el("button", { type: "submit" }, t("start"))));
}
