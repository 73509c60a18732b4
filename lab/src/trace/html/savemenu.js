// The menu "Save": the visible part of the diagram as a picture, and a link to the selected step.

import { byId, el } from "./dom.js";
import { canvasOf, shapesOf, svgOf } from "./saving.js";

/** Fills the menu. `diagram()` is the diagram to save, `link()` the address of the selected step. */
export function wireSaving({ diagram, link }) {
  byId("save-svg").addEventListener("click", () => {
    const { shapes, size } = seen(diagram());
    download(new Blob([svgOf(shapes, size)], { type: "image/svg+xml" }), "run.svg");
  });
  byId("save-png").addEventListener("click", () => {
    const { shapes, size } = seen(diagram());
    canvasOf(shapes, size).toBlob((blob) => download(blob, "run.png"), "image/png");
  });
  byId("save").addEventListener("toggle", () => { byId("link").value = link(); });
  byId("copy-link").addEventListener("click", () => copy(link()));
}

/** What is on screen of a diagram, and its size. */
export function seen(diagram) {
  const background = getComputedStyle(document.body).backgroundColor;
  return { shapes: shapesOf(diagram), size: { width: diagram.width, height: diagram.height, background } };
}

/** Copies the link; where the browser does not allow that, it is selected, to be copied by hand. */
async function copy(address) {
  const field = byId("link");
  field.value = address;
  try {
    await navigator.clipboard.writeText(address);
    byId("link-state").textContent = "copied";
  } catch {
    field.select();
    byId("link-state").textContent = "press Ctrl+C to copy it";
  }
}

function download(blob, name) {
  const address = URL.createObjectURL(blob);
  const anchor = el("a", { href: address, download: name });
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
