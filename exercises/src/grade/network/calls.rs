//! At-most-once execution: an account behind a network that loses, duplicates and reorders
//! messages.
//!
//! The server is given; its record of executed calls is the learner's. Clients retry until they are
//! answered. The server may crash: it persists each execution together with its effect, and after a
//! restart replays them to its memory, in order.

use quorate_bugs::NamedRulebookOf;
use std::collections::BTreeMap;
use std::marker::PhantomData;

pub use quorate_answer::network::{Call, Memory};
use quorate_harness::TargetError;
use quorate_harness::experiments::{AnswerStats, Planned, RunParameters, SimTarget, Watched};
use quorate_lab::sim::{ClientRequest, Coverage, Experiment, FaultPlan, Ppm, Setup, World};
use quorate_protocol::{
    ClientId, Context, Duration, Input, Invariant, InvariantViolation, Machine, Names, Never, Outbox, RequestId,
    StepView,
};
use serde::{Deserialize, Serialize};

use super::{Opaque, STUBBORN, beyond, client_rng, early};
use crate::answer::Answer;
use crate::course::Exercise;
use crate::grade::{RunSet, random_runs};
use crate::grading::{Failed, Grading};

/// Hands in a server with this memory.
pub fn at_most_once<T: Memory>() -> impl Answer {
    AtMostOnce::<T>(PhantomData)
}

struct AtMostOnce<T>(PhantomData<T>);

impl<T: Memory> Answer for AtMostOnce<T> {
    fn grade(&self, _: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
        let quiet =
            RunSet { nodes: 1, span: Duration::from_secs(1), fault_plan: FaultPlan::none(), fixed: 5, fresh: 0 };
        let mut lossy = FaultPlan::none();
        lossy.conditions.loss = Ppm::percent(40);
        random_runs::<Calls<T, 3, 5>>(grading, "calls, without faults", quiet, ())?;
        random_runs::<Calls<T, 1, 2>>(
            grading,
            "two calls, with message loss",
            RunSet { fault_plan: lossy, fixed: 20, fresh: 20, ..quiet },
            (),
        )?;
        let span = Duration::from_secs(3);
        let harsh = RunSet { span, fault_plan: FaultPlan::harsh(), fixed: 40, fresh: 40, ..quiet };
        random_runs::<Calls<T, 3, 5>>(grading, "calls, with random faults", harsh, ())?;
        beyond::calls::<T>(grading)
    }
}

