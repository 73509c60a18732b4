// The menu "Break it": attacks from here, automatic play, and the same by the book.

import { el } from "./dom.js";
import { t } from "./texts.js";

const RATES = [["0", "calm"], ["0.1", "some"], ["0.3", "many"]];

/** Fills the menu. `onask(request)` hands a request to the session. */
export function fillBreaking(element, onask) {
  const seed = () => Math.floor(Math.random() * 1_000_000);
  const rate = el("select", { id: "auto-rate", "aria-label": t("rate") }, ...RATES.map(([value, key]) => el("option", { value, selected: key === "some" }, `${t("rate")}: ${t(key)}`)));
  const forks = el("select", { id: "attack-forks", "aria-label": t("attack") }, ...["20", "100", "300"].map((value) => el("option", { value, selected: value === "100" }, t("attackGo", { count: value }))));
  const steps = el("select", { id: "auto-steps", "aria-label": t("auto") }, ...["10", "50", "200"].map((value) => el("option", { value, selected: value === "50" }, t("autoGo", { count: value }))));
  const part = (title, tip, id, fields, request) => el("section", { class: "breaking" }, el("h2", {}, title), el("p", { class: "quiet" }, tip),
    el("div", { class: "words" }, ...fields, el("button", { type: "button", id, class: "main", onclick: () => onask(request()) }, t("doIt"))));
  element.replaceChildren(
    part(t("attack"), t("attackTip"), "attack", [forks], () => ({ do: "attack", forks: Number(forks.value), steps: 60, seed: seed() })),
    part(t("auto"), t("autoTip"), "auto", [steps, rate], () => ({ do: "auto", steps: Number(steps.value), rate: Number(rate.value), seed: seed() })),
    part(t("byTheBook"), t("byTheBookTip"), "by-the-book", [], () => ({ do: "by-the-book" })));
}

/** Fills the menu of files and links. The functions save a file, open one, and copy a link. */
export function fillFiles(element, { onsave, onopen, onshare }) {
  const part = (title, tip, id, action, text) => el("section", { class: "breaking" }, el("h2", {}, title), tip ? el("p", { class: "quiet" }, tip) : null,
    el("div", { class: "words" }, el("button", { type: "button", id, class: "main", onclick: action }, text)));
  element.replaceChildren(
    part(t("save"), t("saveTip"), "save-file", onsave, t("save")),
    part(t("openFile"), "", "open-file", onopen, t("openFile")),
    part(t("share"), t("shareTip"), "share", onshare, t("shareGo")),
    el("input", { type: "text", id: "link", readonly: true, hidden: true, "aria-label": t("share") }),
    el("output", { id: "link-state" }));
}
