//! Scenario run: one cluster under a script.

use std::collections::BTreeMap;

use quorate_protocol::{
    ClientId, Duration, Invariant, InvariantSummary, Machine, Names, NodeId, RequestId, Rule, Time,
};

use super::args::{Args, whole};
use super::bounds::LOOKED_AT_MAX;
use super::cluster::{Common, members};
use super::dyn_run::DynScenarioRun;
use super::filters::MessageFilters;
use super::initial_state::InitialState;
use super::pattern::KnownNames;
use super::problem::ScriptProblem;
use super::protocol::{Protocol, RULEBOOK, RulebookOf};
use super::schedule::{Followed, Move};
use super::show::Printer;
use super::snapshot::Snapshot;
use super::usage::Usage;
use crate::sim::{RunError, Setup, Violation, World};
use crate::trace::{Document, Event, Header, Recording, TypedEvent};

/// Maximum number of events of one command. A longer log is unreadable.
pub(super) const EVENTS_MAX: u64 = 20_000;
/// Maximum number of events of a whole scenario.
const EVENTS_IN_ALL_MAX: u64 = 100_000;

/// The caller's overrides of the script.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct RunOptions {
    /// The seed, instead of the script's.
    pub seed: Option<u64>,
    /// The rulebook, instead of the script's.
    pub rules: Option<&'static str>,
    /// Whether the run goes on past expectations that are not met and commands that are impossible,
    /// until an invariant breaks: under a bug, that is the lesson.
    pub goes_on: bool,
}

/// The parameters with which a cluster is set up.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct RunArgs<'a> {
    pub(super) title: &'a str,
    pub(super) options: RunOptions,
    /// Whether the papers' rulebook replaces the one that the script names.
    pub(super) by_the_book: bool,
    /// Whether a trace is recorded.
    pub(super) traced: bool,
    /// The rulebooks that the script will give to nodes.
    pub(super) asked: &'a [String],
    /// The names of all rulebooks of the protocol and its variants.
    pub(super) known: &'a [&'static str],
}

/// The rulebook of the caller, or else of the cluster line. Where there is no choice, the option is
/// unknown like any other.
fn rulebook<P: Protocol>(
    run_args: &RunArgs<'_>,
    args: &mut Args<'_>,
) -> Result<Option<(&'static str, RulebookOf<P>)>, ScriptProblem> {
    let known = P::rulebooks();
    let written = if known.is_empty() { None } else { args.option("rules") };
    let Some(name) = run_args.options.rules.or(written) else { return Ok(None) };
    match known.iter().find(|(id, _)| *id == name) {
        Some(known) => Ok(Some(*known)),
        None => Err(ScriptProblem::unknown(RULEBOOK, name, run_args.known.iter().copied())),
    }
}

/// A cluster under a script.
pub(super) struct ScenarioRun<P: Protocol> {
    pub(super) world: World<P::Machine, P::Invariants>,
    pub(super) filters: MessageFilters,
    pub(super) printer: Printer,
    /// The default client, if the script names no clients.
    default_client: Option<ClientId>,
    pub(super) violation: Option<Violation>,
    /// The latest violation after which the script went on.
    pub(super) accepted: Option<Violation>,
    /// Whether the script has stated that it expects the violation.
    pub(super) violation_expected: bool,
    /// The world's configuration, as long as nothing has happened in it.
    pub(super) initial_state: Option<InitialState<P>>,
    /// The number of events at which the current command must stop.
    stop_at: u64,
    /// Number of events that assertions and diagrams have examined so far.
    looked_at: u64,
    /// The rulebook of the cluster, if it is not the papers'.
    pub(super) cluster_rules: Option<&'static str>,
    /// The nodes that were given a rulebook, with its name, if it is not the papers'.
    pub(super) own_rules: BTreeMap<NodeId, Option<String>>,
    /// In manual mode, the duration of each manual command.
    pub(super) pace: Option<Duration>,
    /// Whether matching is lenient: messages with other fields are accepted.
    pub(super) lenient: bool,
}

