//! Tests of the page's appearance: windows of several sizes, light and dark, two languages, and
//! accessibility as axe-core judges it (`tests/tools/accessibility`).

use std::fs;
use std::io::Write;

use serde_json::json;

use crate::page::Page;

/// Controls that stick out of the window and of everything that scrolls.
const OUTSIDE: &str = r"(() => {
  const scrolls = (element) => { for (let at = element; at; at = at.parentElement) if (at.matches('.scroller, .panel, #caption, #cluster svg, pre')) return true; return false; };
  const wide = document.documentElement.scrollWidth > innerWidth || document.body.scrollHeight > innerHeight;
  const outside = [...document.querySelectorAll('#top *, #main *, #transport *')].filter((element) => {
    const box = element.getBoundingClientRect();
    return box.width > 0 && !element.parentElement.closest('details:not([open])') && (box.right > innerWidth + 1 || box.left < -1 || box.bottom > innerHeight + 1) && !scrolls(element);
  });
  return [...(wide ? ['the body'] : []), ...outside.slice(0, 3).map((element) => `${element.tagName}#${element.id}.${element.className}`)];
})()";

/// Texts of the cluster view that stick out of it.
const CLIPPED: &str = r"(() => { const host = document.querySelector('#cluster').getBoundingClientRect(); return [...document.querySelectorAll('#cluster text')].filter((text) => { const box = text.getBoundingClientRect(); return box.width > 0 && (box.left < host.left - 1 || box.right > host.right + 1 || box.top < host.top - 1 || box.bottom > host.bottom + 1); }).map((text) => text.textContent); })()";

/// The views to look at: clicks that lead there.
const VIEWS: [&str; 5] = [
    "document.querySelector('.disc').dispatchEvent(new MouseEvent('click', { bubbles: true }))",
    "quorate.page.panels.show('script')",
    "quorate.page.panels.show('tree'), quorate.page.panels.show('nodes')",
    "quorate.page.panels.show('requests'), quorate.page.panels.show('invariants')",
    "quorate.page.panels.show('next'), document.getElementById('break').open = true",
];

#[test]
fn it_fits_a_desk_and_a_phone_by_day_and_by_night_in_both_languages() {
    let Some(mut page) = Page::open() else { return };
    for (width, height) in [(1280, 720), (1000, 700), (390, 844)] {
        for (scheme, language) in [("light", "en"), ("dark", "zh")] {
            page.tab.window(width, height, width < 500);
            page.tab.media(scheme, true);
            page.tab.visit(&page.server.site(), &format!("?lang={language}"));
            page.idle();
            for (at, view) in VIEWS.iter().enumerate() {
                page.tab.run(&format!("{view}, 1"));
                let place = format!("{width} px, {language}, view {at}");
                assert_eq!(page.tab.run(OUTSIDE), json!([]), "{place}");
                assert_eq!(page.tab.run(CLIPPED), json!([]), "{place}");
                page.tab.picture(&format!("playground-{width}-{scheme}-{at}"));
            }
            assert_eq!(page.tab.count("html[lang^=zh]"), u64::from(language == "zh"));
        }
    }
    page.is_content();
}

/// Names of messages that lie on a node, even in part.
const COVERED: &str = r"(() => {
  const discs = [...document.querySelectorAll('.disc .body')].map((disc) => disc.getBoundingClientRect());
  const lies = (box) => discs.some((disc) => {
    const [x, y, r] = [disc.left + disc.width / 2, disc.top + disc.height / 2, disc.width / 2];
    return Math.hypot(Math.max(box.left - x, x - box.right, 0), Math.max(box.top - y, y - box.bottom, 0)) < r - 2;
  });
  return [...document.querySelectorAll('.parcel text')].filter((text) => lies(text.getBoundingClientRect())).map((text) => text.textContent);
})()";

#[test]
fn the_name_of_a_message_is_read_until_it_arrives() {
    let Some(mut page) = Page::open() else { return };
    for (width, height) in [(1280, 720), (390, 844)] {
        page.tab.window(width, height, width < 500);
        page.tab.run("quorate.page.ask({ do: 'open', cluster: 'pbft replicas=4 proxies=P liars=n3:silent' }), 1");
        page.idle();
        page.command("add P 5");
        for (at, line) in ["run 50us", "run 900us", "run 1ms", "run 1ms"].into_iter().enumerate() {
            page.command(line);
            assert!(page.tab.count(".parcel text") > 0, "{line} at {at} of {width} px");
            page.tab.picture(&format!("playground-names-{width}-{at}"));
            assert_eq!(page.tab.run(COVERED), json!([]), "{line} at {at} of {width} px");
        }
    }
    page.is_content();
}

