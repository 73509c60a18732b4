//! Arrows, and symbols for events of a node: distinguishable without colour.

use super::super::causality::{Journey, MessageOutcome};
use super::super::cut;
use super::super::epochs::unwrapped;
use super::Scene;
use super::paper::{Paper, n};
use super::rows::sentence;
use crate::trace::EventKind;

/// Prefixes of the names of rules that reject something.
const REFUSALS: [&str; 6] = ["Refuse", "Reject", "Deny", "Denied", "Stale", "Ignore"];

/// Draws a message: an arrow with its name at the head, which ends midway if the message is lost.
pub(super) fn arrow(scene: &Scene<'_>, journey: &Journey<'_>, paper: &mut Paper) {
    let (Some(x1), Some(x2)) = (scene.x(journey.from), scene.x(journey.to)) else { return };
    let (y1, lost) = (scene.y(journey.left), matches!(journey.fate, MessageOutcome::Lost(..)));
    let end = journey.fate.end().map(|end| scene.y(end));
    let colour = Scene::colour(scene.epochs.epoch_of(&journey.payload.body));
    let class = if lost || end.is_none() {
        "lost"
    } else if journey.copy {
        "copy"
    } else {
        ""
    };
    let y2 = end.unwrap_or(y1 + 18.0);
    if journey.from == journey.to {
        let path = format!("M{0} {1}C{2} {1} {2} {3} {4} {3}", n(x1), n(y1), n(x1 + 28.0), n(y2), n(x1 + 14.0));
        paper.stroke(&format!("a {class}{colour}"), &path);
        return head(paper, (x2 + 7.0, y2), (-1.0, 0.0), &colour);
    }
    let reach = if lost {
        0.72
    } else if end.is_none() {
        0.35
    } else {
        1.0
    };
    let tip = (x1 + (x2 - x1) * reach, if lost { y2 } else { y1 + (y2 - y1) * reach });
    let length = (tip.0 - x1).hypot(tip.1 - y1).max(1.0);
    let (dx, dy) = ((tip.0 - x1) / length, (tip.1 - y1) / length);
    let stop = if reach < 1.0 { 3.0 } else { 8.0 };
    let path = format!("M{} {}L{} {}", n(x1), n(y1), n(tip.0 - dx * stop), n(tip.1 - dy * stop));
    paper.stroke(&format!("a {class}{colour}"), &path);
    match journey.fate {
        MessageOutcome::Arrived(_) => head(paper, (tip.0 - dx * 4.0, tip.1 - dy * 4.0), (dx, dy), &colour),
        MessageOutcome::Lost(..) => paper.shape("cross", tip, "M-4-4L4 4M4-4L-4 4"),
        MessageOutcome::InFlight => {
            paper.shape(&format!("a{colour}"), tip, "M2.5 0A2.5 2.5 0 1 1-2.5 0A2.5 2.5 0 1 1 2.5 0")
        }
    }
    let rightward = x2 > x1;
    let room = ((x2 - x1).abs().max(scene.pitch) - 20.0) / 6.3;
    let side = if rightward { "n r" } else { "n" };
    let strike = if lost { " lost" } else { "" };
    let at = tip.0 + if rightward { -12.0 } else { 12.0 };
    if end.is_some() {
        paper.text(
            &format!("{side}{strike}{colour}"),
            (at, tip.1 + 11.5),
            &cut(unwrapped(&journey.payload.name, &journey.payload.body).0, room as usize),
        );
    }
}

fn head(paper: &mut Paper, (x, y): (f64, f64), (dx, dy): (f64, f64), colour: &str) {
    let (bx, by) = (x - dx * 8.0, y - dy * 8.0);
    let corners = [(x, y), (bx - dy * 3.6, by + dx * 3.6), (bx + dy * 3.6, by - dx * 3.6)];
    let path: Vec<String> = corners.iter().map(|(x, y)| format!("{} {}", n(*x), n(*y))).collect();
    paper.stroke(&format!("ah{colour}"), &format!("M{}Z", path.join("L")));
}

