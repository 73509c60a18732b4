// What the reader can reach on the page, and what it does: keys, buttons, menus, the command line.

import { fillBreaking, fillFiles } from "./breaking.js";
import { BUTTONS, keysOf } from "./controls.js";
import { byId, el } from "./dom.js";
import { Exchange } from "./exchange.js";
import { listenToKeys } from "./keys.js";
import { setPresenting } from "./presentation.js";
import { otherLanguage } from "./texts.js";

const PRESENTATION_ZOOM = 2;
/** Commands that the command line offers at most. */
const OFFERED_MAX = 100;

/** Connects a page's controls with what they do. */
export function wire(page) {
  const actions = actionsOf(page);
  listenToKeys(actions, keysOf());
  for (const [id, action] of Object.entries(BUTTONS)) byId(id).addEventListener("click", () => actions[action]());
  byId("command").addEventListener("submit", (event) => submit(page, event));
  byId("line").addEventListener("focus", () => offer(page));
  fillBreaking(byId("break-menu"), (request) => { byId("break").open = false; return page.ask(request); });
  const exchange = new Exchange(page);
  fillFiles(byId("file-menu"), { onsave: () => exchange.save(), onopen: () => exchange.open(), onshare: () => exchange.share() });
  // A click elsewhere closes the menus.
  document.addEventListener("click", ({ target }) => { for (const menu of openMenus()) if (!menu.contains(target)) menu.open = false; });
  addEventListener("hashchange", () => page.openShared());
}

/** The actions of keys and buttons, by their names. */
function actionsOf(page) {
  const run = () => page.perform(["run", byId("span").value].filter(Boolean).join(" "));
  return {
    forward: () => page.move(1), back: () => page.move(-1), first: () => page.select(0), last: () => page.select(page.last), play: () => page.play(),
    step: () => page.perform("step"), run, undo: () => page.ask({ do: "undo" }), redo: () => page.ask({ do: "redo" }), here: () => page.here(),
    violation: () => page.toViolation(), book: () => page.ask({ do: "by-the-book" }), opening: () => page.opening(), command: () => [byId("line").focus(), byId("line").select()],
    present: () => present(page), theme: () => toggleTheme(page), help: () => byId("help").showModal(), escape: () => escape(page),
    language: () => location.assign(otherLanguage()),
  };
}

function openMenus() {
  return [...document.querySelectorAll("details[name=menu][open]")];
}

function present(page) {
  page.presents = !page.presents;
  setPresenting(document.body, page.presents);
  byId("present").setAttribute("aria-pressed", String(page.presents));
  page.diagram.setZoom(page.diagram.zoom + (page.presents ? PRESENTATION_ZOOM : -PRESENTATION_ZOOM));
  page.draw();
}

function toggleTheme(page) {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  page.scrubber.draw();
}

function escape(page) {
  const menus = openMenus();
  for (const menu of menus) menu.open = false;
  if (menus.length > 0) return;
  if (page.presents) present(page);
  else page.choose(undefined);
  document.activeElement?.blur();
}

/** Offers the commands that are possible now. */
function offer({ session }) {
  const lines = session.state?.actions ?? [];
  byId("known-lines").replaceChildren(...lines.slice(0, OFFERED_MAX).map(({ line }) => el("option", { value: line })));
}

/** Performs the line that was typed; what was refused stays to be mended. */
async function submit(page, event) {
  event.preventDefault();
  const field = byId("line");
  // Closes the list of known commands, which would take the next click for itself.
  field.blur();
  field.focus();
  if (field.value.trim() !== "" && (await page.perform(field.value))) field.value = "";
  offer(page);
}