#[test]
fn events_are_told_in_chinese_on_the_chinese_page() {
    let Some(mut page) = Page::open() else { return };
    page.tab.visit(&page.server.site(), "?lang=zh");
    page.idle();
    page.command("crash n1");
    let told = page.tab.run("[...document.querySelectorAll('#lanes .sr, .row .sr')].map((row) => row.textContent)");
    let told: Vec<String> = serde_json::from_value(told).expect("rows have sentences");
    for word in ["启动", "定时器", "崩溃"] {
        assert!(told.iter().any(|sentence| sentence.contains(word)), "{word}: {told:#?}");
    }
    assert!(!told.iter().any(|sentence| sentence.contains(" fires") || sentence.contains("crashes")), "{told:#?}");
    page.is_content();
}

#[test]
fn presentation_mode_and_legend_fit_too() {
    let Some(mut page) = Page::with(&["figure-8"], true, "") else { return };
    page.tab.window(1280, 720, false);
    page.click("#play-all");
    page.press("p");
    assert_eq!(page.tab.run(OUTSIDE), json!([]));
    page.tab.picture("playground-presentation");
    page.press("p");
    page.press("?");
    assert!(page.tab.count("#help[open] kbd") > 10);
    page.tab.picture("playground-legend");
    page.is_content();
}

#[test]
fn every_protocol_opens_with_its_nodes_in_sight() {
    let Some(mut page) = Page::open() else { return };
    page.tab.window(1280, 720, false);
    let count = page.tab.run("quorate.page.catalogue.protocols.length").as_u64().expect("a number");
    assert!(count >= 15);
    for at in 0..count {
        page.tab.run("document.activeElement?.blur()");
        page.press("g");
        let protocol = page
            .tab
            .run(&format!("quorate.page.catalogue.protocols[{at}].name"))
            .as_str()
            .unwrap_or_default()
            .to_owned();
        page.click(&format!("#opening [data-protocol='{protocol}']"));
        assert_eq!(page.message(), "", "{protocol}");
        page.command("run 1s");
        assert!(page.tab.count(".member") > 0, "{protocol}");
        assert_eq!(page.tab.run(CLIPPED), json!([]), "{protocol}");
        page.tab.run("quorate.page.panels.show('tables'), 1");
        assert!(page.tab.count("#tables .statetable tbody tr, #tables > p.quiet") > 0, "{protocol}");
        page.tab.picture(&format!("playground-{protocol}"));
    }
    page.is_content();
}

#[test]
fn targets_have_at_least_24_pixels() {
    let Some(mut page) = Page::open() else { return };
    for (width, height) in [(1280, 720), (390, 844)] {
        page.tab.window(width, height, width < 500);
        for view in VIEWS {
            page.tab.run(&format!("{view}, 1"));
            let small = page.tab.run("[...document.querySelectorAll('button, summary, select, input')].filter((element) => { const box = element.getBoundingClientRect(); return box.width > 0 && (box.height < 24 || box.width < 24); }).map((element) => element.outerHTML.slice(0, 120))");
            assert_eq!(small, json!([]), "at {width} px, {view}");
        }
    }
}

#[test]
fn axe_core_finds_nothing() {
    let Some(path) = std::env::var_os("AXE_CORE") else {
        let skipped = "skipped axe_core_finds_nothing: tests/tools/accessibility runs it\n";
        std::io::stderr().write_all(skipped.as_bytes()).expect("standard error can be written to");
        return;
    };
    let Some(mut page) = Page::open() else { return };
    let axe = fs::read_to_string(path).expect("axe-core is readable");
    let mut findings = Vec::new();
    for (width, scheme) in [(1280, "light"), (1280, "dark"), (390, "light")] {
        page.tab.window(width, 800, width < 500);
        page.tab.media(scheme, true);
        page.tab.visit(&page.server.site(), "");
        page.idle();
        // Evaluated by the debugger, which the page's policy does not concern.
        page.tab.run(&format!("{axe}; 1"));
        for view in VIEWS.iter().chain(&[
            "quorate.page.opening()",
            "document.getElementById('opening').close(), document.getElementById('help').showModal()",
        ]) {
            page.tab.run(&format!("{view}, 1"));
            let found = page.tab.run("axe.run(document, { resultTypes: ['violations'] }).then((result) => result.violations.map((violation) => [violation.id, violation.nodes.length, violation.nodes[0].html.slice(0, 160), violation.nodes[0].any[0]?.message ?? '']))");
            if found != json!([]) {
                findings.push(format!("{width} px, {scheme}, {view}: {found}"));
            }
        }
    }
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}
