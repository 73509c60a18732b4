// What is on screen, as SVG: lifelines with their spans, messages as arrows, glyphs, and names at the arrowheads.
// Everything is placed relative to the window, so a trace of any length is drawn with small numbers.

import { cut, svg } from "./dom.js";
import { glyph } from "./glyphs.js";
import { isRefusal, messageParts } from "./sentences.js";
import { stepEvents } from "./trace.js";
import { EPOCHS, isPlainObject, unwrapped } from "./words.js";

/** More arrows than this in one window are not told apart anyway. */
const ARROWS_MAX = 1200;
/** Rows below this height have no names. */
const NAMED_FROM = 16;
const NAME_LETTER = 6.3;

/** The class that gives something the colour of its ballot, term or token. */
export function epochClass(reigns, value) {
  const index = reigns.index.get(String(value));
  return index === undefined ? "" : `epoch e${index % 8}`;
}

/** The colour of what a body says. */
export function bodyEpoch(reigns, body) {
  const said = unwrapped("", body).body;
  if (!isPlainObject(said)) return "";
  for (const key of EPOCHS) {
    const value = said[key];
    if (typeof value === "string" || typeof value === "number") return epochClass(reigns, value);
  }
  return "";
}

/** Draws a window of the diagram: `scene` says what there is and where. */
export function draw(scene) {
  const layers = { spans: [], lines: [], arrows: [], glyphs: [], names: [] };
  for (const lane of scene.lanesInView) drawLane(scene, lane, layers);
  const flights = scene.rows.flightsBetween(scene.firstRow, scene.lastRow);
  for (const flight of flights.slice(0, ARROWS_MAX)) drawFlight(scene, flight, layers);
  for (let row = scene.firstRow; row <= scene.lastRow; row += 1) drawRow(scene, row, layers);
  return ["lines", "spans", "arrows", "glyphs", "names"].map((name) => svg("g", { class: name }, layers[name]));
}

function drawLane(scene, lane, layers) {
  const x = scene.x(lane);
  const [begin, end] = [scene.eventAt(scene.firstRow), scene.eventAt(scene.lastRow + 1)];
  drawSpans(scene, lane, x, [begin, end], layers);
  const changes = scene.trace.statusChanges.get(lane) ?? [];
  let status = scene.trace.statusOf(lane, begin - 1);
  if (begin === 0 && changes.length > 0) status = changes[0].status === "up" ? "unborn" : "up";
  let from = 0;
  const piece = (to) => {
    // A pause is seen on top of a reign: that is when it hurts.
    const layer = status === "paused" ? layers.arrows : layers.lines;
    if (status !== "unborn") layer.push(svg("path", { class: `life ${status} ${scene.lifeClass(lane)}`, d: `M${x} ${from}V${to}` }));
  };
  for (const change of changes) {
    if (change.index < begin) continue;
    if (change.index >= end) break;
    const y = scene.y(scene.rows.of(change.index));
    piece(y);
    [status, from] = [change.status, y];
  }
  piece(Math.min(scene.height, scene.bottom));
  if (scene.cone) drawCone(scene, lane, x, layers);
}

function drawSpans(scene, lane, x, [begin, end], layers) {
  const spans = scene.reigns.byLane.get(lane) ?? [];
  for (let next = Math.max(0, lastSpanFrom(spans, begin)); next < spans.length && spans[next].from < end; next += 1) {
    const span = spans[next];
    if (span.to >= 0 && span.to < begin) continue;
    const top = Math.max(-20, span.from < begin ? -20 : scene.y(scene.rows.of(span.from)));
    const last = span.to < 0 || span.to >= end ? Math.min(scene.height + 20, scene.bottom) : scene.y(scene.rows.of(span.to));
    if (last - top < 1) continue;
    const width = [5, 15, 17][span.strength];
    const colour = `epoch e${Math.max(0, span.epoch) % 8}`;
    layers.spans.push(svg("rect", { class: `span s${span.strength} ${colour}`, x: x - width / 2, y: top, width, height: last - top,
      rx: span.strength ? 4 : 2 }));
    if (span.strength > 0 && last - top > 34 && scene.rowHeight >= NAMED_FROM) {
      const y = Math.max(top, 38) + 11;
      const text = cut(span.label, 28);
      if (last - y > text.length * 6 + 8) {
        layers.names.push(svg("text", { class: `spanname s${span.strength} ${colour}`, transform: `translate(${x - 3.6} ${y}) rotate(90)` }, text));
      }
    }
  }
}

