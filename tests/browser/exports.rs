//! Browser tests of the exports: SVG is well-formed and renders, and ShiViz's regular expression
//! works in JavaScript.

use quorate::catalogue;
use quorate::lab::trace::export::{SHIVIZ_REGEX, shiviz, svg};
use serde_json::json;

use crate::{tab, trace};

#[test]
fn every_scenarios_picture_is_well_formed_and_stays_within_its_frame() {
    let Some((_browser, mut tab)) = tab() else { return };
    for scenario in catalogue::all() {
        let picture = svg(&trace(scenario.name())).expect("scenarios are small");
        let outside = tab.run(&format!(
            "(() => {{ const parsed = new DOMParser().parseFromString({}, 'image/svg+xml');
              if (parsed.querySelector('parsererror')) return parsed.documentElement.textContent;
              const drawn = document.importNode(parsed.documentElement, true);
              document.body.replaceChildren(drawn);
              const [width, height] = [drawn.viewBox.baseVal.width, drawn.viewBox.baseVal.height];
              return [...drawn.querySelectorAll('text')].filter((text) => {{
                const box = text.getBoundingClientRect(); const frame = drawn.getBoundingClientRect();
                return box.right > frame.left + width + 1 || box.bottom > frame.top + height + 1 || box.left < frame.left - 1;
              }}).map((text) => text.textContent); }})()",
            json!(picture)
        ));
        assert_eq!(outside, json!([]), "{} has text outside its frame", scenario.name());
    }
}

#[test]
fn shiviz_logs_parse_with_their_expression_and_count_every_lanes_events_from_one() {
    let Some((_browser, mut tab)) = tab() else { return };
    for scenario in catalogue::all() {
        let log = shiviz(&trace(scenario.name())).expect("scenarios are small");
        let checked = tab.run(&format!(
            "(() => {{ const log = {}.trim(); const own = {{}}; let events = 0;
              for (const found of log.matchAll(new RegExp({}, 'gm'))) {{
                const clock = JSON.parse(found.groups.clock); const host = found.groups.host;
                own[host] = (own[host] ?? 0) + 1;
                if (clock[host] !== own[host]) return `${{host}} counts ${{clock[host]}}, not ${{own[host]}}`;
                for (const other in clock) if (other !== host && !(clock[other] <= (own[other] ?? 0))) return `${{host}} knows the future of ${{other}}`;
                events += 1;
              }}
              return events * 2 === log.split('\\n').length ? events : 'lines are left over'; }})()",
            json!(log),
            json!(SHIVIZ_REGEX)
        ));
        assert!(checked.as_u64().is_some_and(|events| events > 3), "{}: {checked}", scenario.name());
    }
}
