//! Grading of the fence of a resource that does not trust its writers.
//!
//! A lock server grants tokens with its seal, an honest writer shows them, and so does a liar, which
//! also invents tokens, seals some itself, and shows those of another resource. The learner decides
//! which writes a resource admits.
//!
//! | invariant | meaning |
//! |---|---|
//! | `SealOfServer` | a resource admits tokens of the lock server alone |
//! | `TokenForResource` | it admits only those that are for it |
//! | `TokensNeverDecrease` | it admits no earlier one after a later one |

mod guarded;

use std::marker::PhantomData;

use guarded::{Command, Guarded, HONEST, LIAR, Place, RESOURCES, SERVER, SealRule, Tokens};
pub use quorate_answer::seal::{Fence, Grant};
use quorate_bugs::NamedRulebookOf;
use quorate_byzantine::Sealed;
use quorate_harness::TargetError;
use quorate_harness::experiments::{AnswerStats, Planned, RunParameters, SimTarget, Watched};
use quorate_lab::sim::{ClientRequest, Coverage, Experiment, FaultPlan, Rng, Setup, World};
use quorate_protocol::{ClientId, Constants, Duration, Names, NodeId};

use super::network::{Opaque, STUBBORN, client_rng, early};
use super::unit_cases::values;
use super::{RunSet, random_runs};
use crate::answer::Answer;
use crate::course::Exercise;
use crate::grading::{CaseFailure, DECISION, Failed, Grading};

/// Hands in resources with this fence.
pub fn sealed_token<T: Fence>() -> impl Answer {
    SealedToken::<T>(PhantomData)
}

struct SealedToken<T>(PhantomData<T>);

impl<T: Fence> Answer for SealedToken<T> {
    fn grade(&self, _: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
        let quiet =
            RunSet { nodes: 5, fault_plan: FaultPlan::none(), span: Duration::from_secs(1), fixed: 5, fresh: 0 };
        let harsh =
            RunSet { fault_plan: FaultPlan { crashes: 0, ..FaultPlan::harsh() }, fixed: 40, fresh: 40, ..quiet };
        random_runs::<Writes<T>>(grading, "sealed tokens and a liar, without faults", quiet, ())?;
        random_runs::<Writes<T>>(grading, "sealed tokens and a liar, with random faults", harsh, ())?;
        grading.case("tokens one by one", |grading| one_by_one::<T>(grading))
    }
}

/// Random stream number, unique within a grading.
const STREAM: u64 = 0x5EA1;

/// Asks about every kind of token, with numbers of all sizes.
fn one_by_one<T: Fence>(grading: &Grading) -> Result<String, CaseFailure> {
    let constants = Constants::<Guarded>::new(Place { admits: Opaque(T::admits) });
    let mut scales = values::scales(&mut Rng::new(grading.fresh(), STREAM));
    scales.push(values::last());
    let mut count = 0;
    for scale in scales {
        let highest = (0..=3).map(|small| (small > 0).then(|| scale.at(small)));
        for (highest, token) in highest.flat_map(|highest| (1..=4).map(move |small| (highest, scale.at(small)))) {
            for (key, server) in [(SERVER, SERVER), (LIAR, SERVER), (LIAR, LIAR), (SERVER, LIAR)] {
                for resource in RESOURCES {
                    let shown = Sealed::new(&constants.of(key, ()), Grant { server, resource, token });
                    let answer = T::admits(SERVER, RESOURCES[0], highest, &shown);
                    let is_right = key == SERVER && server == SERVER && resource == RESOURCES[0];
                    if answer != (is_right && highest <= Some(token)) {
                        let detail = format!(
                            "{} is asked about {shown:?} and trusts {SERVER}; its highest token is {highest:?}: \
                             admits answers {answer}, but a token is admitted exactly if the trusted server has \
                             sealed it as its own, for this resource, and it is not below the highest one",
                            RESOURCES[0]
                        );
                        return Err(CaseFailure::new(DECISION, detail).in_seed(grading.fresh()));
                    }
                    count += 1;
                }
            }
        }
    }
    Ok(format!("{count} tokens, some of them random, from seed {}", grading.fresh()))
}

/// Target: a lock server, two resources, an honest writer and a liar.
struct Writes<T>(PhantomData<T>);

