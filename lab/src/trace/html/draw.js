// The visible part of the diagram, as SVG: lifelines with their spans, messages as arrows with their names, and glyphs.
// Everything is placed relative to the window, so a trace of any length is drawn with small numbers.

import { cut, svg } from "./dom.js";
import { glyph } from "./glyphs.js";
import { drawNames } from "./labels.js";
import { bodyEpoch, lastSpanFrom } from "./reigns.js";
import { messageParts } from "./sentences.js";
import { TELLS } from "./stances.js";

/** More arrows than this in one window are not told apart anyway. */
const ARROWS_MAX = 1200;
/** Rows below this height have no names. */
const NAMED_FROM = 16;
/** Room that a sign needs around its middle, in which no name lies; a stop sign is larger. */
const SIGN_RADIUS = 7;
const STOP_RADIUS = 12;
/** Kinds of rows with text across the lanes. */
const BANNERS = new Set(["note", "violation", "net"]);
/** An arrow is hit by a click this near to it. */
const HIT_RADIUS = 7;

/** Draws a window of the diagram: `scene` says what there is and where. `segments` are the arrows, for `hitArrow`. */
export function draw(scene) {
  const layers = { spans: [], lines: [], arrows: [], glyphs: [], names: [], wanted: [], segments: [], obstacles: [] };
  for (const lane of scene.lanesInView) drawLane(scene, lane, layers);
  const flights = scene.rows.flightsBetween(scene.firstRow, scene.lastRow);
  for (const flight of flights.slice(0, ARROWS_MAX)) drawFlight(scene, flight, layers);
  for (let row = scene.firstRow; row <= scene.lastRow; row += 1) drawRow(scene, row, layers);
  layers.names.push(...drawNames(scene, layers.wanted, layers.obstacles));
  const groups = ["lines", "spans", "arrows", "names", "glyphs"].map((name) => svg("g", { class: name }, layers[name]));
  return { groups, segments: layers.segments };
}

