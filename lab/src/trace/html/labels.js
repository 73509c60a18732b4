// Names of messages in the diagram. A name lies on its own arrow and interrupts it, so that it cannot be taken for the
// name of another; one that would lie on another name, on a sign or on a note is moved along the arrow. If every place of
// it is taken, it lies on a small sign rather than nowhere; on a note, a stop sign or another name it is left out.

import { cut, svg } from "./dom.js";

/** Width of a letter, height of a line, and the room around a name, before the zoom. */
const NAME_LETTER = 6.3;
const LINE = 11.5;
const MARGIN = 4;
/** Further places of a name along its arrow, from the head. */
const ALONG = [0.5, 0.35, 0.65, 0.2, 0.8, 0.43, 0.57, 0.28, 0.72, 0.14, 0.86, 0.1, 0.9];
/** Words up to this length are not cut, wherever they lie. */
const WORD_MIN = 11;
/** No name is longer: every way of breaking it is tried, which a megabyte would make endless. */
const NAME_MAX = 120;
/** Room that a name leaves for the arrowhead. */
const HEAD_ROOM = 13;

/** A name on one line, or on two that break between its words; cut only if a long word is longer than the room. */
export function nameLines(full, columns) {
  const name = cut(full, NAME_MAX);
  if (name.length <= columns) return [name];
  const words = name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+|./gu) ?? [name];
  let best = [name];
  for (let at = 1; at < words.length; at += 1) {
    const lines = [words.slice(0, at).join(""), words.slice(at).join("")];
    if (longest(lines) < longest(best)) best = lines;
  }
  return best.map((line) => cut(line, Math.max(WORD_MIN, columns)));
}

function longest(lines) {
  return Math.max(...lines.map((line) => line.length));
}

/** Places the names of arrows: `wanted` has `{ flight, name, line: [x1, y1, x2, y2], classes, chosen }`, and `obstacles` are
 *  the boxes of signs and notes. */
export function drawNames(scene, wanted, obstacles) {
  const covering = obstacles.filter((box) => box.covers);
  const placed = [];
  const names = [];
  for (const label of wanted.sort((a, b) => Number(b.chosen) - Number(a.chosen))) {
    const box = place(scene, label, [[...placed, ...obstacles], [...placed, ...covering]]);
    if (box === undefined) continue;
    placed.push(box);
    names.push(drawName(scene, label, box));
  }
  return names;
}

/** The box of a name that keeps clear of the first of the lists of boxes, or else of the next. */
function place(scene, { name, line }, lists) {
  const { letters: scale } = scene;
  const [x1, , x2] = line;
  const direction = x2 > x1 ? 1 : -1;
  const room = Math.min(scene.pitch - 10, Math.abs(x2 - x1) - 6);
  const lines = nameLines(name, Math.floor(room / (NAME_LETTER * scale)));
  const width = longest(lines) * NAME_LETTER * scale + MARGIN * 2;
  const height = (lines.length * LINE + 2) * scale;
  const reach = Math.abs(x2 - x1);
  const gaps = [scene.pitch / 2, HEAD_ROOM + width / 2, ...ALONG.map((share) => reach * share)];
  const boxes = gaps.map((gap) => boxAt(line, x2 - direction * gap, width, height, lines));
  const fits = (box, others) => box !== undefined && box.top > 36 && box.top + height < scene.height && others.every((other) => !overlap(box, other));
  for (const others of lists) {
    const found = boxes.find((box) => fits(box, others));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The box of a name whose middle is on the line at `x`; undefined where there is no line. */
function boxAt([x1, y1, x2, y2], x, width, height, lines) {
  const along = (x - x1) / (x2 - x1);
  if (!(along > 0 && along < 1)) return undefined;
  const y = y1 + (y2 - y1) * along;
  return { left: x - width / 2, top: y - height / 2, width, height, x, y, lines };
}

function overlap(a, b) {
  return a.left < b.left + b.width && b.left < a.left + a.width && a.top < b.top + b.height && b.top < a.top + a.height;
}

function drawName(scene, { flight, name, classes }, box) {
  const { letters: scale } = scene;
  const first = box.y - ((box.lines.length - 1) * LINE * scale) / 2 + 3.8 * scale;
  const lines = box.lines.map((text, at) => svg("tspan", { x: box.x, y: first + at * LINE * scale }, text));
  return svg("g", { class: `name ${classes}`, "data-flight": flight, "data-name": name },
    svg("rect", { class: "plate", x: box.left, y: box.top, width: box.width, height: box.height, rx: 3 }),
    svg("text", { "text-anchor": "middle", "font-size": 11 * scale }, lines));
}
