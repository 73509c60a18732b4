//! Options for showing a trace on the terminal: the view, the details, and the part of it.

use clap::{Args, ValueEnum};
use quorate::lab::env::duration;
use quorate::lab::script::shown;
use quorate::lab::trace::render::Options;
use quorate::lab::trace::{Document, Event, EventKind, Header, nearest};
use quorate::protocol::{Duration, Time};

use super::failure::Failure;

/// How a trace is to be shown.
#[derive(Args, Clone, Debug)]
pub(crate) struct Showing {
    /// How to show the trace
    #[arg(long, value_enum, default_value_t = View::Lanes)]
    pub(crate) view: View,
    /// Show the reasons: each rule with its citation and the values that it was applied to, and
    /// each durable write; with names, as in --why=n1,GrantVote, only those of these nodes, and of
    /// these rules
    #[arg(long, value_name = "NAMES", num_args = 0..=1, require_equals = true)]
    why: Option<Option<String>>,
    /// Show how the state of the nodes changes, such as their roles and logs
    #[arg(long)]
    state: bool,
    /// Show every heartbeat; without it, those that change nothing are folded into a line such as
    /// "14 heartbeats of n1" (`live` folds none)
    #[arg(long)]
    all: bool,
    /// Show only what happens from this time on, such as 1.2s
    #[arg(long, value_name = "TIME", value_parser = duration)]
    from: Option<Duration>,
    /// Show only what happens up to this time, such as 3s
    #[arg(long, value_name = "TIME", value_parser = duration)]
    to: Option<Duration>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum View {
    /// A column for each node and client, with messages as arrows between them
    Lanes,
    /// One line per event
    Log,
}

impl Showing {
    /// Every event, with its reasons.
    pub(crate) fn reasons(view: View) -> Self {
        Showing { view, why: Some(None), state: false, all: true, from: None, to: None }
    }

    /// The run without its reasons and without heartbeats that change nothing.
    pub(crate) fn brief(view: View) -> Self {
        Showing { why: None, all: false, ..Showing::reasons(view) }
    }

    /// The same, with all reasons unless only some are requested.
    pub(crate) fn with_reasons(&self) -> Self {
        Showing { why: Some(self.why.clone().flatten()), ..self.clone() }
    }

    /// Options for rendering a trace with that header and these events.
    ///
    /// # Errors
    /// `--why` names what is neither a node nor a rule of the trace, or `--from` is after `--to`.
    pub(crate) fn options(&self, header: &Header, events: &[Event]) -> Result<Options, Failure> {
        let Showing { view: _, why, state, all, from, to } = self;
        if let (Some(from), Some(to)) = (from, to)
            && from > to
        {
            return Err(Failure::unusable(format_args!("--from {from:?} is after --to {to:?}")));
        }
        let reasons_of: Vec<String> = match why.iter().flatten().next() {
            Some(names) => names.split(',').map(str::to_owned).collect(),
            None => Vec::new(),
        };
        for name in &reasons_of {
            known(name, header, events)?;
        }
        Ok(Options {
            why: why.is_some(),
            reasons_of,
            state: *state,
            fold: !all,
            from: from.map(|from| Time::ZERO + from),
            to: to.map(|to| Time::ZERO + to),
            ..Options::default()
        })
    }

    /// Refuses options that do not suit a trace, before anything of it is written or printed.
    ///
    /// # Errors
    /// As [`options`](Self::options).
    pub(crate) fn suit(&self, document: &Document) -> Result<(), Failure> {
        self.options(&document.header, &document.events).map(drop)
    }
}

/// Refuses a name that is neither a node nor a rule of the trace.
fn known(name: &str, header: &Header, events: &[Event]) -> Result<(), Failure> {
    let lanes = header.nodes.iter().chain(&header.clients).map(String::as_str);
    let rules = header.rules.iter().map(|rule| rule.id.as_str());
    // A foreign trace may cite rules that its header does not explain.
    let cited = events.iter().filter_map(|event| match &event.what {
        EventKind::Rule { rule, .. } => Some(rule.as_str()),
        _ => None,
    });
    let mut names = lanes.chain(rules);
    if names.clone().chain(cited).any(|known| known == name) {
        return Ok(());
    }
    let name_shown = shown(name);
    let advice = match nearest(name, names.by_ref()) {
        Some(near) => format!("did you mean '{}'?", shown(near)),
        None => format!("its nodes are {}; --why alone shows all its rules", shown(&header.nodes.join(", "))),
    };
    Err(Failure::unusable(format_args!("--why: there is no node or rule '{name_shown}' in this trace; {advice}")))
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use quorate::lab::trace::Citation;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        showing: Showing,
        rest: Option<String>,
    }

    fn header() -> Header {
        let rule = Citation { id: "PromiseHigher".to_owned(), cite: String::new(), says: String::new() };
        Header { nodes: vec!["n1".to_owned(), "n2".to_owned()], rules: vec![rule], ..Header::default() }
    }

    fn options(arguments: &[&str]) -> Result<Options, Failure> {
        let line = Line::parse_from([&["line"], arguments].concat());
        line.showing.options(&header(), &[])
    }

    #[test]
    fn names_after_why_are_nodes_and_rules_and_need_an_equals_sign() {
        let none = options(&[]).unwrap();
        assert!(!none.why && none.fold && !none.state);
        let line = Line::parse_from(["line", "--why", "figure-8"]);
        assert_eq!(line.rest.as_deref(), Some("figure-8"));
        assert!(line.showing.options(&header(), &[]).unwrap().why);
        let some = options(&["--why=n1,PromiseHigher"]).unwrap();
        assert_eq!((some.why, some.reasons_of), (true, vec!["n1".to_owned(), "PromiseHigher".to_owned()]));
        let Failure::Unusable(message) = options(&["--why=PromisHigher"]).unwrap_err() else { panic!("unusable") };
        assert!(message.ends_with("in this trace; did you mean 'PromiseHigher'?"), "{message}");
    }

    #[test]
    fn a_part_of_the_time_begins_before_it_ends() {
        let part = options(&["--from", "1.2s", "--to", "3s"]).unwrap();
        assert_eq!(part.from, Some(Time::from_nanos(1_200_000_000)));
        assert_eq!(part.to, Some(Time::from_nanos(3_000_000_000)));
        let Failure::Unusable(message) = options(&["--from", "3s", "--to", "1s"]).unwrap_err() else {
            panic!("unusable")
        };
        assert_eq!(message, "--from 3s is after --to 1s");
    }
}
