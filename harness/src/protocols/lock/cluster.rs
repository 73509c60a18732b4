//! The `cluster` lines of locks, in both directions.

use quorate_lab::script::{Args, CommandLine, ScriptProblem};
use quorate_locks::{Command, Config, ExpiryClock, Guard, Persistence, Recipe, Settings};
use quorate_protocol::{Duration, Names, NodeId};

use super::{LockKind, LockOf};
use crate::protocols::lease::cluster::{Members, choice};
use crate::protocols::roles::delay;
use crate::protocols::to_scenario::{ToScenario, range, unless};

const EXPIRY: [(&str, ExpiryClock); 2] = [("wall", ExpiryClock::Wall), ("monotonic", ExpiryClock::Monotonic)];
const PERSISTENCE: [(&str, Persistence); 2] = [("always", Persistence::Always), ("never", Persistence::Never)];
const YES: [(&str, bool); 2] = [("no", false), ("yes", true)];

/// Reads the settings of a lock of that kind.
pub(super) fn settings<K: LockKind>(members: &mut Members, args: &mut Args<'_>) -> Result<Settings, ScriptProblem> {
    let (recipe, servers) = if K::IS_REDLOCK {
        (Recipe::Redlock, members.needed(args, "instances", "which instances keep the lock")?)
    } else {
        (recipe(args)?, vec![members.one(args, "server", "who keeps the lock")?])
    };
    let holders = members.needed(args, "holders", "who may hold the lock")?;
    let resources = members.role(args, "resource")?;
    let (guard, replicas, others) = guards(args, &resources)?;
    let usual = Settings::new(recipe, servers, holders, args.span("ttl")?);
    Ok(Settings {
        resource: resources.first().copied(),
        replicas,
        others,
        allowance: args.span("allowance")?.unwrap_or(usual.allowance),
        answer_timeout: args.span("answers")?.unwrap_or(usual.answer_timeout),
        retry: args.option("retry").map_or(Ok(usual.retry), |text| delay("retry", text))?,
        expiry: choice(args, "expiry", EXPIRY)?,
        persistence: choice(args, "persistence", PERSISTENCE)?,
        restart_delay: args.span("restart-delay")?.unwrap_or(usual.restart_delay),
        reentrant: choice(args, "reentrant", YES)?,
        cleans_up: !K::IS_REDLOCK && choice(args, "cleanup", YES)?,
        guard,
        work: args.span("work")?.unwrap_or(usual.work),
        write_delay: args.span("write-delay")?.unwrap_or(usual.write_delay),
        act_every: args.span("act-every")?,
        extend_every: args.span("extend")?,
        extensions: args.parsed("extensions")?.unwrap_or(usual.extensions),
        ..usual
    })
}

fn recipe(args: &mut Args<'_>) -> Result<Recipe, ScriptProblem> {
    let name =
        args.option("recipe").ok_or(ScriptProblem::Missing { what: "how the lock is taken", usage: args.usage() })?;
    let of_one_server = || Recipe::ALL.into_iter().filter(|recipe| *recipe != Recipe::Redlock);
    let found = of_one_server().find(|recipe| recipe.name() == name);
    found.ok_or_else(|| ScriptProblem::unknown("recipe", name, of_one_server().map(Recipe::name)))
}

pub(in crate::protocols) fn guard(args: &mut Args<'_>) -> Result<Guard, ScriptProblem> {
    args.option("guard").map_or(Ok(Guard::Unguarded), guard_named)
}

fn guard_named(name: &str) -> Result<Guard, ScriptProblem> {
    let found = Guard::ALL.into_iter().find(|guard| guard.name() == name);
    found.ok_or_else(|| ScriptProblem::unknown("guard", name, Guard::ALL.map(Guard::name)))
}

/// Guard of the first resource, its further replicas, and the other resources: of several nodes
/// under one guard, the first is the resource and the others are its replicas; under a list of
/// guards, each is a resource with the guard at its place.
type Guards = (Guard, Vec<NodeId>, Vec<(NodeId, Guard)>);

