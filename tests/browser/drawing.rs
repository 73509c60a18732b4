//! Tests of the diagram: names of messages, arrows that can be clicked, the steps that filters
//! leave, the zoom, presentation mode, and exports of the page: pictures, links and paper.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use quorate::lab::trace::{Document, html};
use serde_json::json;

use crate::{info, page, tab, trace};

const NONE: Vec<String> = Vec::new();

/// Names that overlap another one, a note or a stop sign, or lie nearer to another arrow than to
/// their own.
const MISPLACED: &str = r"(() => {
  const wrong = [];
  const names = [...document.querySelectorAll('g.name')].map((name) => {
    const box = name.querySelector('.plate');
    const [x, y, w, h] = ['x', 'y', 'width', 'height'].map((side) => Number(box.getAttribute(side)));
    return { flight: name.dataset.flight, text: name.dataset.name, x, y, w, h };
  });
  const arrows = [...document.querySelectorAll('path.arrow[data-flight]')].map((arrow) => ({ flight: arrow.dataset.flight, line: arrow.getAttribute('d').slice(1).split(/[L ]/).map(Number) }));
  const distance = ([x1, y1, x2, y2], x, y) => {
    const [dx, dy] = [x2 - x1, y2 - y1];
    const along = Math.max(0, Math.min(1, ((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy || 1)));
    return Math.hypot(x - x1 - along * dx, y - y1 - along * dy);
  };
  const stage = document.querySelector('.stage').getBoundingClientRect();
  const taken = [...document.querySelectorAll('.banner, .glyph.held')].map((element) => {
    const { left, top, width, height } = element.getBoundingClientRect();
    return { text: element.textContent, x: left - stage.left, y: top - stage.top, w: width, h: height };
  });
  for (const name of names) {
    const [x, y] = [name.x + name.w / 2, name.y + name.h / 2];
    const own = arrows.find((arrow) => arrow.flight === name.flight);
    if (distance(own.line, x, y) > 1) wrong.push(`${name.text} is off its arrow`);
    if (names.some((other) => other !== name && other.x < name.x + name.w && name.x < other.x + other.w && other.y < name.y + name.h && name.y < other.y + other.h)) wrong.push(`${name.text} overlaps`);
    for (const other of taken) if (other.x < name.x + name.w && name.x < other.x + other.w && other.y < name.y + name.h && name.y < other.y + other.h) wrong.push(`${name.text} is covered by ${other.text || 'a stop sign'}`);
  }
  return [names.length, wrong];
})()";

#[test]
fn names_lie_on_their_own_arrows_and_on_no_other_name() {
    let Some((_browser, mut tab)) = tab() else { return };
    for scenario in ["figure-8", "two-proposers", "joint-change-under-partition", "raft-lease-failover"] {
        tab.show(&page(scenario), "");
        let mut names = 0;
        for place in 0..32 {
            tab.run(&format!("quorate.select(Math.floor(quorate.trace.count * {place} / 32))"));
            let found = tab.run(MISPLACED);
            names += found[0].as_u64().unwrap_or_default();
            assert_eq!(found[1], json!([]), "{scenario}, {place}/32");
        }
        assert!(names > 30, "{scenario} shows {names} names");
    }
    // The example of the issue: the answer's arrow has the answer's name.
    tab.show(&page("figure-8"), "#event=172");
    let flight = tab.run("quorate.trace.flight[quorate.page.index]");
    let name = tab.run(&format!("document.querySelector('g.name[data-flight=\"{flight}\"]')?.dataset.name"));
    assert_eq!(name, json!("VoteRefused"));
    let lost = tab.run("(quorate.select(110), [...document.querySelectorAll('g.name.lost text')].map((name) => getComputedStyle(name).textDecorationLine))");
    assert!(lost.as_array().is_some_and(|lost| !lost.is_empty() && lost.iter().all(|line| line == "none")), "{lost}");
    assert_eq!(tab.complaints(), NONE);
}

#[test]
fn a_click_on_an_arrow_selects_its_nearer_end() {
    let Some((_browser, mut tab)) = tab() else { return };
    tab.show(&page("figure-8"), "");
    tab.run("quorate.select(40)");
    let spot = tab.run(
        r"(() => {
  const box = document.querySelector('.stage').getBoundingClientRect();
  const { segments } = quorate.page.diagram;
  const distance = ([x1, y1, x2, y2], x, y) => {
    const [dx, dy] = [x2 - x1, y2 - y1];
    const along = Math.max(0, Math.min(1, ((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy || 1)));
    return Math.hypot(x - x1 - along * dx, y - y1 - along * dy);
  };
  for (const { flight, line: [x1, y1, x2, y2] } of segments) {
    const end = quorate.trace.flights.ended[flight];
    const [x, y] = [x1 + (x2 - x1) * 0.8, y1 + (y2 - y1) * 0.8];
    if (end >= 0 && quorate.trace.kindOf(end) === 'deliver' && y > 80 && y < box.height - 40
      && segments.every((other) => other.flight === flight || distance(other.line, x, y) > 8)) return { x: x + box.left, y: y + box.top, end };
  }
  return null;
})()",
    );
    tab.click_at(&json!([spot["x"], spot["y"]]));
    assert_eq!(json!(tab.place() - 1), spot["end"]);
    tab.hover_at(&json!([spot["x"], spot["y"]]));
    let title = tab.run("document.querySelector('.rows').title");
    assert!(title.as_str().is_some_and(|title| title.contains('→')), "{title}");
}

