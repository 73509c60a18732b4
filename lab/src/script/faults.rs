//! Fault commands of scenarios: crashes, pauses, clock faults, partitions, and network conditions.

use quorate_protocol::{Date, Duration, Names, NodeId, Time, time_of_day};

use super::args::{Args, node, whole};
use super::cluster::conditions;
use super::pattern::KnownNames;
use super::problem::ScriptProblem;
use super::protocol::Protocol;
use super::scenario_run::ScenarioRun;
use crate::env::{CrashPoint, Fault, Queue, QueueOf, duration};
use crate::sim::RunError;

impl<P: Protocol> ScenarioRun<P> {
    /// Injects the fault that a command names.
    pub(super) fn fault(&mut self, name: &str, mut args: Args<'_>) -> Result<(), ScriptProblem> {
        let names = self.names();
        if matches!(name, "backup" | "restore") {
            return self.copy_of_disk(name, args);
        }
        let fault = match name {
            "crash" => crash(&mut args, &names)?,
            "restart" => Fault::Restart(args.node(&names)?),
            "wipe" => Fault::Wipe(args.node(&names)?),
            "pause" => Fault::Pause(args.node(&names)?),
            "suspend" => Fault::Suspend(args.node(&names)?),
            "resume" => Fault::Resume(args.node(&names)?),
            "drift" => drift(&mut args, &names)?,
            "jump" => {
                let node = args.node(&names)?;
                jump(node, &mut args)?
            }
            "clock" => self.clock(&mut args, &names)?,
            "cut" | "join" => {
                let (from, to) = (args.node(&names)?, args.node(&names)?);
                Fault::Link { from, to, up: name == "join" }
            }
            "partition" => partition(&mut args, &names)?,
            "heal" => Fault::Heal,
            "link" => link(&mut args, &names)?,
            "service" => service(&mut args, &names)?,
            "network" => Fault::SetConditions(conditions(&mut args, self.world.conditions())?),
            // The runner passes on only known commands.
            _ => return Err(ScriptProblem::UnknownCommand { name: name.to_owned(), known: Vec::new() }),
        };
        args.finish()?;
        let injected = self.world.inject(fault);
        self.note_violation(injected)
    }

    /// `clock`: sets a node's wall clock to a time of its day, or moves it.
    fn clock(&self, args: &mut Args<'_>, names: &Names) -> Result<Fault, ScriptProblem> {
        let node = args.node(names)?;
        match args.need("'set' or 'jump'")? {
            "jump" => jump(node, args),
            "set" => {
                let text = args.need("a time of day")?;
                let time = time_of_day(text).or_else(|| duration(text).ok().filter(|time| *time < DAY));
                let time = time.ok_or_else(|| {
                    ScriptProblem::bad(format_args!(
                        "'{text}' is no time of day, such as 12:00:42.004, or 42.004s after midnight"
                    ))
                })?;
                let shown = self.world.clock(node).map_or(Time::ZERO, |clock| clock.wall);
                let distance = self.world.clock_distance(node, Date(shown).at(time).0).unwrap_or_default();
                let nanos = i64::try_from(distance).map_err(|_| too_long(text))?;
                Ok(Fault::Jump { node, nanos })
            }
            other => Err(ScriptProblem::unknown("clock command", other, ["set", "jump"])),
        }
    }

    /// `backup`: copies a node's disk. `restore`: crashes the node and puts the copy back.
    fn copy_of_disk(&mut self, name: &str, mut args: Args<'_>) -> Result<(), ScriptProblem> {
        let node = args.node(&self.names())?;
        args.finish()?;
        let result = match name {
            "backup" => self.world.back_up(node).map_err(RunError::from),
            _ => self.world.restore(node),
        };
        self.note_violation(result)
    }

    /// `release`: lets held messages be delivered.
    pub(super) fn release(&mut self, mut args: Args<'_>) -> Result<(), ScriptProblem> {
        let (names, has_clients) = (self.names(), self.has_clients());
        let known = KnownNames::of::<P::Machine>(&names, has_clients);
        let freed = self.filters.clone().release(&mut args, &known, &mut self.world)?;
        args.finish()?;
        if freed == 0 {
            return Err(ScriptProblem::refused("no such message is held; remove this line, or hold a message first"));
        }
        Ok(())
    }
}

/// Length of a day of wall clocks.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

const MOMENTS: [&str; 3] = ["before-persist", "after-persist", "after-sends=N"];