impl<T: Fence> Writes<T> {
    /// Writes of the honest writer; and of the liar, which at first asks for tokens as it should.
    fn requests(run: &RunParameters) -> Vec<ClientRequest<Command>> {
        let mut rng = client_rng(run);
        let mut request = |client: u32, of: NodeId, command: fn(NodeId) -> Command| ClientRequest {
            at: early(run, &mut rng),
            client: ClientId(client),
            of: Some(of),
            command: command(RESOURCES[rng.below(RESOURCES.len() as u64) as usize]),
        };
        let mut requests: Vec<_> = (0..4).map(|_| request(0, HONEST, |resource| Command::Write { resource })).collect();
        requests.extend((0..2).map(|_| request(1, LIAR, |resource| Command::Write { resource })));
        let lies: [fn(NodeId) -> Command; 4] = [
            |resource| Command::Invent { resource },
            |resource| Command::SealItself { resource },
            |resource| Command::ShowElsewhere { resource },
            |resource| Command::ShowAgain { resource },
        ];
        requests.extend(lies.map(|lie| request(1, LIAR, lie)));
        requests.sort_by_key(|request| request.at);
        requests
    }
}

impl<T: Fence> SimTarget for Writes<T> {
    type Machine = Guarded;
    type Invariants = Tokens;

    const NAME: &'static str = "sealed tokens";
    const GOAL: &'static str = "had every honest write admitted";

    fn plan(_: impl Into<NamedRulebookOf<Self::Machine>>, run: &RunParameters) -> Result<Planned<Self>, TargetError> {
        let names = Names::new(["L", "R", "S", "A", "B"], ["honest", "liar"]);
        Ok(Experiment {
            setup: Setup::new(Self::NAME, names, Place { admits: Opaque(T::admits) })
                .title("Two resources, and a liar among their writers")
                .seed(run.seed)
                .conditions(run.fault_plan.conditions)
                .retry_policy(STUBBORN),
            invariants: (Tokens::default(), Coverage::default()),
            requests: Self::requests(run),
            faults: run.fault_plan.schedule(run.seed, run.nodes, run.span),
            message_faults: None,
            fault_window: run.span,
            recovery_window: Duration::from_secs(5),
        })
    }

    fn reached(world: &World<Guarded, Watched<Self>>) -> bool {
        world.clients_are_idle()
    }

    /// The invariants check everything; there is no client contract.
    fn answer_stats(_: &Self::Invariants) -> AnswerStats {
        AnswerStats::default()
    }

    fn coverage(coverage: &Coverage<Guarded>) -> Vec<(u64, &'static str)> {
        vec![(coverage.of(SealRule::Admit), "writes admitted"), (coverage.of(SealRule::Lie), "lies")]
    }
}

#[cfg(test)]
mod tests {
    use super::super::network::tests::{breaks, shown};
    use super::*;

    /// Declares fences for the tests: what each admits, of the seal, the body, and the rest.
    macro_rules! fences {
        ($($name:ident |$server:ident, $resource:ident, $highest:ident, $shown:ident| $admits:expr;)+) => {
            $(
                struct $name;

                impl Fence for $name {
                    fn admits(
                        $server: NodeId,
                        $resource: NodeId,
                        $highest: Option<u64>,
                        $shown: &Sealed<Grant>,
                    ) -> bool {
                        $admits
                    }
                }
            )+
        };
    }

    fences! {
        Careful |server, resource, highest, shown| shown.is_genuine() && shown.claimed() == server
            && shown.body().resource == resource && highest.is_none_or(|highest| highest <= shown.body().token);
        Trusting |_server, _resource, _highest, _shown| true;
        Claimed |server, resource, highest, shown| shown.claimed() == server
            && shown.body().resource == resource && highest <= Some(shown.body().token);
        Genuine |_server, resource, highest, shown| shown.is_genuine()
            && shown.body().resource == resource && highest <= Some(shown.body().token);
        Elsewhere |server, _resource, highest, shown| shown.by() == server && highest <= Some(shown.body().token);
        Forgetful |server, resource, _highest, shown| shown.by() == server && shown.body().resource == resource;
        Closed |_server, _resource, _highest, _shown| false;
        OnceOnly |server, resource, highest, shown| shown.by() == server && shown.claimed() == server
            && shown.body().resource == resource && highest < Some(shown.body().token);
    }

    #[test]
    fn a_careful_fence_passes() {
        assert_eq!(breaks("sealed-token", &sealed_token::<Careful>()), None);
    }

    #[test]
    fn wrong_fences_fail_for_what_they_are() {
        assert_eq!(breaks("sealed-token", &sealed_token::<Trusting>()), shown("TokenForResource"));
        assert_eq!(breaks("sealed-token", &sealed_token::<Claimed>()), shown("SealOfServer"));
        assert_eq!(breaks("sealed-token", &sealed_token::<Genuine>()), shown("SealOfServer"));
        assert_eq!(breaks("sealed-token", &sealed_token::<Elsewhere>()), shown("TokenForResource"));
        assert_eq!(breaks("sealed-token", &sealed_token::<Forgetful>()), shown("TokensNeverDecrease"));
        assert_eq!(breaks("sealed-token", &sealed_token::<Closed>()), shown("Progress"));
        assert_eq!(breaks("sealed-token", &sealed_token::<OnceOnly>()), Some((DECISION.to_owned(), false)));
    }
}