#[test]
fn up_down_and_page_keys_move_the_selection() {
    let Some((_browser, mut tab)) = tab() else { return };
    tab.show(&page("figure-8"), "");
    let row = "quorate.page.diagram.rows.of(quorate.page.index)";
    let first = tab.run(row).as_u64().expect("a row");
    tab.press("ArrowDown");
    assert_eq!(tab.run(row), json!(first + 1));
    tab.press("ArrowUp");
    assert_eq!(tab.run(row), json!(first));
    tab.press("PageDown");
    let page = tab.run(row).as_u64().expect("a row") - first;
    assert!((5..60).contains(&page), "{page} rows are a page");
    tab.press("PageUp");
    assert_eq!(tab.run(row), json!(first));
}

#[test]
fn the_legend_explains_every_sign() {
    let Some((_browser, mut tab)) = tab() else { return };
    // It can be seen from the start, by a button with a word, also on a telephone.
    for (width, height) in [(390, 844), (1280, 720)] {
        tab.window(width, height, width < 500);
        tab.show(&page("two-proposers"), "");
        let button = tab.run("(() => { const box = document.getElementById('keys').getBoundingClientRect(); return [document.getElementById('keys').textContent, box.width > 40 && box.right <= innerWidth && box.bottom <= innerHeight]; })()");
        assert_eq!(button, json!(["Legend", true]), "at {width} px");
        tab.click("#keys");
        assert_eq!(tab.run("document.getElementById('help').open"), json!(true));
        tab.press("Enter");
    }
    tab.press("?");
    let signs = tab.text("#help-signs");
    for sign in [
        "held something back",
        "refused",
        "something became true",
        "crashes",
        "lost",
        "invariant is broken",
        "pauses",
        "a client's time",
    ] {
        assert!(signs.contains(sign), "{sign} is not explained: {signs}");
    }
    assert!(tab.count("#help-signs svg") >= 20);
    tab.picture("legend");
}

#[test]
fn messages_of_hidden_steps_stay_in_place() {
    let Some((_browser, mut tab)) = tab() else { return };
    tab.show(&page("two-proposers"), "");
    tab.click("#search");
    tab.write("refuseaccept");
    tab.run("new Promise((done) => setTimeout(done, 150))");
    assert!(tab.count(".arrow.partial") > 0, "messages that lead out of the rows are faint");
    // Each end of an arrow is at its row, or between the rows around its time.
    let wrong = tab.run(
        r"(() => {
  const { rows, rowHeight } = quorate.page.diagram;
  const { sent, ended } = quorate.trace.flights;
  const place = (event) => rows.yOf(event, rowHeight);
  return sent.map((_, flight) => flight).filter((flight) => ended[flight] >= 0 && place(sent[flight]) > place(ended[flight]) + 0.1);
})()",
    );
    assert_eq!(wrong, json!([]));
    let between = tab.run("(() => { const { rows, rowHeight } = quorate.page.diagram; const hidden = [...Array(quorate.trace.count).keys()].find((i) => quorate.trace.step[i] === i && !rows.has(i) && i > rows.heads[0]); return [rows.yOf(hidden, rowHeight), rows.top[rows.heads.filter((head) => head < hidden).length]]; })()");
    assert_eq!(between[0], between[1], "a hidden step is at the boundary of two rows");
    assert_eq!(tab.complaints(), NONE);
}

#[test]
fn zoom_and_presentation_enlarge_letters() {
    let Some((_browser, mut tab)) = tab() else { return };
    tab.window(1280, 720, false);
    tab.show(&html::page_with(&trace("figure-8"), &info("figure-8")).expect("names differ"), "");
    tab.run("quorate.select(102)");
    let size = "[parseFloat(getComputedStyle(document.querySelector('.time')).fontSize), Number(document.querySelector('g.name text').getAttribute('font-size'))]";
    let before = tab.run(size);
    tab.press("+");
    tab.press("+");
    let after = tab.run(size);
    for which in 0..2 {
        assert!(after[which].as_f64() > before[which].as_f64().map(|size| size * 1.3), "{before} becomes {after}");
    }
    tab.press("-");
    tab.press("-");
    tab.press("p");
    assert!(tab.text("#caption").contains("HoldEarlierTerm"));
    let caption = tab.run("parseFloat(getComputedStyle(document.getElementById('caption')).fontSize)");
    assert!(caption.as_f64() >= Some(20.0), "{caption}");
    let fits = tab.run("document.documentElement.scrollWidth <= innerWidth && document.body.scrollHeight <= innerHeight && document.querySelector('.logtable').getBoundingClientRect().bottom <= innerHeight");
    assert_eq!(fits, json!(true));
    tab.picture("figure-8-presentation");
    tab.press("Escape");
    assert_eq!(tab.run("document.body.classList.contains('presenting')"), json!(false));
    assert_eq!(tab.complaints(), NONE);
}