fn crash(args: &mut Args<'_>, names: &Names) -> Result<Fault, ScriptProblem> {
    let node = args.node(names)?;
    let sent = args.option("after-sends").map(|text| whole(text, "a number of messages")).transpose()?;
    let moment = match (args.take(), sent) {
        (None, None) => CrashPoint::BetweenSteps,
        (None, Some(sent)) => CrashPoint::AfterSends { sent },
        (Some("before-persist"), None) => {
            let kept = args.option("kept").map(|text| whole(text, "a number of records")).transpose()?;
            CrashPoint::BeforePersist { kept: kept.unwrap_or(0) }
        }
        (Some("after-persist"), None) => CrashPoint::AfterPersist,
        (Some(other), None) => return Err(ScriptProblem::unknown("crash point", other, MOMENTS)),
        (Some(word), Some(_)) => return Err(ScriptProblem::Surplus { word: word.to_owned(), usage: args.usage() }),
    };
    Ok(Fault::Crash { node, point: moment })
}

/// `link`: gives links a queue, or takes it away.
fn link(args: &mut Args<'_>, names: &Names) -> Result<Fault, ScriptProblem> {
    let of = match args.node_option("to", names)? {
        Some(node) => QueueOf::Into(node),
        None if matches!(args.peek(), None | Some("off")) => QueueOf::All,
        None => QueueOf::Between { from: args.node(names)?, to: args.node(names)? },
    };
    if args.peek() == Some("off") {
        args.take();
        return Ok(Fault::SetQueue { of, queue: None });
    }
    let (usage, capacity) = (args.usage(), capacity(args)?);
    let each = args.span("each")?.ok_or(ScriptProblem::Missing { what: "each=TIME, or off", usage })?;
    let queue = Queue::new(each, capacity).ok_or_else(|| {
        ScriptProblem::bad(format_args!("each={each:?}: a link without a time has no queue; use off to remove one"))
    })?;
    Ok(Fault::SetQueue { of, queue: Some(queue) })
}

/// `service`: gives a node a service time, or takes it away.
fn service(args: &mut Args<'_>, names: &Names) -> Result<Fault, ScriptProblem> {
    let node = args.node(names)?;
    let time = args.need_span("a service time")?;
    let capacity = capacity(args)?;
    Ok(Fault::SetService { node, service: Queue::new(time, capacity) })
}

/// `queue=N`: the number of messages that may wait.
fn capacity(args: &mut Args<'_>) -> Result<Option<u32>, ScriptProblem> {
    args.option("queue").map(|text| whole(text, "a number of messages that may wait")).transpose()
}

fn drift(args: &mut Args<'_>, names: &Names) -> Result<Fault, ScriptProblem> {
    let node = args.node(names)?;
    let text = args.need("a rate")?;
    let bad = || ScriptProblem::bad(format_args!("'{text}' is not a rate such as 200ppm or -200ppm"));
    let ppm = text.strip_suffix("ppm").and_then(|number| number.parse().ok()).ok_or_else(bad)?;
    Ok(Fault::Drift { node, ppm })
}

fn jump(node: NodeId, args: &mut Args<'_>) -> Result<Fault, ScriptProblem> {
    let text = args.need("a span")?;
    let (sign, unsigned) = text.strip_prefix('-').map_or((1, text), |unsigned| (-1, unsigned));
    let span = duration(unsigned).map_err(ScriptProblem::bad)?;
    let nanos = i64::try_from(span.as_nanos()).map_err(|_| too_long(text))?;
    Ok(Fault::Jump { node, nanos: sign * nanos })
}

fn too_long(text: &str) -> ScriptProblem {
    ScriptProblem::bad(format_args!("'{text}' is too long; a clock is set by at most 292 years"))
}

fn partition(args: &mut Args<'_>, names: &Names) -> Result<Fault, ScriptProblem> {
    let mut groups = Vec::new();
    for group in args.rest() {
        let members: Result<Vec<_>, _> = group.split(',').map(|name| node(names, name)).collect();
        groups.push(members?);
    }
    if groups.is_empty() {
        return Err(ScriptProblem::Missing { what: "a group of nodes", usage: args.usage() });
    }
    let mut all: Vec<_> = groups.iter().flatten().collect();
    all.sort();
    if let Some(pair) = all.windows(2).find(|pair| pair[0] == pair[1]) {
        let name = names.scope(|| pair[0].to_string());
        return Err(ScriptProblem::bad(format_args!(
            "{name} is named twice; a node belongs to one group of a partition"
        )));
    }
    if groups.len() == 1 && all.len() == names.nodes().len() {
        return Err(ScriptProblem::bad("all nodes in one group are no partition; name the nodes of two groups"));
    }
    Ok(Fault::Partition(groups))
}
