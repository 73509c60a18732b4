//! Quorums: a replicated value, written to some nodes and read from some.
//!
//! Sending requests and collecting answers is given; the learner decides when enough nodes have
//! answered. Requests are repeated until then, so answers are, too; and one node keeps a copy
//! without being a member.

mod copies;

use quorate_bugs::NamedRulebookOf;
use std::marker::PhantomData;

use copies::{Cluster, Command, CopyRule, Keeper, Reads, WRITER};
pub use quorate_answer::network::Quorum;
use quorate_harness::TargetError;
use quorate_harness::experiments::{AnswerStats, Planned, RunParameters, SimTarget, Watched};
use quorate_lab::sim::{ClientRequest, Coverage, CrashPoint, Experiment, Fault, FaultPlan, RetryPolicy, Setup, World};
use quorate_protocol::{ClientId, Duration, Names, NodeId, Time};

use super::{Opaque, STUBBORN, beyond, client_rng, early};
use crate::answer::Answer;
use crate::course::Exercise;
use crate::grade::{RunSet, random_runs};
use crate::grading::{CaseFailure, Failed, Grading};

/// Hands in a cluster with these quorums.
pub fn majority<T: Quorum>() -> impl Answer {
    Majority::<T>(PhantomData)
}

struct Majority<T>(PhantomData<T>);

impl<T: Quorum> Answer for Majority<T> {
    fn grade(&self, _: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
        let quiet =
            RunSet { nodes: 3, fault_plan: FaultPlan::none(), span: Duration::from_secs(1), fixed: 9, fresh: 0 };
        let span = Duration::from_secs(2);
        let harsh =
            RunSet { fault_plan: FaultPlan { crashes: 0, ..FaultPlan::harsh() }, span, fixed: 60, fresh: 60, ..quiet };
        random_runs::<Copies<T, AllUp>>(grading, "a replicated value, without faults", quiet, ())?;
        random_runs::<Copies<T, SomeDown>>(
            grading,
            "a replicated value, with a minority of the replicas down",
            quiet,
            (),
        )?;
        random_runs::<Copies<T, AllUp>>(grading, "a replicated value, with random faults", harsh, ())?;
        grading.case("any two quorums", |_| meeting::<T>())?;
        grading.case("how many may be down", |_| bearing::<T>())?;
        beyond::quorums::<T>(grading)
    }
}

/// Maximum number of members for exhaustive tests, with all their subsets.
const MEMBERS_MAX: u32 = 6;

/// Subset of the members, given as a bit mask.
fn part(members: u32, bits: u32) -> Vec<NodeId> {
    (0..members).filter(|node| bits >> node & 1 == 1).map(NodeId).collect()
}

fn members(count: u32) -> Vec<NodeId> {
    part(count, u32::MAX)
}

/// Checks that two quorums of the same members intersect.
fn meeting<T: Quorum>() -> Result<String, CaseFailure> {
    for count in 1..=MEMBERS_MAX {
        let all = members(count);
        let parts = 0..1_u32 << count;
        let quorums: Vec<u32> = parts.filter(|bits| T::is_quorum(&all, &part(count, *bits))).collect();
        for a in &quorums {
            if let Some(b) = quorums.iter().find(|b| a & *b == 0) {
                let (a, b) = (part(count, *a), part(count, *b));
                let detail =
                    format!("of {count} members, {a:?} are a quorum, and so are {b:?}, but they do not intersect");
                return Err(CaseFailure::new("QuorumsMeet", detail));
            }
        }
    }
    Ok(format!("any two intersect, for up to {MEMBERS_MAX} members"))
}

/// Checks that the stated number of tolerated crashes agrees with the quorums.
fn bearing<T: Quorum>() -> Result<String, CaseFailure> {
    for count in 1..=MEMBERS_MAX {
        let all = members(count);
        let bears = |down: u32| {
            let mut left = (0..1_u32 << count).filter(|bits| bits.count_ones() == count - down);
            left.all(|bits| T::is_quorum(&all, &part(count, bits)))
        };
        let claimed = T::may_fail(count as usize);
        let said = format!("your answer is that {count} members tolerate {claimed} failures, but your quorums");
        match u32::try_from(claimed).ok().filter(|claimed| *claimed <= count) {
            Some(down) if down < (count - 1) / 2 => {
                let best = (count - 1) / 2;
                let detail = format!("with the best quorums {count} members tolerate {best} failures, not only {down}");
                return Err(CaseFailure::new("CrashesBorne", detail));
            }
            Some(down) if bears(down) && !(down < count && bears(down + 1)) => {}
            Some(down) if bears(down) => {
                return Err(CaseFailure::new("CrashesBorne", format!("{said} tolerate more")));
            }
            _ => return Err(CaseFailure::new("CrashesBorne", format!("{said} do not tolerate that"))),
        }
    }
    Ok(format!("as many as the quorums tolerate, for up to {MEMBERS_MAX} members"))
}

/// Failures of members throughout the fault window.
trait Plight: 'static {
    const DOWN: bool;
    const GOAL: &'static str;
}

/// All members are up.
struct AllUp;

/// The largest tolerated minority is down.
struct SomeDown;

impl Plight for AllUp {
    const DOWN: bool = false;
    const GOAL: &'static str = "answered every read and write";
}

impl Plight for SomeDown {
    const DOWN: bool = true;
    const GOAL: &'static str = "answered every read and write with the nodes that were up";
}

/// Target: three, four or five copies, and one on a node that is not a member.
struct Copies<T, P>(PhantomData<(T, P)>);

impl<T: Quorum, P: Plight> SimTarget for Copies<T, P> {
    type Machine = Keeper;
    type Invariants = Reads;