#[test]
fn what_is_seen_is_saved_as_svg_and_png() {
    let Some((_browser, mut tab)) = tab() else { return };
    tab.show(&page("figure-8"), "");
    tab.run("quorate.select(102), new Promise((done) => requestAnimationFrame(done)).then(() => 1)");
    let picture = tab.run("quorate.picture()");
    let svg = picture["svg"].as_str().expect("a text");
    for shown in ["<svg", "S1", "HoldEarlierTerm", "Append", "<path"] {
        assert!(svg.contains(shown), "the picture has no {shown}");
    }
    let png = picture["png"].as_str().and_then(|url| url.strip_prefix("data:image/png;base64,")).expect("a PNG");
    let png = STANDARD.decode(png).expect("it is base64");
    assert!(png.len() > 20_000, "{} bytes of a picture", png.len());
    if let Some(folder) = std::env::var_os("SCREENSHOTS") {
        std::fs::create_dir_all(&folder).expect("the folder can be made");
        std::fs::write(std::path::Path::new(&folder).join("saved.png"), &png).expect("there is room for a picture");
        std::fs::write(std::path::Path::new(&folder).join("saved.svg"), svg).expect("there is room for a picture");
    }
    tab.run("document.getElementById('save').open = true, new Promise((done) => setTimeout(done, 50))");
    let link = tab.run("document.getElementById('link').value");
    assert!(link.as_str().is_some_and(|link| link.ends_with("#event=103")), "{link}");
    tab.click("#save-svg");
    assert_eq!(tab.complaints(), NONE);
}

#[test]
fn the_whole_run_is_printed_in_pages() {
    let Some((_browser, mut tab)) = tab() else { return };
    tab.window(1280, 720, false);
    tab.show(&html::page_with(&trace("figure-8"), &info("figure-8")).expect("names differ"), "");
    tab.run("dispatchEvent(new Event('beforeprint'))");
    assert_eq!(
        tab.run("document.querySelectorAll('#printed .row').length"),
        tab.run("quorate.page.diagram.rows.count"),
        "every row is on paper"
    );
    assert!(tab.text("#printed").contains("The paper's figure."));
    tab.run("dispatchEvent(new Event('afterprint'))");
    assert_eq!(tab.count("#printed"), 0);
    let pdf = tab.print();
    let pages = pdf.windows(11).filter(|bytes| bytes == b"/Type /Page").count();
    assert!((3..20).contains(&pages), "{pages} pages");
    if let Some(folder) = std::env::var_os("SCREENSHOTS") {
        std::fs::write(std::path::Path::new(&folder).join("printed.pdf"), &pdf).expect("there is room for a file");
    }
    assert_eq!(tab.complaints(), NONE);
}

#[test]
fn characters_that_reorder_text_are_shown_as_numbers() {
    let Some((_browser, mut tab)) = tab() else { return };
    let evil = "a\u{202e}b\u{2066}c";
    let lines = [
        json!({"quorate_trace": 1, "protocol": evil, "title": evil, "nodes": [evil, "B"], "rules": {evil: {"cite": evil, "says": evil}}}),
        json!({"id": 1, "at": 0, "kind": "boot", "node": evil, "incarnation": 1, "state": {"role": evil, "term": 1, evil: evil}}),
        json!({"id": 2, "at": 0, "kind": "send", "node": evil, "msg": 1, "to": "B", "name": evil, "body": {evil: evil}}),
        json!({"id": 3, "at": 1, "kind": "deliver", "node": "B", "cause": 2, "msg": 1, "from": evil}),
        json!({"id": 4, "at": 1, "kind": "rule", "node": "B", "cause": 3, "rule": evil, "why": evil}),
        json!({"id": 5, "at": 1, "kind": "fact", "node": "B", "cause": 3, "name": evil, "body": evil}),
        json!({"id": 6, "at": 2, "kind": "violation", "invariant": evil, "detail": evil}),
        json!({"id": 7, "at": 2, "kind": "note", "text": evil}),
    ];
    let file: Vec<String> = lines.iter().map(ToString::to_string).collect();
    let document = Document::read_jsonl(file.join("\n").as_bytes()).expect("it conforms");
    tab.show(&html::page(&document).expect("names differ"), "");
    for place in 0..7 {
        tab.run(&format!("quorate.select({place})"));
        let raw = tab.run("/[\\u202a-\\u202e\\u2066-\\u2069]/.test(document.body.textContent + [...document.querySelectorAll('[title], [aria-label]')].map((element) => element.title + element.ariaLabel).join(''))");
        assert_eq!(raw, json!(false), "after event {}", place + 1);
    }
    assert!(tab.text("#title").contains("a\\u{202e}b"));
}
