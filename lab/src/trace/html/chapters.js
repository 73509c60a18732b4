// The story of a run as chapters: the scenario's prose where it begins, what it remarks in between, and its notes.
// `render(element, model, step)` shows the chapter of a step; the page and an interactive session use it unchanged.

import { cut, el, visibleLines } from "./dom.js";
import { countUpTo } from "./views.js";
import { worded } from "./wording.js";

/** Longer texts are cut: the page stays quick whatever a foreign trace says. */
const TEXT_MAX = 20000;
/** The chapter that each element shows. */
const SHOWN_CHAPTERS = new WeakMap();

/** The chapters of a trace: those that came with it, and its notes, in order. Each has the event at which it begins. */
export function chaptersOf(trace, given = []) {
  const notes = trace.notes.map((index) => ({ at: index, text: String(trace.event(index).text) }));
  const placed = given.map(({ at, text }) => ({ at: Math.min(at, Math.max(0, trace.count - 1)), text }));
  const chapters = [...placed, ...notes].map(({ at, text }) => ({ at, text: cut(text, TEXT_MAX) }));
  return chapters.sort((a, b) => a.at - b.at);
}

/** The index of the chapter to which an event belongs. */
export function chapterAt(chapters, step) {
  return Math.max(0, countUpTo(chapters.map((chapter) => chapter.at), step) - 1);
}

/** Shows the chapter of a step; whether there is one. `model.onselect(event)` is called by its buttons. */
export function renderChapter(element, model, step) {
  const { chapters, onselect } = model;
  element.hidden = chapters.length === 0;
  if (element.hidden) return false;
  const current = chapterAt(chapters, step);
  // The chapter is drawn anew only when it changes, so that its reader may scroll it.
  if (SHOWN_CHAPTERS.get(element) === chapters[current]) return true;
  SHOWN_CHAPTERS.set(element, chapters[current]);
  const turn = (by, text, label) => el("button", { type: "button", "aria-label": label, title: label, disabled: chapters[current + by] === undefined, onclick: () => onselect(chapters[current + by].at) }, text);
  element.replaceChildren(
    el("div", { class: "chapterhead" }, el("h2", {}, worded("Story")), el("span", { class: "quiet" }, worded("chapter {chapter} of {count}", { chapter: current + 1, count: chapters.length })),
      turn(-1, "‹", worded("Previous chapter")), turn(1, "›", worded("Next chapter"))),
    el("div", { class: "prose", tabindex: "0", role: "group", "aria-label": worded("Text of the chapter") }, ...paragraphs(chapters[current].text)));
  return true;
}

/** Paragraphs of a text; an indented one is a table, and keeps its line breaks. */
function paragraphs(text) {
  return visibleLines(text).split(/\n{2,}/).filter((part) => part.trim() !== "").map((part) =>
    (part.startsWith("    ") ? el("pre", { tabindex: "0" }, part) : el("p", {}, part.replaceAll("\n", " "))));
}