/** The arrow nearest to a point, with the end to which it is nearer; undefined if none is near. */
export function hitArrow(segments, x, y) {
  let best;
  for (const { flight, line: [x1, y1, x2, y2] } of segments) {
    const [dx, dy] = [x2 - x1, y2 - y1];
    const along = Math.max(0, Math.min(1, ((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy || 1)));
    const distance = Math.hypot(x - x1 - along * dx, y - y1 - along * dy);
    if (distance <= HIT_RADIUS && distance < (best?.distance ?? Infinity)) best = { flight, distance, atHead: along >= 0.5 };
  }
  return best;
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
        layers.glyphs.push(svg("text", { class: `spanname s${span.strength} ${colour}`, transform: `translate(${x - 3.6} ${y}) rotate(90)` }, text));
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
  const { sent, ended, from, to, name } = trace.flights;
  if (scene.hiddenNames.has(name[flight])) return;
  if (!scene.isShown(from[flight]) || !scene.isShown(to[flight])) return;
  const [x1, x2] = [scene.x(from[flight]), scene.x(to[flight])];
  const end = ended[flight];
  const [hasSend, hasEnd] = [rows.has(sent[flight]), end >= 0 && rows.has(end)];
  // A filter leaves out an arrow only if it hides both of its ends.
  if (!hasSend && !hasEnd) return;
  const y1 = scene.yOf(sent[flight]);
  const y2 = end < 0 ? y1 + 18 : scene.yOf(end);
  const lost = end >= 0 && trace.kindOf(end) === "drop";
  const stroke = flightClasses(scene, flight, { lost, partial: !hasSend || (end >= 0 && !hasEnd) });
  if (x1 === x2) {
    layers.arrows.push(svg("path", { class: stroke, d: `M${x1} ${y1}C${x1 + 26} ${y1} ${x2 + 26} ${y2} ${x2 + 8} ${y2}` }));
    layers.arrows.push(head(x2 + 8, y2, -1, 0, stroke));
    return;
  }
  // Lost messages end on the way, and those that are still in flight at the end of the trace begin only.
  const reach = lost ? 0.72 : end < 0 ? 0.35 : 1;
  const [tipX, tipY] = [x1 + (x2 - x1) * reach, y1 + (y2 - y1) * (lost ? 1 : reach)];
  const length = Math.hypot(tipX - x1, tipY - y1) || 1;
  const [dx, dy] = [(tipX - x1) / length, (tipY - y1) / length];
  const stop = lost || end < 0 ? 0 : 4;
  const line = [x1, y1, tipX - dx * (stop + 4), tipY - dy * (stop + 4)];
  layers.segments.push({ flight, line });
  layers.arrows.push(svg("path", { class: stroke, "data-flight": flight, d: `M${line[0]} ${line[1]}L${line[2]} ${line[3]}` }));
  if (lost) layers.glyphs.push(glyph("drop", tipX, tipY, stroke));
  else if (end < 0) layers.arrows.push(svg("circle", { class: stroke, cx: tipX, cy: tipY, r: 2.5 }));
  else layers.arrows.push(head(tipX - dx * stop, tipY - dy * stop, dx, dy, stroke));
  if (scene.rowHeight >= NAMED_FROM && y2 > -20 && y1 < scene.height + 20) {
    layers.wanted.push({ flight, name: messageParts(trace, flight).name, line, classes: stroke, chosen: stroke.includes("chosen") });
  }
}

function flightClasses(scene, flight, { lost, partial }) {
  const { trace } = scene;
  const { sent, ended, from, copy, forged } = trace.flights;
  const end = ended[flight];
  const classes = ["arrow", bodyEpoch(scene.reigns, trace.said(flight).body)];
  if (lost) classes.push("lost");
  if (end < 0) classes.push("flying");
  if (partial) classes.push("partial");
  if (copy[flight]) classes.push("copy");
  if (forged[flight]) classes.push("forged");
  if (trace.lieOf(from[flight])) classes.push("lying");
  if (scene.cone && !scene.cone.holds(sent[flight]) && !(end >= 0 && scene.cone.holds(end))) classes.push("dim");
  if (scene.selectedStep === trace.step[sent[flight]] || (end >= 0 && scene.selectedStep === end)) classes.push("chosen");
  return classes.join(" ");
}

function head(x, y, dx, dy, classes) {
  const [bx, by] = [x - dx * 8, y - dy * 8];
  const points = `${x},${y} ${bx - dy * 3.6},${by + dx * 3.6} ${bx + dy * 3.6},${by - dx * 3.6}`;
  return svg("polygon", { class: `head ${classes}`, points });
}

/** The box around a point. */
function around(x, y, radius) {
  return { left: x - radius, top: y - radius, width: 2 * radius, height: 2 * radius };
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
    layers.obstacles.push(around(scene.x(lane), y, SIGN_RADIUS));
  }
  const lane = trace.lane[head];
  if (BANNERS.has(trace.kindOf(head))) layers.obstacles.push({ left: 0, width: scene.width, top: rows.top[row] - scene.offset, height: rows.top[row + 1] - rows.top[row], covers: true });
  if (lane < 0 || !scene.isShown(lane)) return;
  const x = scene.x(lane);
  const tells = trace.tells[head];
  if (tells & TELLS.held) layers.obstacles.push({ ...around(x, y, STOP_RADIUS), covers: true });
  if (tells & TELLS.fact) layers.glyphs.push(glyph("fact", x, y));
  if (tells & TELLS.passed && !(tells & ~TELLS.passed)) layers.glyphs.push(glyph("passed", x, y));
  if (tells & TELLS.refused) layers.glyphs.push(glyph("refused", x, y));
  if (tells & TELLS.heldAgain) layers.glyphs.push(glyph("heldAgain", x, y));
  if (tells & TELLS.held) layers.glyphs.push(glyph("held", x, y));
}
