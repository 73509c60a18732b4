// Children of an element that stay where they are while they do not change: what their reader has opened, typed and
// reached stays with them, and the browser has little to do.

/** Gives an element these children in this order; what is in its place is not touched. */
export function arrange(parent, children) {
  const stays = new Set(children);
  for (const child of [...parent.children]) if (!stays.has(child)) child.remove();
  let before = null;
  for (const child of [...children].reverse()) {
    if (child.parentNode !== parent || child.nextSibling !== before) parent.insertBefore(child, before);
    before = child;
  }
}

/** The parts that each element shows, by their keys. */
const SHOWN_PARTS = new WeakMap();

/** Shows parts in an element: `{ key, looks, make }`. A part is made again when its looks, all that it depends on, have changed. */
export function showParts(element, parts) {
  const before = SHOWN_PARTS.get(element) ?? new Map();
  const next = new Map(parts.map(({ key, looks, make }) => {
    const old = before.get(key);
    return [key, old?.looks === looks ? old : { looks, element: make() }];
  }));
  SHOWN_PARTS.set(element, next);
  arrange(element, [...next.values()].map((part) => part.element));
}

/** Takes all parts away, so that they are made anew. */
export function forgetParts(element) {
  SHOWN_PARTS.delete(element);
  element.replaceChildren();
}
