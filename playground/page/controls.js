// The keys of the playground, with the actions of the page that they call: one table, so that the help cannot disagree.

import { byId } from "./dom.js";
import { t } from "./texts.js";

/** Spans of time that "Run" lets pass; the last is until nothing is under way. */
const SPANS = ["1ms", "5ms", "20ms", "100ms", "500ms", "2s", "10s", ""];
const SPAN_USUAL = "20ms";

/** [keys by the browser's names, as the help shows them, their effect, the action's name] */
export function keysOf() {
  return [
    [["ArrowRight", "j"], "→ j", t("keyForward"), "forward"],
    [["ArrowLeft", "k"], "← k", t("keyBack"), "back"],
    [["Home"], "Home", t("keyFirst"), "first"],
    [["End"], "End", t("keyLast"), "last"],
    [[" "], "space", t("keyPlay"), "play"],
    [["s"], "s", t("keyStep"), "step"],
    [["r"], "r", t("keyRun"), "run"],
    [["u"], "u", t("keyUndo"), "undo"],
    [["y"], "y", t("keyRedo"), "redo"],
    [["h"], "h", t("keyHere"), "here"],
    [["v"], "v", t("keyViolation"), "violation"],
    [["b"], "b", t("keyBook"), "book"],
    [["g"], "g", t("keyNew"), "opening"],
    [["/", ":"], "/", t("keyCommand"), "command"],
    [["p"], "p", t("keyPresent"), "present"],
    [["d"], "d", t("keyTheme"), "theme"],
    [["?"], "?", t("keyHelp"), "help"],
    [["Escape"], "Esc", t("keyEscape"), "escape"],
  ];
}

/** The buttons that call an action of the same name. */
export const BUTTONS = { undo: "undo", redo: "redo", step: "step", run: "run", back: "back", forward: "forward", play: "play", present: "present",
  language: "language", theme: "theme", keys: "help", "open-dialog": "opening", verdict: "violation" };

/** Fills the choice of spans. */
export function fillSpans() {
  byId("span").replaceChildren(...SPANS.map((span) => new Option(span || t("quiet"), span, span === SPAN_USUAL, span === SPAN_USUAL)));
}
