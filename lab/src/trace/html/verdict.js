// The verdict of a run, at the top of the page: which invariant broke, which expectation was not met, under which bug.

import { byId, cut, visible } from "./dom.js";

/** What a page says of its runs: `broken` is whether something went wrong. */
export function verdictOf(traces, infos) {
  const first = traces.find((trace) => trace.violations.length > 0);
  const bug = infos.map((info) => info.bug).find(Boolean);
  const failure = infos.map((info) => info.failure).find(Boolean);
  const under = bug ? ` under the bug ${visible(bug)}` : "";
  if (first !== undefined) {
    const invariant = visible(String(first.event(first.violations[0]).invariant));
    return { broken: true, text: `▲ ${invariant} broke${under}`, title: failure ? visible(failure) : "Go to the step in which it broke (v)", goes: true };
  }
  if (failure) return { broken: true, text: `▲ this run failed${under}`, title: visible(failure), goes: false };
  const title = "The trace reports no violation of an invariant";
  return { broken: false, text: bug ? `no invariant broke${under}` : "✓ no invariant broke", title, goes: false };
}

/** Shows the verdict, and the message of a failed run in full. */
export function showVerdict(traces, infos) {
  const { broken, text, title, goes } = verdictOf(traces, infos);
  const verdict = byId("verdict");
  verdict.classList.toggle("broken", broken);
  verdict.textContent = cut(text, 120);
  verdict.title = title;
  verdict.disabled = !goes;
  const failure = infos.map((info) => info.failure).find(Boolean);
  byId("failure").hidden = !failure;
  byId("failure").textContent = failure ? `This run failed: ${visible(failure)}` : "";
}
