// The whole run on paper: title, story, and the diagram in pages, for "print" and "save as PDF". It is made when the
// browser is about to print, and removed afterwards.

import { cut, el, svg, visibleLines } from "./dom.js";
import { draw } from "./draw.js";
import { clockTime, counted } from "./words.js";

/** Rows on paper at most. */
const ROWS_PRINTED_MAX = 20_000;
/** Height and width of a page's part of the diagram, in pixels of the page that is printed. */
const PAGE = { width: 1030, height: 650 };

/** The printed form of a diagram and the chapters of its story. */
export function printed({ trace, diagram, chapters }) {
  const { rows } = diagram;
  const scale = PAGE.width / Math.max(1, diagram.width);
  const room = PAGE.height / scale - diagram.headRoom;
  const pages = [];
  const last = Math.min(rows.count, ROWS_PRINTED_MAX);
  for (let first = 0; first < last;) {
    const end = pageEnd(rows, first, last, room);
    pages.push(sheetOf(diagram, first, end, scale));
    first = end;
  }
  const more = rows.count - last;
  return el("div", { id: "printed" },
    el("h1", {}, cut(trace.header.title || trace.header.protocol, 600)),
    ...chapters.map(({ at, text }) => el("p", { class: "printedstory" }, el("span", { class: "when" }, clockTime(trace.at[at] ?? 0)), " ", visibleLines(text))),
    ...pages,
    more > 0 ? el("p", {}, `${counted(more, "more step")} not printed: filter the run, or print a part of it.`) : null);
}

/** The first row that no longer fits on a page that begins with a row. */
function pageEnd(rows, first, last, room) {
  let end = first + 1;
  while (end < last && rows.top[end + 1] - rows.top[first] <= room) end += 1;
  return end;
}

function sheetOf(diagram, first, end, scale) {
  const { rows } = diagram;
  const height = rows.top[end] - rows.top[first] + diagram.headRoom;
  const scene = diagram.scene({ offset: rows.top[first] - diagram.headRoom, height, left: 0, firstRow: first, lastRow: end - 1 });
  const picture = svg("svg", { viewBox: `0 0 ${diagram.width} ${height}` }, draw(scene).groups);
  const lines = Array.from({ length: end - first }, (_, at) => diagram.row(first + at, scene, "printed"));
  const sheet = el("div", { class: "printedpage" }, picture, el("div", { class: "rows" }, ...lines), el("div", { class: "heads" }, ...diagram.laneHeads(scene)));
  sheet.style.width = `${diagram.width}px`;
  sheet.style.height = `${height}px`;
  sheet.style.zoom = scale;
  return sheet;
}
