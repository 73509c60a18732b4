//! Speed of the page, by the server or the session as WebAssembly: from a click to what is drawn,
//! and pictures a second while messages move. The figures are reported
//! (`tests/tools/playground-speed`); on a busy machine a test can only detect a slowdown by an
//! order of magnitude.

use std::io::Write;

use quorate_browsers::Tab;

/// Prints a measurement on stderr, which is shown for passing tests too.
fn report(text: &str) {
    writeln!(std::io::stderr(), "{text}").expect("standard error can be written to");
}

/// Milliseconds from a request to the picture after it, in ascending order: `[median, 99 %]`.
const CLICKS: &str = r"(async () => {
  const times = [];
  while (quorate.session.trace.count < 1900) {
    const begun = performance.now();
    await quorate.page.perform('run 20ms');
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    times.push(performance.now() - begun);
  }
  times.sort((a, b) => a - b);
  return [times[times.length >> 1], times[Math.floor(times.length * 0.99)], times.length];
})()";

/// Reports how soon clicks are drawn in a session that grows to 2,000 events.
pub fn clicks(tab: &mut Tab, session: &str) {
    let figures = tab.run(CLICKS);
    report(&format!("{session}, up to 2,000 events: [median, 99 %, clicks] from click to picture: {figures} ms"));
    assert!(figures[0].as_f64() < Some(1_000.0), "{figures}");
}

/// Milliseconds between two pictures while messages move: `[median, 95 %, messages under way]`.
const PICTURES: &str = r"(async () => {
  const gaps = [];
  let last = performance.now();
  let on = true;
  const watch = (now) => { gaps.push(now - last); last = now; if (on) requestAnimationFrame(watch); };
  const played = quorate.page.perform('run 40ms');
  await played;
  const messages = document.querySelectorAll('.parcel').length;
  requestAnimationFrame((now) => { last = now; requestAnimationFrame(watch); });
  while (!quorate.page.isIdle) await new Promise((done) => setTimeout(done, 20));
  on = false;
  gaps.sort((a, b) => a - b);
  return [gaps[gaps.length >> 1], gaps[Math.floor(gaps.length * 0.95)], messages];
})()";

/// Cluster of which two hundred messages are under way once it has a leader.
pub const BUSY: &str = "raft nodes=7 heartbeat=10ms latency=200ms election=2s..3s";

/// Reports how often a busy cluster is drawn while its messages move.
pub fn pictures(tab: &mut Tab, session: &str) {
    tab.media("light", false);
    let figures = tab.run(PICTURES);
    report(&format!("{session}, 7 nodes: [median, 95 %] between two pictures in ms, messages under way: {figures}"));
    assert!(figures[2].as_u64() >= Some(150), "{figures}");
    assert!(figures[0].as_f64() < Some(500.0), "{figures}");
}
