//! `liars=n4:silent,n3:forging` on a cluster line: the nodes that lie, each with its kind of lie.

use std::collections::BTreeMap;
use std::fmt::Display;

use quorate_byzantine::ConfigWithLie;
use quorate_lab::script::{Args, ScriptProblem};
use quorate_protocol::{Constants, Machine, Names, NodeId};

/// Nodes that lie, with their configurations.
type Liars<S, L> = Vec<(NodeId, ConfigWithLie<S, L>)>;

/// Reads the option. Returns the configuration of each liar; none without the option. `kinds` are
/// the lies that have a word, in the words of their `Display`.
pub(in crate::protocols) fn liars<S, L: Copy + Display>(
    args: &mut Args<'_>,
    names: &Names,
    config: &ConfigWithLie<S, L>,
    kinds: &[L],
) -> Result<Liars<S, L>, ScriptProblem> {
    let mut liars = BTreeMap::new();
    for text in args.list("liars") {
        let Some((name, word)) = text.split_once(':') else {
            return Err(ScriptProblem::bad(format_args!(
                "liars={text}: name a node and its lie, such as n4:{}",
                kinds.first().map_or_else(String::new, L::to_string)
            )));
        };
        let node = names.node(name).ok_or_else(|| ScriptProblem::unknown("node", name, names.nodes()))?;
        let lie = kinds.iter().find(|lie| lie.to_string() == word);
        let lie = lie.ok_or_else(|| ScriptProblem::unknown("lie", word, kinds.iter().map(L::to_string)))?;
        if liars.insert(node, config.lying(*lie)).is_some() {
            return Err(ScriptProblem::bad(format_args!("liars=: {name} is named twice; give a liar one lie")));
        }
    }
    Ok(liars.into_iter().collect())
}

/// The words of these lies.
pub(super) fn words<L: Display>(kinds: &[L]) -> Vec<String> {
    kinds.iter().map(L::to_string).collect()
}

/// The value of the option for a cluster; `None` if nobody lies. The names are in scope.
pub(in crate::protocols) fn told<S, L, M>(names: &Names, constants: &Constants<M>) -> Option<String>
where
    L: Copy + Display,
    M: Machine<Config = ConfigWithLie<S, L>, Clock = ()>,
{
    let nodes = (0..u32::try_from(names.nodes().len()).unwrap_or(u32::MAX)).map(NodeId);
    let liars = nodes.filter_map(|node| Some(format!("{node}:{}", constants.of(node, ()).config.lie()?)));
    Some(liars.collect::<Vec<_>>().join(",")).filter(|text| !text.is_empty())
}
