// The keys, and the help that lists them: one table, so that they cannot disagree.

import { byId, el } from "./dom.js";
import { legend } from "./glyphs.js";

/** [keys by the browser's names, as the help shows them, their effect, the action's name] */
const KEYS = [
  [["ArrowRight", "j"], "→ j", "the next step, event, message or rule", "forward"],
  [["ArrowLeft", "k"], "← k", "the one before", "back"],
  [["e"], "e  E", "the next, the previous event", "event"],
  [["m"], "m  M", "the next, the previous message", "message"],
  [["r"], "r  R", "the next, the previous rule that fired", "rule"],
  [["n"], "n  N", "the next, the previous thing at the same node", "lane"],
  [["v"], "v  V", "the next, the previous broken invariant", "violation"],
  [["x"], "x", "where two compared traces part", "divergence"],
  [["h"], "h  H", "the next, the previous step at which a rule held back or refused, or a fact became true", "next-decision"],
  [["ArrowDown"], "↓", "the row below", "down"],
  [["ArrowUp"], "↑", "the row above", "up"],
  [["PageDown"], "Page↓", "a page further down", "pageDown"],
  [["PageUp"], "Page↑", "a page further up", "pageUp"],
  [["Home"], "Home", "the beginning", "first"],
  [["End"], "End", "the end", "last"],
  [[" "], "space", "play and stop", "play"],
  [[",", "<"], ",", "play more slowly", "slower"],
  [[".", ">"], ".", "play faster", "faster"],
  [["c"], "c  C", "all causes and consequences of the selected event; its chain of direct causes", "cone"],
  [["s"], "s", "show or hide the story", "story"],
  [["p"], "p", "presentation mode", "present"],
  [["t"], "t", "leave room where time passes", "stretch"],
  [["+", "="], "+", "larger", "larger"],
  [["-"], "−", "smaller", "smaller"],
  [["/"], "/", "search", "search"],
  [["f"], "f", "filter", "filters"],
  [["o"], "o", "the other of two compared traces", "other"],
  [["d"], "d", "light or dark", "theme"],
  [["?"], "?", "this legend", "help"],
  [["Escape"], "Esc", "close, stop, show everything again", "escape"],
];

/**
 * Calls `actions[name](backwards)` for the keys of a table, wherever the focus is, except in a field that needs them itself.
 * An interactive page has a table of its own.
 */
export function listenToKeys(actions, table = KEYS) {
  const byKey = new Map(table.flatMap(([keys, , , action]) => keys.map((key) => [key, action])));
  document.addEventListener("keydown", (press) => {
    if (press.ctrlKey || press.metaKey || press.altKey || document.querySelector("dialog[open]")) return;
    const letter = press.key.length === 1 ? press.key.toLowerCase() : press.key;
    const action = byKey.get(press.key) ?? byKey.get(letter);
    if (action === undefined || needsItself(press)) return;
    press.preventDefault();
    actions[action](press.shiftKey);
  });
}

function needsItself({ target, key }) {
  if (key === "Escape") return false;
  if (target.matches("input:not([type=range], [type=checkbox], [readonly]), select, textarea")) return true;
  if (target.matches("button, summary, input[type=checkbox]")) return key === " ";
  return target.matches("input[type=range]") && ["Home", "End", "ArrowUp", "ArrowDown", "PageUp", "PageDown"].includes(key);
}

/** Fills the help: the legend of all signs, and the keys. */
export function fillHelp(table = KEYS) {
  byId("help-signs").replaceChildren(...legend());
  byId("help-keys").replaceChildren(...table.flatMap(([, shown, what]) => [
    el("dt", {}, ...shown.split(/\s+/).map((key) => el("kbd", {}, key))), el("dd", {}, what)]));
}