/** The lane's part in the past and in the future of the chosen event. */
function drawCone({ cone, trace, rows, x: _x, ...scene }, lane, x, layers) {
  const y = (index) => scene.y(rows.of(index));
  const clip = (value) => Math.max(-20, Math.min(scene.height + 20, value));
  if (cone.upTo[lane] >= 0) {
    layers.spans.push(svg("path", { class: "past", d: `M${x} ${clip(scene.y(0))}V${clip(y(cone.upTo[lane]))}` }));
  }
  if (cone.from[lane] < trace.count) {
    layers.spans.push(svg("path", { class: "future", d: `M${x} ${clip(y(cone.from[lane]))}V${clip(scene.bottom)}` }));
  }
}

function drawFlight(scene, flight, layers) {
  const { trace, rows } = scene;
  const { sent, ended, from, to, name, copy } = trace.flights;
  if (scene.hiddenNames.has(name[flight])) return;
  if (!scene.isShown(from[flight]) || !scene.isShown(to[flight])) return;
  const [x1, x2] = [scene.x(from[flight]), scene.x(to[flight])];
  const end = ended[flight];
  const [y1, y2] = [scene.y(rows.leaves[flight]), end < 0 ? scene.y(rows.leaves[flight]) + 18 : scene.y(rows.lands[flight])];
  const lost = end >= 0 && trace.kindOf(end) === "drop";
  const fields = trace.said(flight);
  const classes = ["arrow", bodyEpoch(scene.reigns, fields.body)];
  if (lost) classes.push("lost");
  if (end < 0) classes.push("flying");
  if (copy[flight]) classes.push("copy");
  if (scene.cone && !scene.cone.holds(sent[flight]) && !(end >= 0 && scene.cone.holds(end))) classes.push("dim");
  if (scene.selectedStep === trace.step[sent[flight]] || (end >= 0 && scene.selectedStep === end)) classes.push("chosen");
  const stroke = classes.join(" ");
  if (x1 === x2) {
    layers.arrows.push(svg("path", { class: stroke, d: `M${x1} ${y1}C${x1 + 26} ${y1} ${x2 + 26} ${y2} ${x2 + 8} ${y2}` }));
    layers.arrows.push(head(x2 + 8, y2, -1, 0, stroke));
    return;
  }
  // Lost messages end on the way, and those that are still under way at the end of the trace begin only.
  const reach = lost ? 0.72 : end < 0 ? 0.35 : 1;
  const [tipX, tipY] = [x1 + (x2 - x1) * reach, y1 + (y2 - y1) * (lost ? 1 : reach)];
  const length = Math.hypot(tipX - x1, tipY - y1) || 1;
  const [dx, dy] = [(tipX - x1) / length, (tipY - y1) / length];
  const stop = lost || end < 0 ? 0 : 4;
  layers.arrows.push(svg("path", { class: stroke, d: `M${x1} ${y1}L${tipX - dx * (stop + 4)} ${tipY - dy * (stop + 4)}` }));
  if (lost) layers.glyphs.push(glyph("drop", tipX, tipY, stroke));
  else if (end < 0) layers.arrows.push(svg("circle", { class: stroke, cx: tipX, cy: tipY, r: 2.5 }));
  else layers.arrows.push(head(tipX - dx * stop, tipY - dy * stop, dx, dy, stroke));
  if (scene.rowHeight >= NAMED_FROM && end >= 0 && y2 > -20 && y2 < scene.height + 20) {
    layers.names.push(nameAt(scene, flight, { x1, x2: tipX, y2: tipY, lost }, stroke));
  }
}

