// The page's address: it ends in the selected event, and opened with that it shows the same event.

/** The address changes no more often than this: browsers stop pages that change it all the time. */
const ADDRESS_PAUSE_MS = 100;

/** The end of the address of an event. */
export function addressOf(trace, index, side) {
  return `#event=${trace.id[index]}${side ? "&right" : ""}`;
}

export class Address {
  /** Lets the address follow, now or soon. */
  write(hash) {
    clearTimeout(this.soon);
    const write = () => {
      this.written = performance.now();
      if (location.hash !== hash) history.replaceState(null, "", hash);
    };
    const since = performance.now() - (this.written ?? -Infinity);
    if (since >= ADDRESS_PAUSE_MS) write();
    else this.soon = setTimeout(write, ADDRESS_PAUSE_MS - since);
  }

  /** The event of the address, or undefined if there is none. */
  read(traces) {
    clearTimeout(this.soon);
    const found = /^#event=(\d+)(&right)?$/.exec(location.hash);
    if (!found) return undefined;
    const side = found[2] && traces.length > 1 ? 1 : 0;
    const index = traces[side].byId.get(Number(found[1]));
    return index === undefined ? undefined : { side, index };
  }
}
