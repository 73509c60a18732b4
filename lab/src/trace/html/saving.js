// "Save what you see": the visible part of the diagram as SVG or PNG. Both are made from the same list of shapes, which is
// read off the page: the page's policy lets no picture be loaded, so the PNG is painted shape by shape.

import { svg } from "./dom.js";

/** The shapes that are on screen: paths and texts with their styles, in the coordinates of the diagram. */
export function shapesOf(diagram) {
  const origin = diagram.stage.getBoundingClientRect();
  const shapes = [];
  for (const element of diagram.svg.querySelectorAll("path, rect, circle, polygon, text")) shapes.push(...drawnShape(element, origin));
  for (const element of diagram.stage.querySelectorAll(".row.selected, .row.held, .lanehead, .banner")) shapes.unshift(...boxShape(element, origin));
  for (const element of diagram.stage.querySelectorAll(".time, .told > *, .banner, .lanehead")) shapes.push(...textShape(element, origin));
  return shapes;
}

function drawnShape(element, origin) {
  const style = getComputedStyle(element);
  if (style.display === "none") return [];
  const matrix = element.getScreenCTM();
  const transform = [matrix.a, matrix.b, matrix.c, matrix.d, matrix.e - origin.left, matrix.f - origin.top];
  const look = { fill: style.fill, stroke: style.stroke, width: parseFloat(style.strokeWidth) || 0, transform,
    dash: style.strokeDasharray === "none" ? [] : style.strokeDasharray.split(/[ ,]+/).map(parseFloat), opacity: opacityOf(element) };
  if (element.tagName !== "text") return [{ ...look, d: pathOf(element) }];
  const lines = element.childElementCount > 0 ? [...element.children] : [element];
  return lines.map((line) => ({ ...look, stroke: "none", text: line.textContent, font: fontOf(style), anchor: style.textAnchor,
    x: Number(line.getAttribute("x") ?? 0), y: Number(line.getAttribute("y") ?? 0) }));
}

/** The parts of a font, as attributes have them: the page's policy forbids styles in attributes. */
function fontOf({ fontStyle, fontWeight, fontSize, fontFamily }) {
  return { style: fontStyle, weight: fontWeight, size: fontSize, family: fontFamily };
}

/** The opacity of an element within the diagram. */
function opacityOf(element) {
  let opacity = 1;
  for (let at = element; at && at.tagName !== "svg"; at = at.parentElement) opacity *= Number(getComputedStyle(at).opacity);
  return opacity;
}

/** The outline of a shape as the data of a path. */
function pathOf(element) {
  const number = (name) => Number(element.getAttribute(name) ?? 0);
  if (element.tagName === "path") return element.getAttribute("d");
  if (element.tagName === "polygon") return `M${element.getAttribute("points").trim().split(/\s+/).join("L")}Z`;
  if (element.tagName === "rect") {
    const [x, y, width, height] = ["x", "y", "width", "height"].map(number);
    return `M${x} ${y}h${width}v${height}h${-width}Z`;
  }
  const [x, y, r] = [number("cx"), number("cy"), number("r")];
  return `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`;
}

const PLAIN = { stroke: "none", width: 0, dash: [], opacity: 1, transform: [1, 0, 0, 1, 0, 0] };

/** The background of an element of the page. */
function boxShape(element, origin) {
  const box = element.getBoundingClientRect();
  const fill = getComputedStyle(element).backgroundColor;
  if (box.width === 0 || fill === "rgba(0, 0, 0, 0)") return [];
  return [{ ...PLAIN, fill, d: `M${box.left - origin.left} ${box.top - origin.top}h${box.width}v${box.height}h${-box.width}Z` }];
}

function textShape(element, origin) {
  const box = element.getBoundingClientRect();
  if (box.width === 0 || element.textContent === "") return [];
  const style = getComputedStyle(element);
  const y = box.top - origin.top + box.height / 2 + parseFloat(style.fontSize) * 0.35;
  return [{ ...PLAIN, fill: style.color, text: element.textContent, font: fontOf(style), anchor: "start", x: box.left - origin.left, y }];
}

/** The picture as the text of an SVG file. */
export function svgOf(shapes, { width, height, background }) {
  const elements = shapes.map((shape) => {
    const look = { fill: shape.fill, stroke: shape.stroke, "stroke-width": shape.width || undefined, "stroke-dasharray": shape.dash.join(" ") || undefined,
      opacity: shape.opacity < 1 ? shape.opacity : undefined, transform: `matrix(${shape.transform.join(" ")})` };
    if (shape.text === undefined) return svg("path", { ...look, d: shape.d });
    return svg("text", { ...look, x: shape.x, y: shape.y, "text-anchor": shape.anchor, "font-style": shape.font.style,
      "font-weight": shape.font.weight, "font-size": shape.font.size, "font-family": shape.font.family }, shape.text);
  });
  const root = svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height }, svg("rect", { width, height, fill: background }), ...elements);
  return new XMLSerializer().serializeToString(root);
}

/** The picture on a canvas, twice as fine as the screen. */
export function canvasOf(shapes, { width, height, background }) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width * 2, height * 2];
  const pen = canvas.getContext("2d");
  pen.scale(2, 2);
  pen.fillStyle = background;
  pen.fillRect(0, 0, width, height);
  for (const shape of shapes) paint(pen, shape);
  return canvas;
}

function paint(pen, shape) {
  pen.save();
  pen.transform(...shape.transform);
  pen.globalAlpha = shape.opacity;
  pen.setLineDash(shape.dash);
  pen.lineWidth = shape.width;
  if (shape.fill !== "none") pen.fillStyle = shape.fill;
  if (shape.stroke !== "none") pen.strokeStyle = shape.stroke;
  if (shape.text !== undefined) {
    const { style, weight, size, family } = shape.font;
    pen.font = `${style} ${weight} ${size} ${family}`;
    pen.textAlign = { middle: "center", end: "right" }[shape.anchor] ?? "left";
    pen.fillText(shape.text, shape.x, shape.y);
  } else {
    const path = new Path2D(shape.d);
    if (shape.fill !== "none") pen.fill(path);
    if (shape.stroke !== "none" && shape.width > 0) pen.stroke(path);
  }
  pen.restore();
}
