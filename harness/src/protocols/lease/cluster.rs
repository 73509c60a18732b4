//! Common parts of the `cluster` lines of all leases: roles and terms.

use quorate_lab::script::{Args, ScriptProblem, combined};
use quorate_lease::{DetectorConfig, Drift, Terms, safe_holder_term};
use quorate_protocol::{Duration, Names, NodeId};

/// Nodes of a cluster, in the order in which the line's roles name them.
#[derive(Default)]
pub(in crate::protocols) struct Members {
    pub(in crate::protocols) nodes: Vec<String>,
}

impl Members {
    /// Nodes of a role, listed or counted by the option `key`; empty if the option is absent.
    pub(in crate::protocols) fn role(
        &mut self,
        args: &mut Args<'_>,
        key: &'static str,
    ) -> Result<Vec<NodeId>, ScriptProblem> {
        let Some(text) = args.option(key) else { return Ok(Vec::new()) };
        let named = if text.parse::<usize>().is_ok() { combined(text)? } else { list(text) };
        Ok(named.into_iter().map(|name| self.id(name)).collect())
    }

    /// Nodes of a role that must not be empty.
    pub(in crate::protocols) fn needed(
        &mut self,
        args: &mut Args<'_>,
        key: &'static str,
        what: &'static str,
    ) -> Result<Vec<NodeId>, ScriptProblem> {
        match self.role(args, key)? {
            nodes if nodes.is_empty() => Err(ScriptProblem::Missing { what, usage: args.usage() }),
            some => Ok(some),
        }
    }

    /// The single node of a role.
    pub(in crate::protocols) fn one(
        &mut self,
        args: &mut Args<'_>,
        key: &'static str,
        what: &'static str,
    ) -> Result<NodeId, ScriptProblem> {
        let name = args.option(key).ok_or(ScriptProblem::Missing { what, usage: args.usage() })?;
        Ok(self.id(name.to_owned()))
    }

    /// The single node of a role, if the option is present.
    pub(in crate::protocols) fn one_if_any(&mut self, args: &mut Args<'_>, key: &'static str) -> Option<NodeId> {
        args.option(key).map(|name| self.id(name.to_owned()))
    }

    /// Error of a configuration that the protocol rejects, with the nodes' names.
    pub(in crate::protocols) fn refused(&self, error: &impl ToString) -> ScriptProblem {
        crate::protocols::roles::refused(&self.nodes, error)
    }

    /// Id of a node: its position among all named nodes.
    fn id(&mut self, name: String) -> NodeId {
        let place = self.nodes.iter().position(|node| *node == name).unwrap_or_else(|| {
            self.nodes.push(name);
            self.nodes.len() - 1
        });
        NodeId(u32::try_from(place).unwrap_or(u32::MAX))
    }
}

fn list(text: &str) -> Vec<String> {
    text.split(',').map(str::to_owned).collect()
}

/// Reads `term=10s [holder-term=9s] [renew=3s] [drift=200ppm]`.
pub(super) fn terms(args: &mut Args<'_>) -> Result<Terms, ScriptProblem> {
    let drift = drift(args)?;
    let keys = TermKeys { term: "term", holder: "holder-term", renew: "renew" };
    read_terms(args, keys, drift)?.ok_or(ScriptProblem::Missing { what: "the term of a lease", usage: args.usage() })
}

/// Option names for one kind of terms.
#[derive(Clone, Copy)]
pub(in crate::protocols) struct TermKeys {
    pub(in crate::protocols) term: &'static str,
    pub(in crate::protocols) holder: &'static str,
    pub(in crate::protocols) renew: &'static str,
}

/// Reads the terms of that kind, if given. By default the holder's term is the longest safe one,
/// renewed three times in it.
pub(in crate::protocols) fn read_terms(
    args: &mut Args<'_>,
    keys: TermKeys,
    drift: Drift,
) -> Result<Option<Terms>, ScriptProblem> {
    let (holder, renew) = (args.span(keys.holder)?, args.span(keys.renew)?);
    let Some(granter) = args.span(keys.term)? else { return Ok(None) };
    let holder = holder.unwrap_or_else(|| safe_holder_term(granter, drift));
    let renew = renew.unwrap_or(holder / 3);
    Terms::new(granter, holder, renew, drift).map(Some).map_err(ScriptProblem::bad)
}

/// Reads `drift=200ppm`; without it the clocks do not drift.
pub(in crate::protocols) fn drift(args: &mut Args<'_>) -> Result<Drift, ScriptProblem> {
    let Some(text) = args.option("drift") else { return Ok(Drift::NONE) };
    let ppm = text.strip_suffix("ppm").and_then(|number| number.parse().ok());
    let ppm =
        ppm.ok_or_else(|| ScriptProblem::bad(format_args!("drift={text}: '{text}' is not a bound such as 200ppm")))?;
    Drift::from_ppm(ppm).map_err(ScriptProblem::bad)
}

/// Reads `watch=150ms`, a timeout, or `watch=phi` or `watch=phi8`, a φ threshold.
pub(super) fn watch(args: &mut Args<'_>, interval: Duration) -> Result<Option<DetectorConfig>, ScriptProblem> {
    let Some(text) = args.option("watch") else { return Ok(None) };
    let Some(threshold) = text.strip_prefix("phi") else {
        let after = quorate_lab::sim::duration(text);
        return after
            .map(|after| Some(DetectorConfig::Timeout { after }))
            .map_err(|error| ScriptProblem::bad(format_args!("watch=: {error}")));
    };
    let mut watch = DetectorConfig::phi(interval);
    if let (false, DetectorConfig::PhiAccrual { threshold_milli, .. }) = (threshold.is_empty(), &mut watch) {
        let whole: Option<u32> = threshold.parse().ok();
        let milli = whole.and_then(|whole| whole.checked_mul(1000));
        *threshold_milli = milli.ok_or_else(|| {
            ScriptProblem::bad(format_args!("watch={text}: use a duration, phi, or phi with a threshold such as phi8"))
        })?;
    }
    Ok(Some(watch))
}

/// Meaning of an option that takes one of two words; by default, the first.
pub(in crate::protocols) fn choice<T: Copy, const N: usize>(
    args: &mut Args<'_>,
    key: &'static str,
    meanings: [(&'static str, T); N],
) -> Result<T, ScriptProblem> {
    let Some(text) = args.option(key) else { return Ok(meanings[0].1) };
    let found = meanings.iter().find(|(word, _)| *word == text);
    let words = || meanings.map(|(word, _)| word).join(" or ");
    found.map(|(_, meaning)| *meaning).ok_or_else(|| ScriptProblem::bad(format_args!("{key}={text}: use {}", words())))
}

/// Node names as they appear in messages about assertions.
pub(in crate::protocols) fn shown(nodes: &[NodeId]) -> String {
    match nodes {
        [] => "no node".to_owned(),
        some => some.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and "),
    }
}

/// All nodes of a running world.
pub(in crate::protocols) fn everybody(names: &Names) -> impl Iterator<Item = NodeId> + use<> {
    (0..u32::try_from(names.nodes().len()).unwrap_or(u32::MAX)).map(NodeId)
}