quorate_protocol::rules! {
    /// Rules of a server with at-most-once execution.
    enum CallRule {
        Execute: "Birrell and Nelson 1984, §3.2", "a new call is executed, and recorded together with its effect";
        Repeat: "Birrell and Nelson 1984, §3.2", "an executed call is answered again, but not executed again";
        Ignore: "Birrell and Nelson 1984, §3.2", "an old copy of a call that its client has completed is dropped";
        Remember: "Lee et al. 2015, §3", "after a restart the server still knows the executed calls and their replies";
    }
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
enum Command {
    Deposit { amount: u64 },
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
enum Reply {
    Balance { balance: u64 },
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
enum Record {
    Executed { ticket: RequestId, balance: u64 },
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
enum Fact {
    Executed { ticket: RequestId, balance: u64 },
    Repeated { ticket: RequestId, balance: u64 },
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Ledger(Vec<Record>);

impl quorate_protocol::Disk for Ledger {
    type Record = Record;

    fn apply(&mut self, record: &Record) {
        self.0.push(record.clone());
    }
}

/// Server.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Account<T> {
    memory: T,
    balance: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct View {
    balance: u64,
}

impl<T: Memory> Machine for Account<Opaque<T>> {
    type Config = ();
    type Rulebook = ();
    type Message = Never;
    type Timer = Never;
    type Command = Command;
    type Reply = Reply;
    type Fact = Fact;
    type Rule = CallRule;
    type Record = Record;
    type Disk = Ledger;
    type Clock = ();
    type View = View;

    fn boot(_: &Context<Self>, disk: &Ledger, out: &mut Outbox<Self>) -> Self {
        let mut account = Account { memory: Opaque(T::default()), balance: 0 };
        for Record::Executed { ticket, balance } in &disk.0 {
            account.memory.0.executed(*ticket, *balance);
            account.balance = *balance;
        }
        if !disk.0.is_empty() {
            out.because(CallRule::Remember).why(format_args!("{} calls were executed", disk.0.len()));
        }
        account
    }

    fn step(&mut self, _: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        match input {
            Input::Request { ticket, command: Command::Deposit { amount } } => match self.memory.0.arrived(ticket) {
                Call::Execute => {
                    let before = self.balance;
                    self.balance += amount;
                    let balance = self.balance;
                    self.memory.0.executed(ticket, balance);
                    out.because(CallRule::Execute)
                        .why(format_args!("{ticket} is new: {before} and {amount} make {balance}"))
                        .persist(Record::Executed { ticket, balance })
                        .emit(Fact::Executed { ticket, balance })
                        .reply(ticket, Reply::Balance { balance });
                }
                Call::Repeat(balance) => {
                    out.because(CallRule::Repeat)
                        .why(format_args!("{ticket} is not new: the answer was {balance}"))
                        .emit(Fact::Repeated { ticket, balance })
                        .reply(ticket, Reply::Balance { balance });
                }
                Call::Ignore => {
                    out.because(CallRule::Ignore).why(format_args!("no client waits for {ticket}"));
                }
            },
            Input::Deliver { message, .. } => match message {},
            Input::Fire(never) => match never {},
        }
    }

    fn view(&self, _: &Context<Self>) -> View {
        View { balance: self.balance }
    }
}

/// Invariant: each call is executed at most once, and retries get the answer of that execution.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Executions(BTreeMap<RequestId, u64>);

impl<T: Memory> Invariant<Account<Opaque<T>>> for Executions {
    fn check(&mut self, seen: &StepView<'_, Account<Opaque<T>>>) -> Result<(), InvariantViolation> {
        for fact in seen.facts() {
            match fact {
                Fact::Executed { ticket, balance } => {
                    if let Some(before) = self.0.insert(*ticket, *balance) {
                        let detail = format!(
                            "{ticket} was executed twice: once it made the balance {before}, and once {balance}"
                        );
                        return Err(InvariantViolation::new("AtMostOnce", detail));
                    }
                }
                Fact::Repeated { ticket, balance } => {
                    let said = match self.0.get(ticket) {
                        Some(first) if first == balance => continue,
                        Some(first) => format!("the reply at its execution was {first}"),
                        None => "it was never executed".to_owned(),
                    };
                    return Err(InvariantViolation::new(
                        "OneAnswer",
                        format!("{ticket} got the reply {balance}, but {said}"),
                    ));
                }
            }
        }
        Ok(())
    }
}

/// Target: a server with this memory, with `CLIENTS` clients that make `CALLS` calls each.
struct Calls<T, const CLIENTS: u32, const CALLS: u32>(PhantomData<T>);

impl<T: Memory, const CLIENTS: u32, const CALLS: u32> SimTarget for Calls<T, CLIENTS, CALLS> {
    type Machine = Account<Opaque<T>>;
    type Invariants = Executions;

    const NAME: &'static str = "calls";
    const GOAL: &'static str = "answered every call";

    fn plan(_: impl Into<NamedRulebookOf<Self::Machine>>, run: &RunParameters) -> Result<Planned<Self>, TargetError> {
        let mut rng = client_rng(run);
        let names = Names::new(["server"], (1..=CLIENTS).map(|number| format!("c{number}")));
        let mut requests: Vec<_> = (0..CLIENTS * CALLS)
            .map(|number| ClientRequest {
                at: early(run, &mut rng),
                client: ClientId(number % CLIENTS),
                of: None,
                command: Command::Deposit { amount: 1 + rng.below(9) },
            })
            .collect();
        requests.sort_by_key(|request| request.at);
        Ok(Experiment {
            setup: Setup::new(Self::NAME, names, ())
                .title("Retried calls")
                .seed(run.seed)
                .conditions(run.fault_plan.conditions)
                .retry_policy(STUBBORN),
            invariants: (Executions::default(), Coverage::default()),
            requests,
            faults: run.fault_plan.schedule(run.seed, run.nodes, run.span),
            message_faults: None,
            fault_window: run.span,
            // No messages are lost any more, so a few retries are enough.
            recovery_window: Duration::from_secs(2),
        })
    }

    fn reached(world: &World<Self::Machine, Watched<Self>>) -> bool {
        world.clients_are_idle()
    }

    /// The invariants check everything; there is no client contract.
    fn answer_stats(_: &Self::Invariants) -> AnswerStats {
        AnswerStats::default()
    }

    fn coverage(coverage: &Coverage<Self::Machine>) -> Vec<(u64, &'static str)> {
        vec![(coverage.crashes(), "crashes"), (coverage.of(CallRule::Repeat), "calls answered again")]
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{breaks, shown};
    use super::*;

    /// Declares a memory for the tests: all calls with their answers in the order of execution, and
    /// its decision on a call.
    macro_rules! memory {
        ($name:ident, |$known:ident, $ticket:ident| $decide:expr) => {
            #[derive(Clone, Default)]
            struct $name(Vec<(RequestId, u64)>);

            impl Memory for $name {
                fn arrived(&self, $ticket: RequestId) -> Call {
                    let $known = &self.0;
                    $decide
                }

                fn executed(&mut self, ticket: RequestId, answer: u64) {
                    self.0.push((ticket, answer));
                }
            }
        };
    }

    fn answer_of(known: &[(RequestId, u64)], ticket: RequestId) -> Option<u64> {
        known.iter().find(|(each, _)| *each == ticket).map(|(_, answer)| *answer)
    }

    memory!(Everything, |known, ticket| answer_of(known, ticket).map_or(Call::Execute, Call::Repeat));
    memory!(Nothing, |known, ticket| if known.len() > 1000 { Call::Repeat(ticket.number) } else { Call::Execute });
    memory!(LastOfAll, |known, ticket| match known.last() {
        Some((last, answer)) if *last == ticket => Call::Repeat(*answer),
        _ => Call::Execute,
    });
    memory!(LastOfEach, |known, ticket| match known.iter().rfind(|(each, _)| each.client == ticket.client) {
        Some((last, answer)) if *last == ticket => Call::Repeat(*answer),
        _ => Call::Execute,
    });
    memory!(NumbersAlone, |known, ticket| match known.iter().find(|(each, _)| each.number == ticket.number) {
        Some((_, answer)) => Call::Repeat(*answer),
        None => Call::Execute,
    });
    memory!(NewestAnswer, |known, ticket| match answer_of(known, ticket) {
        Some(_) => Call::Repeat(known.last().map_or(0, |(_, answer)| *answer)),
        None => Call::Execute,
    });
    memory!(Silent, |known, ticket| answer_of(known, ticket).map_or(Call::Execute, |_| Call::Ignore));

    #[test]
    fn who_remembers_everything_passes() {
        assert_eq!(breaks("at-most-once", &at_most_once::<Everything>()), None);
    }

    #[test]
    fn wrong_memories_fail_for_what_they_are() {
        assert_eq!(breaks("at-most-once", &at_most_once::<Nothing>()), shown("AtMostOnce"));
        assert_eq!(breaks("at-most-once", &at_most_once::<LastOfAll>()), shown("AtMostOnce"));
        assert_eq!(breaks("at-most-once", &at_most_once::<LastOfEach>()), shown("AtMostOnce"));
        assert_eq!(breaks("at-most-once", &at_most_once::<NumbersAlone>()), shown("OneAnswer"));
        assert_eq!(breaks("at-most-once", &at_most_once::<NewestAnswer>()), shown("OneAnswer"));
        assert_eq!(breaks("at-most-once", &at_most_once::<Silent>()), shown("Progress"));
    }
}