impl<P: Protocol> ScenarioRun<P> {
    /// Sets up the cluster as the line says, and boots it. The `usual` rules apply if neither the
    /// caller nor the script names others.
    pub(super) fn open(
        run_args: RunArgs<'_>,
        mut args: Args<'_>,
        usual: Option<(&'static str, RulebookOf<P>)>,
    ) -> Result<Self, ScriptProblem> {
        let common = Common::read(&mut args)?;
        let rules = rulebook::<P>(&run_args, &mut args)?.or(usual);
        let rules = rules.filter(|_| !run_args.by_the_book);
        let spec = P::cluster_spec(&mut args)?;
        let names = members(&spec.nodes, &common.clients)?;
        let own = P::own_configs(&mut args, &names, &spec.config)?;
        args.finish()?;
        let notes = P::warnings(&spec.config).into_iter().map(|warning| format!("Warning: {warning}.")).collect();
        let default_client = common.clients.is_empty().then_some(ClientId(0));
        let setup = Setup {
            title: run_args.title.to_owned(),
            seed: run_args.options.seed.unwrap_or(common.seed),
            conditions: common.conditions,
            wall_clock: common.wall_clock,
            retry_policy: common.patience,
            traced: run_args.traced,
            manual: common.pace.is_some(),
            ..Setup::new(P::NAME, names, spec.config)
        };
        let (name, rules) = rules.unwrap_or_default();
        let setup = own.into_iter().fold(setup, |setup, (node, config)| setup.configure(node, config));
        let setup = setup.under_named(name, rules);
        let initial_state = InitialState { setup, invariants: spec.invariants, notes };
        let filters = MessageFilters::default();
        let mut play = ScenarioRun {
            world: initial_state.world(&filters),
            filters,
            printer: Printer::new(P::HIDDEN_FACTS),
            default_client,
            violation: None,
            accepted: None,
            violation_expected: false,
            initial_state: Some(initial_state),
            stop_at: EVENTS_MAX,
            looked_at: 0,
            cluster_rules: Some(name).filter(|name| !name.is_empty()),
            own_rules: BTreeMap::new(),
            pace: common.pace,
            lenient: false,
        };
        play.note_boot()?;
        Ok(play)
    }

    /// A violation during boot is reported at the first attempt to continue, and only then.
    pub(super) fn note_boot(&mut self) -> Result<(), ScriptProblem> {
        let booted = self.world.run_until(Time::ZERO);
        self.note_violation(booted.map_err(RunError::from))
    }

    /// Charges the budget for examining every event so far, at this cost each.
    pub(super) fn look(&mut self, work: u64) -> Result<(), ScriptProblem> {
        let events = self.world.recording().map_or(0, Recording::len) as u64;
        self.looked_at = self.looked_at.saturating_add(events.saturating_mul(work));
        if self.looked_at > LOOKED_AT_MAX {
            let (count, max) = (self.looked_at as usize, LOOKED_AT_MAX as usize);
            return Err(ScriptProblem::TooMany { what: "repeatedly examined events", count, max });
        }
        Ok(())
    }

    /// The names of nodes and clients.
    pub(super) fn names(&self) -> Names {
        self.world.names().clone()
    }

    /// Runs until `end`, or while a condition holds. Returns whether it still holds.
    pub(super) fn run_while(
        &mut self,
        end: Time,
        advice: &'static str,
        mut condition: impl FnMut(&World<P::Machine, P::Invariants>) -> bool,
    ) -> Result<bool, ScriptProblem> {
        let stop_at = self.stop_at;
        let mut stopped = false;
        let result = self.world.run_while(end, |world| {
            stopped = world.events() >= stop_at;
            !stopped && condition(world)
        });
        let holds = match result {
            Ok(holds) => holds,
            Err(violation) => {
                self.note_violation(Err(violation.into()))?;
                return Ok(false);
            }
        };
        if stopped {
            return Err(ScriptProblem::Endless { events: EVENTS_MAX.min(stop_at), advice });
        }
        Ok(holds)
    }

    /// Sends a request to a node, as parsed by the protocol.
    pub(super) fn ask(&mut self, name: &str, mut args: Args<'_>) -> Result<(), ScriptProblem> {
        let names = self.names();
        let client = args.option("client").map(|name| super::args::client(&names, name)).transpose()?;
        let number = args.option("ticket").map(|text| whole(text, "the request number")).transpose()?;
        let asking = P::request(name, &mut args, &names)?;
        args.finish()?;
        if let (Some(number), Some(to)) = (number, asking.to) {
            let ticket = RequestId { client: client.unwrap_or(ClientId(0)), number };
            let asked = self.world.inject_request_as(ticket, to, asking.command);
            return self.note_violation(asked);
        }
        match (client, self.default_client, asking.to) {
            (None, Some(default_client), Some(to)) => {
                let asked = self.world.inject_request(default_client, to, asking.command);
                self.note_violation(asked)
            }
            (client, _, to) => {
                self.world.ask(client.unwrap_or(ClientId(0)), to, asking.command);
                Ok(())
            }
        }
    }

    /// Fails if a message of this command could not be forged as the script says.
    fn forged_well(&mut self) -> Result<(), ScriptProblem> {
        let error = self.world.take_forge_error();
        self.names().scope(|| self.filters.forgings.blamed(error))
    }

    /// Whether the script names its clients.
    pub(super) fn has_clients(&self) -> bool {
        self.default_client.is_none()
    }

    /// Whether the next assertion is one of the protocol's own; if so, errors cite its form.
    pub(super) fn is_own_assertion(args: &mut Args<'_>) -> bool {
        let usage = args.peek().and_then(|name| P::ASSERTIONS.iter().find(|usage| usage.name() == name));
        if let Some(usage) = usage {
            args.set_usage(usage);
        }
        usage.is_some()
    }
}

impl<P: Protocol> DynScenarioRun for ScenarioRun<P> {
    fn execute(&mut self, name: &str, mut args: Args<'_>) -> Result<String, ScriptProblem> {
        match name {
            "disk" => return self.disk(args).map(|()| String::new()),
            "rules" => return self.rules(args).map(|()| String::new()),
            _ => {}
        }
        self.initial_state = None;
        match name {
            "note" => return self.note(args).map(|()| String::new()),
            "print" => return self.print(args).map(|()| String::new()),
            "show" => return self.show(args),
            "expect" => return self.expect(args).map(|()| String::new()),
            "continue" => return self.go_on(args).map(|()| String::new()),
            _ => {}
        }
        self.may_go_on()?;
        self.stop_at = self.world.events().saturating_add(EVENTS_MAX);
        if self.stop_at > EVENTS_IN_ALL_MAX {
            return Err(ScriptProblem::TooMany {
                what: "events",
                count: self.stop_at as usize,
                max: EVENTS_IN_ALL_MAX as usize,
            });
        }
        let names = self.names();
        if P::REQUESTS.iter().any(|usage| usage.name() == name) {
            self.request(name, args)?;
            return self.forged_well().map(|()| String::new());
        }
        match name {
            "deliver" => self.deliver(args)?,
            "run" => self.run(args)?,
            "step" => self.step(args)?,
            "until" => self.until(args)?,
            "fire" => self.fire(args)?,
            "hold" | "drop" | "delay" | "duplicate" => {
                self.filters.take(name, &mut args, &KnownNames::of::<P::Machine>(&names, self.has_clients()))?;
                args.finish()?;
            }
            "forge" => {
                let known = KnownNames::of::<P::Machine>(&names, self.has_clients());
                self.filters.forgings.take::<P::Machine>(&mut args, &known)?;
                args.finish()?;
            }
            "release" => self.release(args)?,
            "inflight" => self.inflight(args)?,
            "pass" => {
                let passed = self.filters.pass(&mut args, &KnownNames::of::<P::Machine>(&names, self.has_clients()))?;
                args.finish()?;
                if !passed {
                    return Err(ScriptProblem::refused(
                        "there is no such drop, delay, duplicate or forge rule; remove this line",
                    ));
                }
            }
            _ => {
                self.fault(name, args)?;
                self.finish_instant()?;
            }
        }
        self.forged_well().map(|()| String::new())
    }