/// Draws the symbols of a row on its lanes, or a banner across all of them.
pub(super) fn befallen(scene: &Scene<'_>, row: usize, paper: &mut Paper) {
    let y = scene.rows.middle(row);
    let events = &scene.causality.document.events;
    let head = scene.rows.head(row);
    if across(scene, row, paper) {
        return;
    }
    for step in scene.rows.steps(row) {
        let event = &events[step];
        let Some(x) = event.lane.and_then(|lane| scene.x(lane)) else { continue };
        let at = (x, y);
        match &event.what {
            EventKind::Boot { .. } => {
                paper.shape("open", at, "M5 0A5 5 0 1 1-5 0A5 5 0 1 1 5 0M-1.5-2.5L2.5 0L-1.5 2.5Z")
            }
            EventKind::Crash { .. } => with_halo(paper, "fall", at, "M-5-5L5 5M5-5L-5 5"),
            EventKind::Pause | EventKind::Suspend => with_halo(paper, "stroke", at, "M-3-5V5M3-5V5"),
            EventKind::Resume => with_halo(paper, "dot", at, "M-3.5-5.5L5 0L-3.5 5.5Z"),
            EventKind::Drift { .. } | EventKind::Jump { .. } => {
                paper.shape("open", at, "M7 0A7 7 0 1 1-7 0A7 7 0 1 1 7 0M0-4.5V0L3 2")
            }
            EventKind::Fire { .. } => paper.shape("open", at, "M-4.5-6H4.5L-4.5 6H4.5Z"),
            EventKind::Request { .. } => paper.shape("dot", at, "M-4-4H4V4H-4Z"),
            EventKind::Drop { .. } => {}
            EventKind::Duplicate { .. } => {
                paper.shape("open", at, "M.5 0A3 3 0 1 1-5.5 0A3 3 0 1 1 .5 0M5.5 0A3 3 0 1 1-.5 0A3 3 0 1 1 5.5 0")
            }
            EventKind::Forge(_) => with_halo(paper, "fall", at, "M-6-4H6V0Q5 5 0 5Q-5 5-6 0ZM-4-1H-1M1-1H4"),
            _ => paper.shape("dot", at, "M2.6 0A2.6 2.6 0 1 1-2.6 0A2.6 2.6 0 1 1 2.6 0"),
        }
    }
    let Some(x) = events[head].lane.and_then(|lane| scene.x(lane)) else { return };
    let step = || {
        events
            .iter()
            .enumerate()
            .skip(head)
            .take_while(|(_, other)| other.at == events[head].at)
            .filter(|(at, _)| scene.causality.step[*at] == head)
    };
    if step().any(|(_, event)| matches!(event.what, EventKind::Fact(_))) {
        paper.shape("open", (x, y), "M0-6.5L6.5 0L0 6.5L-6.5 0Z");
    }
    let says_no = |rule: &str| REFUSALS.iter().any(|no| rule.starts_with(no)) || rule.ends_with("Refused");
    if step().any(|(_, event)| matches!(&event.what, EventKind::Rule { rule, .. } if says_no(rule))) {
        paper.shape("no", (x, y), "M6 0A6 6 0 1 1-6 0A6 6 0 1 1 6 0M-4.2 4.2L4.2-4.2");
    }
}

fn with_halo(paper: &mut Paper, class: &str, at: (f64, f64), path: &str) {
    paper.shape("halo", at, "M9 0A9 9 0 1 1-9 0A9 9 0 1 1 9 0");
    paper.shape(class, at, path);
}

/// Draws notes, invariant violations and network faults across the lanes.
fn across(scene: &Scene<'_>, row: usize, paper: &mut Paper) -> bool {
    let head = scene.rows.head(row);
    if let Some(lines) = scene.rows.note(row) {
        for (index, line) in lines.iter().enumerate() {
            paper.text("q", (scene.gutter + 4.0, scene.rows.top(row) + 21.0 + index as f64 * 20.0), line);
        }
        return true;
    }
    let class = match scene.causality.document.events[head].what {
        EventKind::Violation { .. } => "bannerx",
        EventKind::Partition { .. } | EventKind::Heal | EventKind::Link { .. } => "banner",
        _ => return false,
    };
    let (what, details) = sentence(scene.causality, head);
    let room = ((scene.width() - scene.gutter - 40.0) / 7.5) as usize;
    let text = cut(&super::super::line(&format!("{what} {details}")), room);
    let width = text.chars().count() as f64 * 7.4 + 22.0;
    let y = scene.rows.middle(row);
    paper.rect(class, (scene.gutter, y - 10.0), (width.min(scene.width() - scene.gutter - 16.0), 20.0), 6.0);
    paper.text(&format!("{class}t"), (scene.gutter + 10.0, y + 4.2), text.trim_end());
    true
}
