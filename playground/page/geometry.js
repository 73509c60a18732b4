// Places in the cluster view: nodes on a ring, clients in a row below them.

/** Radius of a node for so many nodes, at most. */
const RADII = [[4, 30], [7, 25], [10, 20], [Infinity, 15]];
/** Room around the ring for the rings of timers, and for captions below. */
const MARGIN = { x: 84, top: 10, bottom: 52, crowded: 38 };
/** Each node beyond three needs so much height, or values are left out of the captions. */
const ROOM = 200;
const RINGS = 17;
const CLIENT_ROW = 44;
const CLIENT_RADIUS = 15;
/** Messages in the two directions of a link pass each other at this distance. */
const ASIDE = 7;
/** The name of a message is so far from it. */
const NAME_AT = 12;

/** The name reaches so far above and below its line, and keeps this distance from a node. */
const NAME_RISE = 9;
const NAME_FALL = 3;
const NAME_GAP = 3;
/** The places on its way where a name may stay while its message moves on. */
const NAME_SHARES = Array.from({ length: 41 }, (_, at) => at / 40);

/** A caption is about so wide and high, with values and without. */
const CAPTION = { width: 150, height: 32 };
const CAPTION_BARE = { width: 84, height: 18 };
/** Between a caption and the rings around its node. */
const CAPTION_GAP = 4;

/** Whether captions have no room for values: their cards have them. */
export function isCrowded(nodes, height) {
  return nodes > 3 + height / ROOM;
}

/** The places of all lanes in a window: `{ x, y, r }` by lane. */
export function placesOf({ clients, nodes }, width, height) {
  const r = Math.min(RADII.find(([most]) => nodes <= most)[1], Math.max(14, Math.min(width, height) / 11));
  const bottom = height - (clients > 0 ? CLIENT_ROW : 0);
  const angles = Array.from({ length: nodes }, (_, at) => (nodes === 2 ? Math.PI * (1 - at) : (2 * Math.PI * at) / nodes - Math.PI / 2));
  const [upper, lower] = [MARGIN.top + r + RINGS, bottom - (isCrowded(nodes, height) ? MARGIN.crowded : MARGIN.bottom) - r - RINGS + 12];
  const heights = angles.map(Math.sin);
  const spread = Math.max(...heights) - Math.min(...heights);
  const rx = Math.max(r, width / 2 - MARGIN.x);
  const room = Math.max(r, lower - upper);
  // A ring, unless the window is much wider than high: then an ellipse.
  const down = Math.min(spread > 0.1 ? room / spread : room, rx * 1.35);
  const across = Math.min(rx, down * 1.9);
  const middle = (upper + lower) / 2 - (spread > 0.1 ? ((Math.max(...heights) + Math.min(...heights)) / 2) * down : 0);
  const row = Array.from({ length: clients }, (_, at) => ({ x: (width * (at + 1)) / (clients + 1), y: height - CLIENT_RADIUS - 5, r: CLIENT_RADIUS }));
  const ring = angles.map((angle) => (nodes > 1 ? { x: width / 2 + across * Math.cos(angle), y: middle + down * Math.sin(angle), r } : { x: width / 2, y: middle, r }));
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
    // The name of a message stands on the side on which it passes, and does not reach back to its sender; or else on the
    // other side, or further off.
    names: [[1, 1], [-1, -1], [2, 1], [-2, -1], [2, -1], [-2, 1]].map(([off, way]) => (
      { x: -off * dy * NAME_AT, y: off * dx * (NAME_AT + 2) + 4, isLeft: way * (Math.abs(dy) < 0.45 ? -dx : dy) > 0 })),
  };
}

/** The point at a share of a line. */
export function pointAt({ x1, y1, x2, y2 }, share) {
  return { x: x1 + (x2 - x1) * share, y: y1 + (y2 - y1) * share };
}

/**
 * The place of the name of a message, so wide, beside it, and the shares of the way, least and most, between which the name
 * lies on no node, or as little as may be.
 */
export function nameRoom(path, nodes, wide) {
  const clearOf = ({ x, y, r }, share, name) => {
    const at = pointAt(path, share);
    const [left, base] = [at.x + name.x - (name.isLeft ? wide : 0), at.y + name.y];
    return Math.hypot(Math.max(left - x, x - left - wide, 0), Math.max(base - NAME_RISE - y, y - base - NAME_FALL, 0)) - r - NAME_GAP;
  };
  const rooms = path.names.map((name) => {
    const clear = NAME_SHARES.map((share) => Math.min(...nodes.map((node) => clearOf(node, share, name))));
    const free = NAME_SHARES.filter((_, at) => clear[at] >= 0);
    const most = Math.max(...clear);
    const best = NAME_SHARES[clear.indexOf(most)];
    return { name, least: free[0] ?? best, most: free.at(-1) ?? best, clear: Math.min(0, most) };
  });
  return rooms.reduce((best, room) => (room.clear > best.clear ? room : best));
}

/** An arc that shows how much of a ring is left, from the top clockwise. */
export function arc(r, share) {
  const part = Math.max(0.001, Math.min(0.9999, share));
  const angle = 2 * Math.PI * part - Math.PI / 2;
  return `M0 ${-r}A${r} ${r} 0 ${part > 0.5 ? 1 : 0} 1 ${r * Math.cos(angle)} ${r * Math.sin(angle)}`;
}

/**
 * The places of the captions of nodes: beneath a node, or where that covers another one, beside or above it. `x` and `y`
 * are the beginning of its first line relative to the node, `anchor` the end of it that is there, `room` its width at most.
 */
export function captionsOf(nodes, width, height) {
  const size = isCrowded(nodes.length, height) ? CAPTION_BARE : CAPTION;
  const taken = nodes.map(({ x, y, r }) => ({ left: x - r, right: x + r, top: y - r, bottom: y + r }));
  return nodes.map((node, at) => {
    const others = taken.filter((_, other) => other !== at);
    const spots = captionSpots(node, size, width, height);
    const costs = spots.map(({ box }) => outside(box, width, height) * 2 + others.reduce((sum, other) => sum + overlap(box, other), 0));
    const best = costs.indexOf(Math.min(...costs));
    taken.push(spots[best].box);
    return spots[best];
  });
}

/** The places that a caption can have, the usual one first. */
function captionSpots({ x, y, r }, { width: wide, height: high }, width, height) {
  const out = r + RINGS + CAPTION_GAP;
  const spot = (dx, dy, anchor, left, room) => ({ x: dx, y: dy, anchor, room, box: { left, right: left + wide, top: y + dy - 12, bottom: y + dy - 12 + high } });
  const middle = 5 - (high - 18) / 2;
  const spots = [spot(0, out + 8, "middle", x - wide / 2, 2 * Math.min(x, width - x)), spot(out, middle, "start", x + out, width - x - out), spot(-out, middle, "end", x - out - wide, x - out),
    spot(0, -out - high + 16, "middle", x - wide / 2, 2 * Math.min(x, width - x))];
  // Beneath the one on top are the lines of the ring.
  if (Math.abs(x - width / 2) < r && y < height / 2) return [spots[1], spots[2], spots[0], spots[3]];
  return x < width / 2 ? [spots[0], spots[2], spots[1], spots[3]] : spots;
}

function overlap(a, b) {
  return Math.max(0, Math.min(a.right, b.right) - Math.max(a.left, b.left)) * Math.max(0, Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top));
}

/** How much of a box is outside of the window. */
function outside(box, width, height) {
  return (box.right - box.left) * (box.bottom - box.top) - overlap(box, { left: 0, right: width, top: 0, bottom: height });
}