    fn tell(&mut self) -> String {
        match self.world.recording() {
            Some(recording) => self.printer.tell(recording),
            None => String::new(),
        }
    }

    fn requests(&self) -> &'static [Usage] {
        P::REQUESTS
    }

    fn unexpected(&self) -> Option<ScriptProblem> {
        let violation = self.violation.as_ref().filter(|_| !self.violation_expected)?;
        Some(ScriptProblem::Broken { invariant: violation.broken.invariant, told: self.told(violation) })
    }

    fn violation(&self) -> Option<&Violation> {
        self.violation.as_ref()
    }

    fn accepted(&self) -> Option<&Violation> {
        self.accepted.as_ref()
    }

    fn invariants(&self) -> Vec<InvariantSummary> {
        self.world.invariants().summaries()
    }

    fn document(&self) -> Document {
        self.world.recording().map(Recording::document).unwrap_or_default()
    }

    fn events(&self) -> usize {
        self.world.recording().map_or(0, Recording::len)
    }

    fn coverage(&self) -> Vec<(&'static str, u64)> {
        let all = <P::Machine as Machine>::Rule::ALL;
        let mut counts = vec![0_u64; all.len()];
        for (_, event) in self.world.recording().into_iter().flat_map(|recording| recording.iter()) {
            if let TypedEvent::Rule { rule, .. } = &event.what
                && let Some(index) = all.iter().position(|each| each == rule)
            {
                counts[index] += 1;
            }
        }
        all.iter().map(|rule| rule.id()).zip(counts).collect()
    }

    fn set_lenient(&mut self) {
        self.lenient = true;
    }

    fn names(&self) -> Names {
        self.names()
    }

    fn sees_time(&self) -> bool {
        Self::SEES_TIME
    }

    fn follow(&mut self, moves: &[Move], telling: bool) -> Followed {
        self.initial_state = None;
        self.make(moves, telling)
    }

    fn snapshot(&self) -> Snapshot {
        self.names().scope(|| self.look_around())
    }

    fn header(&self) -> Header {
        self.world.recording().map(Recording::header).unwrap_or_default()
    }

    fn events_from(&self, index: usize) -> Vec<Event> {
        self.world.recording().map(|recording| recording.events_after(index)).unwrap_or_default()
    }

    fn accepts(&self, name: &str, mut args: Args<'_>) -> bool {
        let names = self.names();
        let _ = (args.option("client"), args.option("ticket"));
        P::request(name, &mut args, &names).is_ok() && args.finish().is_ok()
    }

    fn fingerprint(&self) -> [u64; 9] {
        let world = &self.world;
        [
            world.now().as_nanos(),
            world.events(),
            self.events() as u64,
            world.in_flight() as u64,
            world.held() as u64,
            self.filters.len() as u64,
            self.own_rules.len() as u64,
            u64::from(self.initial_state.is_some()),
            u64::from(self.violation_expected),
        ]
    }
}

/// Default time limit of `until` and of `run` without a duration.
pub(super) const TIME_LIMIT: Duration = Duration::from_secs(60);
