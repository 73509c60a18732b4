//! Variables of the specification that a Raft server's view shows.

use quorate_protocol::NodeId;

use super::{Translator, configuration, position};
use crate::trace::export::tla::TlaError;
use crate::trace::export::tla::text::Expr;
use crate::trace::{Event, EventKind, Object, Value};

impl Translator<'_> {
    /// Emits a step that compares the changed fields of a view with the specification; all fields
    /// after a boot.
    pub(super) fn seen(&mut self, event: &Event, at: NodeId) -> Result<(), TlaError> {
        let before = self.reading.view(at)["role"].clone();
        self.reading.follow(event);
        let view = self.reading.view(at).clone();
        let changed = match &event.what {
            EventKind::State { diff } => diff.as_object().cloned().unwrap_or_default(),
            _ => view.as_object().cloned().unwrap_or_default(),
        };
        let stood = |role: &Value| role == "Candidate" || role == "Leader";
        if matches!(event.what, EventKind::State { .. }) && stood(&before) && !stood(&view["role"]) {
            self.leads.remove(&at);
            self.push(event, "StepDown", at, vec![]);
        }
        let shown = self.shown(event, &view, &changed)?;
        if !shown.is_empty() {
            self.push(event, "Observe", at, shown);
        }
        Ok(())
    }

    fn shown(&mut self, event: &Event, view: &Value, changed: &Object) -> Result<Vec<(&'static str, Expr)>, TlaError> {
        let place = self.reading.at(event.id);
        let has = |field: &str| changed.contains_key(field);
        let mut shown = Vec::new();
        if has("term") {
            shown.push(("term", Expr::Number(place.number(view, "term")?)));
        }
        if has("vote") {
            let vote = if view["vote"].is_null() { 0 } else { place.node(view, "vote")? };
            shown.push(("vote", Expr::Number(vote)));
        }
        if has("role") {
            shown.push(("role", Expr::Text(role(place.text(view, "role")?))));
        }
        if has("commit") {
            shown.push(("commit", Expr::Number(place.number(view, "commit")?)));
        }
        if has("last") {
            shown.push(("last", position(place, &view["last"])?));
        }
        if has("log") {
            let window = view["log"].as_object().cloned().unwrap_or_default();
            let mut entries = Vec::new();
            for (index, entry) in &window {
                let index = index.parse().map_err(|_| place.unreadable("log"))?;
                entries.push((place.count(index)?, self.entry(event.id, entry)?));
            }
            shown.push(("log", Expr::Function(entries)));
        }
        if has("snapshot") && !view["snapshot"].is_null() {
            shown.push(("snapshot", position(place, &view["snapshot"])?));
        }
        if has("membership") {
            shown.push(("members", configuration(place, &view["membership"])?));
        }
        // The votes of a pre-candidate are not binding.
        if has("votes") && view["role"] == "Candidate" {
            shown.push(("votes", Expr::set(place.nodes(view, "votes")?)));
        }
        if has("followers") && view["role"] == "Leader" {
            let followers = view["followers"].as_object().cloned().unwrap_or_default();
            let known = followers.iter().map(|(name, follower)| {
                Ok((place.named(name, "followers")?, Expr::Number(place.number(follower, "matched")?)))
            });
            shown.push(("match", Expr::Function(known.collect::<Result<_, TlaError>>()?)));
        }
        Ok(shown)
    }
}

/// Role in the specification. A pre-candidate has not started an election yet.
fn role(name: &str) -> &'static str {
    match name {
        "Leader" => "leader",
        "Candidate" => "candidate",
        _ => "follower",
    }
}