function head(x, y, dx, dy, classes) {
  const [bx, by] = [x - dx * 8, y - dy * 8];
  const points = `${x},${y} ${bx - dy * 3.6},${by + dx * 3.6} ${bx + dy * 3.6},${by - dx * 3.6}`;
  return svg("polygon", { class: `head ${classes}`, points });
}

/** The message's name below the end of its arrow, on the side from which it comes. */
function nameAt(scene, flight, { x1, x2, y2, lost }, classes) {
  const rightward = x2 > x1;
  const room = Math.max(scene.pitch, Math.abs(x2 - x1)) - 20;
  const { name } = messageParts(scene.trace, flight);
  const text = cut(name, Math.max(2, Math.floor(room / NAME_LETTER)));
  return svg("text", { class: `name ${classes} ${lost ? "lost" : ""}`, x: x2 + (rightward ? -12 : 12), y: y2 + 11.5,
    "text-anchor": rightward ? "end" : "start" }, text);
}

function drawRow(scene, row, layers) {
  const { trace, rows } = scene;
  const y = scene.y(row);
  const [begin, end] = rows.range(row);
  const head = begin;
  for (let i = head; i < end && i < head + 64; i += 1) {
    const kind = trace.kindOf(i);
    const lane = trace.lane[i];
    if (lane < 0 || !scene.isShown(lane) || trace.step[i] !== i || (i !== head && kind !== "boot")) continue;
    if (kind === "drop") continue;
    const dim = scene.cone && !scene.cone.holds(i) ? "dim" : "";
    layers.glyphs.push(glyph(kind, scene.x(lane), y, dim));
  }
  const lane = trace.lane[head];
  if (lane < 0 || !scene.isShown(lane)) return;
  const told = tellsOf(trace, head);
  if (told.fact) layers.glyphs.push(glyph("fact", scene.x(lane), y));
  if (told.refused) layers.glyphs.push(svg("path", { class: "refused", d: `M${scene.x(lane) - 6} ${y}A6 6 0 1 1 ${scene.x(lane) + 6} ${y}A6 6 0 1 1 ${scene.x(lane) - 6} ${y}M${scene.x(lane) - 4.2} ${y + 4.2}L${scene.x(lane) + 4.2} ${y - 4.2}` }));
}

/** Whether a fact was established or something refused in a step. */
function tellsOf(trace, head) {
  const events = stepEvents(trace, head);
  return {
    fact: events.some((i) => trace.kindOf(i) === "fact"),
    refused: events.some((i) => trace.ruleOf[i] >= 0 && isRefusal(trace.ruleNames.list[trace.ruleOf[i]])),
  };
}

/** The spans of a trace as the page embeds them, by lane. Compared traces share their `epochs`, and so their colours. */
export function readReigns({ epochs, spans }, clients, shared) {
  for (const epoch of epochs) if (!shared.has(epoch)) shared.set(epoch, shared.size);
  const byLane = new Map();
  for (const [node, from, to, strength, label, epoch] of spans) {
    const lane = node + clients;
    if (!byLane.has(lane)) byLane.set(lane, []);
    byLane.get(lane).push({ from, to, strength, label, epoch: epoch < 0 ? -1 : shared.get(epochs[epoch]) });
  }
  return { index: shared, byLane };
}

/** The place of the last span that begins at or before an event; -1 if there is none. A lane's spans do not overlap. */
function lastSpanFrom(spans, index) {
  let [low, high] = [0, spans.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (spans[middle].from <= index) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The span in which a lane is at an event. */
export function reignAt(reigns, lane, index) {
  const spans = reigns.byLane.get(lane) ?? [];
  const span = spans[lastSpanFrom(spans, index)];
  return span && (span.to < 0 || span.to > index) ? span : undefined;
}
