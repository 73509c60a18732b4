//! The `cluster` lines of coordination services, in both directions.

use quorate_lab::script::{Args, CommandLine, ScriptProblem};
use quorate_locks::Guard;
use quorate_locks::coordination::{Belief, Command, Config, LockMode, Recipe, Settings};
use quorate_protocol::{Duration, Names, NodeId};
use quorate_raft as raft;

use super::{CoordinationKind, CoordinationOf};
use crate::protocols::lease::cluster::{Members, TermKeys, choice, drift, read_terms};
use crate::protocols::roles::delay;
use crate::protocols::to_scenario::{self, ToScenario, lasting, range, unless};

/// Chubby's grace period (Chubby §2.8).
const GRACE: Duration = Duration::from_secs(45);
/// Chubby's longest lock-delay (Chubby §2.4).
const LOCK_DELAY: Duration = Duration::from_secs(60);

const MODES: [(&str, LockMode); 2] = [("exclusive", LockMode::Exclusive), ("shared", LockMode::Shared)];
const SESSION: [&str; 3] = ["session", "client-term", "ping"];

/// The words for what a client takes for the end of its lock, the usual one first.
fn beliefs<K: CoordinationKind>() -> [(&'static str, Belief); 2] {
    let mut words = [("told", Belief::UntilTold), ("own-clock", Belief::OwnClock)];
    if K::BELIEF == Belief::OwnClock {
        words.reverse();
    }
    words
}

/// Reads `[mode=shared]`.
pub(super) fn mode(args: &mut Args<'_>) -> Result<LockMode, ScriptProblem> {
    choice(args, "mode", MODES)
}

fn recipe<K: CoordinationKind>(args: &mut Args<'_>) -> Result<Recipe, ScriptProblem> {
    if K::RECIPES.len() == 1 {
        return Ok(K::RECIPES[0]);
    }
    let Some(name) = args.option("recipe") else { return Ok(K::RECIPES[0]) };
    let found = K::RECIPES.iter().find(|recipe| recipe.name() == name);
    found.copied().ok_or_else(|| ScriptProblem::unknown("recipe", name, K::RECIPES.iter().map(|recipe| recipe.name())))
}

/// Reads the settings of a service of that kind.
pub(super) fn settings<K: CoordinationKind>(
    members: &mut Members,
    args: &mut Args<'_>,
) -> Result<Settings, ScriptProblem> {
    let voters = members.needed(args, "servers", "the list of servers")?;
    let holders = members.needed(args, "holders", "who may hold the lock")?;
    let resource = members.one_if_any(args, "resource");
    let drift = drift(args)?;
    let [term, holder, renew] = SESSION;
    let session = read_terms(args, TermKeys { term, holder, renew }, drift)?
        .ok_or(ScriptProblem::Missing { what: "the timeout of a session", usage: args.usage() })?;
    let mut servers = raft::Settings { voters, ..raft::Settings::default() };
    if let Some(text) = args.option("election") {
        let range = delay("election", text)?;
        servers.election = range.min()..range.max();
    }
    servers.heartbeat = args.span("heartbeat")?.unwrap_or(servers.heartbeat);
    let belief = choice(args, "belief", beliefs::<K>())?;
    let [grace, lock_delay] = if K::IS_CHUBBY {
        let usual = if belief == Belief::OwnClock { GRACE } else { Duration::ZERO };
        [args.span("grace")?.unwrap_or(usual), args.span("lock-delay")?.unwrap_or(LOCK_DELAY)]
    } else {
        [Duration::ZERO; 2]
    };
    let usual = Settings::new(servers, holders, session);
    Ok(Settings {
        resource,
        recipe: recipe::<K>(args)?,
        belief,
        grace,
        lock_delay,
        answer_timeout: args.span("answers")?.unwrap_or(usual.answer_timeout),
        guard: crate::protocols::lock::cluster::guard(args)?,
        work: args.span("work")?.unwrap_or(usual.work),
        write_delay: args.span("write-delay")?.unwrap_or(usual.write_delay),
        act_every: args.span("act-every")?,
        ..usual
    })
}

fn names_of(nodes: &[NodeId]) -> String {
    nodes.iter().map(NodeId::to_string).collect::<Vec<_>>().join(",")
}

fn span(span: Duration) -> String {
    format!("{span:?}")
}

impl<K: CoordinationKind> ToScenario for CoordinationOf<K> {
    fn line(_: &Names, config: &Config) -> CommandLine {
        let (servers, raft) = (&config.servers, raft::Settings::default());
        let usual = Settings::new(raft::Settings::default(), [], config.session);
        let belief = beliefs::<K>().into_iter().skip(1).find(|(_, belief)| *belief == config.belief);
        let line = CommandLine::new("cluster").word(K::ID.name()).option("servers", names_of(&servers.voters));
        let line = line.option("holders", names_of(&config.holders)).option_if("resource", config.resource);
        let line = line.option_if("recipe", unless(config.recipe, &K::RECIPES[0]));
        let line = to_scenario::drift(lasting(line, &config.session, SESSION), &config.session)
            .option_if("belief", belief.map(|(word, _)| word));
        let line = if K::IS_CHUBBY {
            line.option("grace", span(config.grace)).option("lock-delay", span(config.lock_delay))
        } else {
            line
        };
        line.option_if("answers", unless(config.answer_timeout, &usual.answer_timeout).map(span))
            .option_if("election", unless(servers.election.clone(), &raft.election).map(|wait| range(wait.into())))
            .option_if("heartbeat", unless(servers.heartbeat, &raft.heartbeat).map(span))
            .option_if("guard", unless(config.guard, &usual.guard).map(Guard::name))
            .option_if("work", unless(config.work, &usual.work).map(span))
            .option_if("write-delay", unless(config.write_delay, &usual.write_delay).map(span))
            .option_if("act-every", config.act_every.map(span))
    }

    fn phrase(to: NodeId, command: &Command) -> Result<CommandLine, String> {
        let ask = |name: &str| CommandLine::new(name).word(to);
        let shared = |mode: &LockMode| (*mode == LockMode::Shared).then_some("shared");
        Ok(match command {
            Command::Try { mode } => ask("try-lock").option_if("mode", shared(mode)),
            Command::Acquire { mode } => ask("lock").option_if("mode", shared(mode)),
            Command::Act => ask("act"),
            Command::Write { value } => ask("write").word(value.as_str()),
            Command::Release => ask("unlock"),
            Command::TransferLeadership { to: other } => ask("transfer").word(other),
        })
    }
}
