// The tree of branches: each begins where another was left, and has a name.

import { cut, el } from "./dom.js";
import { t } from "./texts.js";

const DEPTH_MAX = 8;

/** Draws the tree. The functions switch to a branch, compare with it, remove it, and name the current one. */
export function renderTree(element, { state, isComparing, onswitch, oncompare, onremove, onname, onend }) {
  const name = el("input", { type: "text", value: state.branch, size: 14, maxlength: 40, id: "branch-name" });
  element.replaceChildren(
    el("ul", { class: "branches" }, ...inOrder(state.branches).map(([branch, depth]) => branchLine(branch, depth, { state, onswitch, oncompare, onremove }))),
    el("form", { class: "line", onsubmit: (event) => { event.preventDefault(); onname(name.value); } },
      el("div", { class: "words" }, el("label", { class: "field" }, el("span", { class: "sr" }, t("rename")), name), el("button", { type: "submit" }, t("rename")))),
    isComparing ? el("button", { type: "button", id: "end-compare", onclick: onend }, t("endCompare")) : "");
}

/** The branches, each after its parent, with their depths. */
function inOrder(branches) {
  const found = [];
  const add = (parent, depth) => {
    for (const branch of branches) {
      if (branch.parent !== parent || found.some(([known]) => known === branch)) continue;
      found.push([branch, depth]);
      add(branch.name, depth + 1);
    }
  };
  add(null, 0);
  return [...found, ...branches.filter((branch) => !found.some(([known]) => known === branch)).map((branch) => [branch, 0])];
}

function branchLine(branch, depth, { state, onswitch, oncompare, onremove }) {
  const isCurrent = branch.name === state.branch;
  const button = (key, action) => el("button", { type: "button", "data-do": key, "aria-label": `${t(key)}: ${branch.name}`, onclick: () => action(branch.name) }, t(key));
  const item = el("li", { class: isCurrent ? "current" : "", "data-branch": branch.name },
    el("span", { class: "branchname" }, el("b", {}, cut(branch.name, 40)), " ", el("span", { class: "quiet" }, t("commandsOf", { count: branch.commands }),
      branch.parent === null ? "" : `, ${t("branchedAt", { parent: branch.parent, at: branch.at })}`)),
    branch.violation ? el("span", { class: "breaks" }, `▲ ${t("breaks", { invariant: cut(branch.violation, 60) })}`) : null,
    el("span", { class: "does" }, isCurrent ? el("span", { class: "quiet" }, t("current")) : [button("switch", onswitch), button("compare", oncompare), button("remove", onremove)]));
  item.style.paddingInlineStart = `${Math.min(depth, DEPTH_MAX) * 16 + 8}px`;
  return item;
}