fn guards(args: &mut Args<'_>, resources: &[NodeId]) -> Result<Guards, ScriptProblem> {
    let text = args.option("guard").unwrap_or(Guard::Unguarded.name());
    let guards = text.split(',').map(guard_named).collect::<Result<Vec<_>, _>>()?;
    let further = resources.get(1..).unwrap_or_default();
    match guards[..] {
        [guard] => Ok((guard, further.to_vec(), Vec::new())),
        [first, ref others @ ..] if guards.len() == resources.len() => {
            let others = further.iter().copied().zip(others.iter().copied()).collect();
            Ok((first, Vec::new(), others))
        }
        _ => Err(ScriptProblem::bad(format_args!(
            "{} guards for {} resources: give one for all of them, or one for each",
            guards.len(),
            resources.len()
        ))),
    }
}

fn names_of(nodes: &[NodeId]) -> String {
    nodes.iter().map(NodeId::to_string).collect::<Vec<_>>().join(",")
}

fn resources(config: &Config) -> Option<String> {
    let others = config.others.iter().map(|(node, _)| *node);
    let nodes: Vec<NodeId> =
        config.resource.into_iter().flat_map(|node| config.replicas_of(node)).chain(others).collect();
    (!nodes.is_empty()).then(|| names_of(&nodes))
}

fn guards_of(config: &Config) -> Option<String> {
    if config.others.is_empty() {
        return unless(config.guard, &Guard::Unguarded).map(|guard| guard.name().to_owned());
    }
    let others = config.others.iter().map(|(_, guard)| guard.name());
    Some([config.guard.name()].into_iter().chain(others).collect::<Vec<_>>().join(","))
}

fn span(span: Duration) -> String {
    format!("{span:?}")
}

fn word<T: PartialEq>(value: T, words: [(&'static str, T); 2]) -> Option<&'static str> {
    words.into_iter().skip(1).find(|(_, meaning)| *meaning == value).map(|(word, _)| word)
}

impl<K: LockKind> ToScenario for LockOf<K> {
    fn line(_: &Names, config: &Config) -> CommandLine {
        let usual = Settings::new(config.recipe, [], [], config.ttl);
        let line = CommandLine::new("cluster").word(K::ID.name());
        let line = if K::IS_REDLOCK {
            line.option("instances", names_of(&config.servers))
        } else {
            line.option("recipe", config.recipe).option("server", names_of(&config.servers))
        };
        line.option("holders", names_of(&config.holders))
            .option_if("resource", resources(config))
            .option_if("ttl", config.ttl.map(span))
            .option_if("allowance", unless(config.allowance, &usual.allowance).map(span))
            .option_if("answers", unless(config.answer_timeout, &usual.answer_timeout).map(span))
            .option_if("retry", unless(config.retry, &usual.retry).map(range))
            .option_if("expiry", word(config.expiry, EXPIRY))
            .option_if("persistence", word(config.persistence, PERSISTENCE))
            .option_if("restart-delay", unless(config.restart_delay, &usual.restart_delay).map(span))
            .option_if("reentrant", word(config.reentrant, YES))
            .option_if("cleanup", word(config.cleans_up, YES))
            .option_if("guard", guards_of(config))
            .option_if("work", unless(config.work, &usual.work).map(span))
            .option_if("write-delay", unless(config.write_delay, &usual.write_delay).map(span))
            .option_if("act-every", config.act_every.map(span))
            .option_if("extend", config.extend_every.map(span))
            .option_if("extensions", unless(config.extensions, &usual.extensions))
    }

    fn phrase(to: NodeId, command: &Command) -> Result<CommandLine, String> {
        let ask = |name: &str| CommandLine::new(name).word(to);
        Ok(match command {
            Command::Try => ask("try-lock"),
            Command::Acquire => ask("lock"),
            Command::Act => ask("act"),
            Command::Write { value } => ask("write").word(value.as_str()),
            Command::WriteTo { resource, value } => ask("write").word(value.as_str()).word(*resource),
            Command::Commit => ask("commit"),
            Command::Release => ask("unlock"),
        })
    }
}