    const NAME: &'static str = "copies";
    const GOAL: &'static str = P::GOAL;

    fn plan(_: impl Into<NamedRulebookOf<Self::Machine>>, run: &RunParameters) -> Result<Planned<Self>, TargetError> {
        let mut rng = client_rng(run);
        let count = run.nodes + (run.seed % 3) as u32;
        let down = if P::DOWN { (count - 1) / 2 } else { 0 };
        let names = (1..=count).map(|number| format!("n{number}")).chain(["spare".to_owned()]);
        let names = Names::new(names, ["writer", "reader"]);
        let cluster =
            Cluster { members: members(count), everybody: members(count + 1), is_quorum: Opaque(T::is_quorum) };
        let mut requests: Vec<_> = (0..if P::DOWN { 2 } else { 8 })
            .map(|number| {
                let reads = number % 2 == 1;
                ClientRequest {
                    at: early(run, &mut rng),
                    client: ClientId(u32::from(reads)),
                    of: Some(if reads { NodeId(rng.below(u64::from(count - down)) as u32) } else { WRITER }),
                    command: if reads { Command::Read } else { Command::Write },
                }
            })
            .collect();
        requests.sort_by_key(|request| request.at);
        let crashed = (count - down..count)
            .map(|node| (Time::ZERO, Fault::Crash { node: NodeId(node), point: CrashPoint::BetweenSteps }));
        let fault_plan = run.fault_plan.schedule(run.seed, count + 1, run.span);
        Ok(Experiment {
            setup: Setup::new(Self::NAME, names, cluster)
                .title("A replicated value")
                .seed(run.seed)
                .conditions(run.fault_plan.conditions)
                .retry_policy(RetryPolicy { timeout: Duration::from_secs(1), ..STUBBORN }),
            invariants: (Reads::default(), Coverage::default()),
            requests,
            faults: crashed.chain(fault_plan).collect(),
            message_faults: None,
            fault_window: run.span,
            // Only progress of the live members counts, so there is no recovery window.
            recovery_window: if P::DOWN { Duration::ZERO } else { Duration::from_secs(3) },
        })
    }

    fn reached(world: &World<Keeper, Watched<Self>>) -> bool {
        world.clients_are_idle() && world.invariants().0.settled > Time::ZERO
    }

    /// The invariants check everything; there is no client contract.
    fn answer_stats(_: &Self::Invariants) -> AnswerStats {
        AnswerStats::default()
    }

    fn coverage(coverage: &Coverage<Keeper>) -> Vec<(u64, &'static str)> {
        vec![(coverage.of(CopyRule::Written), "writes"), (coverage.of(CopyRule::Found), "reads")]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::tests::{breaks, shown};
    use super::*;

    /// Declares quorums for the tests: a predicate on the number of members that have answered,
    /// without duplicates, and the number of members.
    macro_rules! quorums {
        ($name:ident, |$replied:ident, $all:ident| $enough:expr, |$members:ident| $fail:expr) => {
            struct $name;

            impl Quorum for $name {
                fn is_quorum(members: &[NodeId], replied: &[NodeId]) -> bool {
                    let replied: BTreeSet<_> = replied.iter().filter(|node| members.contains(node)).collect();
                    let ($replied, $all) = (replied.len(), members.len());
                    $enough
                }

                fn may_fail($members: usize) -> usize {
                    $fail
                }
            }
        };
    }

    quorums!(Round, |replied, all| replied > all / 2, |members| members.div_ceil(2) - 1);
    quorums!(Half, |replied, all| 2 * replied >= all, |members| members / 2);
    quorums!(Anybody, |replied, _all| replied >= 1, |members| members - 1);
    quorums!(Everybody, |replied, all| replied == all, |_members| 0);
    quorums!(Boastful, |replied, all| replied > all / 2, |members| members / 2);
    quorums!(Shy, |replied, all| replied > all / 2, |_members| 0);

    struct CountsRepeated;

    impl Quorum for CountsRepeated {
        fn is_quorum(members: &[NodeId], replied: &[NodeId]) -> bool {
            replied.iter().filter(|node| members.contains(node)).count() > members.len() / 2
        }

        fn may_fail(members: usize) -> usize {
            (members - 1) / 2
        }
    }

    struct CountsStrangers;

    impl Quorum for CountsStrangers {
        fn is_quorum(members: &[NodeId], replied: &[NodeId]) -> bool {
            replied.iter().collect::<BTreeSet<_>>().len() > members.len() / 2
        }

        fn may_fail(members: usize) -> usize {
            (members - 1) / 2
        }
    }

    #[test]
    fn a_majority_passes() {
        assert_eq!(breaks("majority", &majority::<Round>()), None);
    }

    #[test]
    fn wrong_quorums_fail_for_what_they_are() {
        assert_eq!(breaks("majority", &majority::<Half>()), shown("ReadsSeeWrites"));
        assert_eq!(breaks("majority", &majority::<Anybody>()), shown("ReadsSeeWrites"));
        assert_eq!(breaks("majority", &majority::<CountsRepeated>()), shown("ReadsSeeWrites"));
        assert_eq!(breaks("majority", &majority::<CountsStrangers>()), shown("ReadsSeeWrites"));
        assert_eq!(breaks("majority", &majority::<Everybody>()), shown("Progress"));
        assert_eq!(breaks("majority", &majority::<Boastful>()), Some(("CrashesBorne".to_owned(), false)));
        assert_eq!(breaks("majority", &majority::<Shy>()), Some(("CrashesBorne".to_owned(), false)));
    }
}
