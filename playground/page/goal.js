// The goal of an exercise: what is to break, how many of the commands are used, and the page of the exercise. A schedule
// that reaches the goal is sent to the server, which judges it and saves it as the answer.

import { byId, el } from "./dom.js";
import { markdown } from "./markdown.js";
import { LANGUAGE, t } from "./texts.js";

/** The place in the browser's storage that says which exercise's page was opened by itself already. */
const SEEN = "quorate.goal";

export class Goal {
  /** `goal` is as the server says it; `transport` leads there. */
  constructor(goal, transport) {
    Object.assign(this, { goal, transport, sent: undefined });
    this.count = el("span", { id: "goal-count" });
    this.verdict = el("p", { id: "goal-verdict", role: "status", "aria-live": "polite", hidden: true });
    this.dialog = el("dialog", { id: "task", "aria-label": t("task") },
      el("form", { method: "dialog" }, el("button", { autofocus: true }, t("close"))), el("div", { class: "task" }, ...markdown(goal.text[LANGUAGE] ?? goal.text.en)));
    byId("message").before(el("section", { id: "goal", "aria-label": t("goal") },
      el("p", {}, el("b", {}, t("goalIs", { invariant: goal.invariant })), " ", this.count, " ", el("button", { type: "button", id: "show-task", onclick: () => this.dialog.showModal() }, t("task"))),
      this.verdict));
    document.body.append(this.dialog);
    document.body.classList.add("hasgoal");
  }

  /** Opens the page of the exercise when it is begun. */
  begin() {
    if (sessionStorage.getItem(SEEN) === this.goal.exercise) return;
    sessionStorage.setItem(SEEN, this.goal.exercise);
    this.dialog.showModal();
  }

  /** Whether a saved session attacks this system. */
  fits(saved) {
    return saved?.branches?.every(({ lines }) => lines[0]?.text.trim() === this.goal.cluster) ?? false;
  }

  /** Shows how far a session is, and has its schedule saved when it reaches the goal. */
  async look(session) {
    const { state } = session;
    const used = state.commands.slice(1, state.at).filter(({ line }) => !this.goal.free.includes(nameOf(line))).length + (state.steps === null ? 0 : 1);
    const most = this.goal.commands_max;
    this.count.textContent = t("goalCount", { used, most });
    this.count.classList.toggle("over", used > most);
    if (state.violation === null) return this.say("", "");
    const script = JSON.stringify(state.commands.slice(0, state.at));
    if (script === this.sent) return undefined;
    this.sent = script;
    const { response } = await session.ask({ do: "save" });
    return response.ok ? this.send(response.text, session) : undefined;
  }

  async send(schedule) {
    try {
      const judged = await this.transport.post("answer", schedule);
      const { invariant, commands_max: most, exercise, file } = this.goal;
      if (judged.ok) this.say(t("goalReached", { file, exercise }), "reached");
      else this.say(this.missed(judged, invariant, most), "missed");
    } catch {
      // The next schedule that breaks something is sent again.
      this.sent = undefined;
      this.say(t("goalUnsent"), "missed");
    }
  }

  missed({ why, says, count, invariant: broken }, invariant, most) {
    switch (why) {
      case "budget": return t("goalBudget", { count, most });
      case "other": return t("goalOther", { broken, invariant });
      case "by-the-book": return t("goalBook", { broken });
      case "opening": return t("goalOpening");
      case "file": return t("goalFile", { file: this.goal.file, says });
      default: return t("goalNot", { says: says ?? "" });
    }
  }

  say(text, kind) {
    this.verdict.hidden = text === "";
    this.verdict.textContent = text;
    this.verdict.className = kind;
  }
}

/** The name of a line's command. */
function nameOf(line) {
  return line.replace(/^[(!\s]+/, "").split(/[\s)]/)[0];
}
