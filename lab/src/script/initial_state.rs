//! Initial state of a scenario: `disk` presets a node's disk; `rules` gives a node another
//! rulebook.

use super::args::Args;
use super::filters::MessageFilters;
use super::pattern::ANY;
use super::problem::ScriptProblem;
use super::protocol::{Protocol, RULEBOOK, RulebookOf};
use super::scenario_run::ScenarioRun;
use super::show::Printer;
use crate::sim::{Setup, World};
use quorate_protocol::NodeId;

/// The configuration of a world. While nothing has happened in it, the world can be created anew.
pub(super) struct InitialState<P: Protocol> {
    pub(super) setup: Setup<P::Machine>,
    pub(super) invariants: P::Invariants,
    /// Notes at the beginning of the trace: warnings, and the nodes with rulebooks of their own.
    pub(super) notes: Vec<String>,
}

impl<P: Protocol> InitialState<P> {
    /// Creates the world in its initial state.
    pub(super) fn world(&self, filters: &MessageFilters) -> World<P::Machine, P::Invariants> {
        let mut world = self.setup.clone().start_under(self.invariants.clone());
        filters.install(&mut world);
        self.notes.iter().for_each(|note| world.note(note));
        world
    }
}

/// The name of the papers' rulebook where another one is possible.
const BY_THE_BOOK: &str = "by-the-book";

/// Finds a rulebook for a single node by its name.
fn own_rulebook<P: Protocol>(id: &str) -> Result<RulebookOf<P>, ScriptProblem> {
    let known = P::rulebooks();
    match known.iter().find(|(name, _)| *name == id) {
        Some((_, rules)) => Ok(*rules),
        None if id == BY_THE_BOOK => Ok(RulebookOf::<P>::default()),
        None => Err(ScriptProblem::unknown(RULEBOOK, id, known.iter().map(|(name, _)| *name).chain([BY_THE_BOOK]))),
    }
}

impl<P: Protocol> ScenarioRun<P> {
    /// `disk`: creates the world anew with this content on a node's disk.
    pub(super) fn disk(&mut self, mut args: Args<'_>) -> Result<(), ScriptProblem> {
        self.may_go_on()?;
        if let Some(usage) = &P::DISK {
            args.set_usage(usage);
        }
        let names = self.names();
        let node = args.node(&names)?;
        let disk = names.scope(|| P::disk(&mut args, &names))?;
        args.finish()?;
        let Some(mut initial_state) = self.initial_state.take() else {
            return Err(ScriptProblem::refused(
                "'disk' is too late, the run has started; put it directly after the cluster line",
            ));
        };
        initial_state.setup = initial_state.setup.disk(node, disk);
        self.open_with(initial_state)
    }

    /// `rules`: gives a node, or with `*` every node, another rulebook. If nothing has happened
    /// yet, the node also boots under it.
    pub(super) fn rules(&mut self, mut args: Args<'_>) -> Result<(), ScriptProblem> {
        self.may_go_on()?;
        let names = self.names();
        let node = if args.peek() == Some(ANY) { args.take().and(None) } else { Some(args.node(&names)?) };
        let id = args.need("a rulebook")?.to_owned();
        args.finish()?;
        let rules = own_rulebook::<P>(&id)?;
        let note = match node {
            Some(node) => names.scope(|| format!("{node} uses the rulebook {id}.")),
            None => format!("All nodes use the rulebook {id}."),
        };
        let nodes: Vec<NodeId> =
            node.map_or_else(|| (0..names.nodes().len() as u32).map(NodeId).collect(), |node| vec![node]);
        let is_own = id != BY_THE_BOOK;
        self.own_rules.extend(nodes.iter().map(|node| (*node, is_own.then(|| id.clone()))));
        match self.initial_state.take() {
            Some(mut initial_state) => {
                nodes.iter().for_each(|node| initial_state.setup.constants.rule(*node, rules));
                initial_state.notes.push(note);
                self.open_with(initial_state)
            }
            None => {
                nodes.iter().for_each(|node| self.world.rule(*node, rules));
                self.world.note(&note);
                Ok(())
            }
        }
    }

    /// Creates the world anew.
    fn open_with(&mut self, initial_state: InitialState<P>) -> Result<(), ScriptProblem> {
        self.world = initial_state.world(&self.filters);
        self.printer = Printer::new(P::HIDDEN_FACTS);
        self.initial_state = Some(initial_state);
        self.note_boot()
    }
}
