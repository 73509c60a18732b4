// What leaves the session and comes back: files of scenarios, and links.

import { byId } from "./dom.js";
import { LINK_MAX, download, linkOf, upload } from "./sharing.js";
import { LANGUAGE, t } from "./texts.js";

export class Exchange {
  constructor(page) {
    this.page = page;
  }

  /** Saves the branch up to here as a scenario file. */
  async save() {
    const response = await this.page.ask({ do: "save" });
    if (response) download(response.text, "session.scenario");
  }

  /** Opens a scenario file. */
  async open() {
    try {
      const text = await upload();
      if (text !== undefined) await this.page.ask({ do: "open", text, at: "start" });
    } catch (error) {
      this.page.say(error instanceof RangeError ? t("fileTooLarge", { name: error.message }) : t("fault", { says: String(error.message) }), true);
    }
  }

  /** Copies a link that holds the session, unless it is too long for one. */
  async share() {
    const response = await this.page.ask({ do: "export" });
    if (!response) return;
    const link = location.href.split("#")[0] + (await linkOf(response.saved));
    const field = byId("link");
    field.hidden = link.length > LINK_MAX;
    field.value = field.hidden ? "" : link;
    byId("link-state").textContent = "";
    if (field.hidden) this.page.say(t("linkTooLong", { size: link.length.toLocaleString(LANGUAGE), most: LINK_MAX.toLocaleString(LANGUAGE) }), true);
    else byId("link-state").textContent = t((await copied(field)) ? "copied" : "copyByHand");
  }
}

/** Copies a field; where the browser does not allow that, it is selected, to be copied by hand. */
async function copied(field) {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    field.select();
    return false;
  }
}
