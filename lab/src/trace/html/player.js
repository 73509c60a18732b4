// Automatic play: it goes on at the chosen speed until it is stopped or nothing more comes, and says how fast it plays.

import { byId } from "./dom.js";

/** Milliseconds between two steps at speed 1. */
const TICK = 700;

export class Player {
  /** `goOn()` goes to the next thing, and returns whether there is one. */
  constructor(goOn) {
    this.goOn = goOn;
    this.timer = undefined;
    byId("speed").addEventListener("change", () => this.showPace());
    byId("unit").addEventListener("change", () => this.showPace());
  }

  get isPlaying() {
    return this.timer !== undefined;
  }

  /** Milliseconds between two steps. */
  get pause() {
    return TICK / Number(byId("speed").value);
  }

  /** Plays from here on, or stops. */
  play(on) {
    clearTimeout(this.timer);
    const tick = () => {
      if (this.goOn()) this.timer = setTimeout(tick, this.pause);
      else this.play(false);
    };
    this.timer = on ? setTimeout(tick, 0) : undefined;
    byId("play").textContent = on ? "❚❚" : "▶";
    byId("play").setAttribute("aria-label", on ? "Stop" : "Play");
    this.showPace();
  }

  /** Plays faster or slower, by so many of the speeds that there are. */
  change(by) {
    const speed = byId("speed");
    speed.selectedIndex = Math.max(0, Math.min(speed.options.length - 1, speed.selectedIndex + by));
    this.showPace();
  }

  /** Says how fast it plays, while it does: the select alone is no answer in a lecture hall. */
  showPace() {
    const [speed] = byId("speed").selectedOptions;
    byId("pace").textContent = this.isPlaying ? `plays ${speed.text}: ${this.pause / 1000} s a ${byId("unit").value}` : "";
  }
}
