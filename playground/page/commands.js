// The script of the current branch: each command is a place to go to.

import { cut, el } from "./dom.js";
import { t } from "./texts.js";

/** Draws the script. `ongo(command)` goes to the place after so many commands, `onseed(seed)` changes the seed. */
export function renderScript(element, { state, ongo, onseed }) {
  const seed = el("input", { type: "text", inputmode: "numeric", value: state.seed ?? "", size: 8, id: "seed" });
  const lines = state.commands.map(({ line, events }, at) => el("li", { class: at + 1 === state.at ? "current" : at >= state.at ? "later" : "" },
    el("button", { type: "button", class: "scriptline", "aria-current": at + 1 === state.at ? "step" : undefined, title: t("goTo", { line: cut(line, 200) }), onclick: () => ongo(at + 1) },
      el("code", {}, cut(line, 300)), events === null || events === undefined ? null : el("span", { class: "quiet" }, String(events)))));
  element.replaceChildren(
    el("p", { class: "quiet" }, t("scriptWords")),
    el("ol", { class: "scriptlines" }, ...lines),
    el("form", { class: "line", onsubmit: (event) => { event.preventDefault(); onseed(seed.value); } },
      el("div", { class: "words", title: t("seedTip") }, el("label", { class: "field" }, t("seed"), " ", seed), el("button", { type: "submit" }, t("useSeed")))));
  element.querySelector(".current")?.scrollIntoView({ block: "nearest" });
}
