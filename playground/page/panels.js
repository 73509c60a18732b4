// The panels around the picture: on a wide window each column shows one of its own, on a phone there is one in all.

import { byId, el } from "./dom.js";
import { t } from "./texts.js";

/** The panels of each column; the first is in front at the beginning. */
const COLUMNS = { stage: ["next"], middle: ["lanes", "script", "tree", "requests"], aside: ["why", "nodes", "tables", "invariants", "story"] };

/** Windows with one panel in all, as in the style sheet. */
const NARROW = "(max-width: 820px)";

function columnOf(name) {
  return Object.keys(COLUMNS).find((column) => COLUMNS[column].includes(name));
}

export class Panels {
  /** `onshow()` is called when another panel comes to the front. */
  constructor(onshow) {
    this.front = { stage: "next", middle: "lanes", aside: "why" };
    this.alone = "next";
    this.onshow = onshow;
    this.narrow = matchMedia(NARROW);
    this.narrow.addEventListener("change", () => onshow());
    for (const column of ["middle", "aside"]) byId(column).querySelector(".tabs").replaceChildren(...COLUMNS[column].map((name) => this.tab(name)));
    this.choice = byId("panel");
    this.choice.replaceChildren(...Object.values(COLUMNS).flat().map((name) => el("option", { value: name }, t(name))));
    this.choice.addEventListener("change", () => this.show(this.choice.value));
    for (const name of ["next", "lanes", "why"]) this.show(name);
    this.show("next");
  }

  tab(name) {
    return el("button", { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": name, onclick: () => this.show(name) }, t(name));
  }

  /** Whether a panel can be seen now. The page is not asked, as it would be laid out for the answer. */
  isShown(name) {
    if (this.narrow.matches) return this.alone === name;
    const column = columnOf(name);
    return this.front[column] === name && (column === "middle" || !document.body.classList.contains("presenting"));
  }

  /** Brings a panel to the front of its column; on a phone, of all. */
  show(name) {
    const column = columnOf(name);
    this.front[column] = name;
    this.alone = name;
    this.choice.value = name;
    for (const panel of COLUMNS[column]) {
      byId(panel).classList.toggle("front", panel === name);
      byId(`tab-${panel}`)?.setAttribute("aria-selected", String(panel === name));
    }
    for (const panel of Object.values(COLUMNS).flat()) byId(panel).classList.toggle("alone", panel === name);
    this.onshow();
  }
}
