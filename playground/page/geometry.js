// Places in the cluster view: nodes on a ring, clients in a row below them.

/** Radius of a node for so many nodes, at most. */
const RADII = [[5, 30], [7, 26], [10, 21], [Infinity, 15]];
/** Room around the ring for labels and the rings of timers. */
const MARGIN = { x: 84, top: 48, bottom: 66 };
const CLIENT_ROW = 44;
const CLIENT_RADIUS = 15;
/** Messages in the two directions of a link pass each other at this distance. */
const ASIDE = 7;
/** The name of a message is so far from it. */
const NAME_AT = 12;

/** The places of all lanes in a window: `{ x, y, r }` by lane. */
export function placesOf({ clients, nodes }, width, height) {
  const r = Math.min(RADII.find(([most]) => nodes <= most)[1], Math.max(14, Math.min(width, height) / 11));
  const bottom = height - (clients > 0 ? CLIENT_ROW : 0);
  const centre = { x: width / 2, y: (MARGIN.top + bottom - MARGIN.bottom + 12) / 2 };
  const [rx, ry] = [Math.max(r, width / 2 - MARGIN.x), Math.max(r, (bottom - MARGIN.top - MARGIN.bottom) / 2)];
  // A ring, unless the window is much wider than high: then an ellipse.
  const [across, down] = [Math.min(rx, ry * 1.7), Math.min(ry, rx * 1.35)];
  const row = Array.from({ length: clients }, (_, at) => ({ x: (width * (at + 1)) / (clients + 1), y: height - CLIENT_RADIUS - 5, r: CLIENT_RADIUS }));
  const ring = Array.from({ length: nodes }, (_, at) => {
    const angle = nodes === 2 ? Math.PI * (1 - at) : (2 * Math.PI * at) / nodes - Math.PI / 2;
    return { x: centre.x + (nodes > 1 ? across * Math.cos(angle) : 0), y: centre.y + (nodes > 1 ? down * Math.sin(angle) : 0), r };
  });
  return [...row, ...ring];
}

/** The line that messages from one place to another take: its ends, at the rims, and its direction. */
export function pathOf(from, to) {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  const [dx, dy] = [(to.x - from.x) / length, (to.y - from.y) / length];
  const [ax, ay] = [-dy * ASIDE, dx * ASIDE];
  return {
    x1: from.x + dx * (from.r + 4) + ax, y1: from.y + dy * (from.r + 4) + ay,
    x2: to.x - dx * (to.r + 6) + ax, y2: to.y - dy * (to.r + 6) + ay,
    angle: (Math.atan2(dy, dx) * 180) / Math.PI,
    // The name of a message stands on the side on which it passes.
    nameX: -dy * NAME_AT, nameY: dx * (NAME_AT + 2) + 4, side: Math.abs(dy) < 0.45 ? "" : dy > 0 ? "left" : "right",
  };
}

/** The point at a share of a line. */
export function pointAt({ x1, y1, x2, y2 }, share) {
  return { x: x1 + (x2 - x1) * share, y: y1 + (y2 - y1) * share };
}

/** An arc that shows how much of a ring is left, from the top clockwise. */
export function arc(r, share) {
  const part = Math.max(0.001, Math.min(0.9999, share));
  const angle = 2 * Math.PI * part - Math.PI / 2;
  return `M0 ${-r}A${r} ${r} 0 ${part > 0.5 ? 1 : 0} 1 ${r * Math.cos(angle)} ${r * Math.sin(angle)}`;
}
