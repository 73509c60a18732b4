//! Client contracts in random runs of every protocol: answers must be linearizable to an object
//! that is implemented independently of the protocol.

use quorate_bugs::NamedRulebookOf;
use quorate_harness::experiments::contract::{
    CacheAnswers, ClockAnswers, Contract, IdAnswers, LeaseAnswers, LinearizableAnswers, MajorityAnswers,
    MultiPaxosAnswers, PaxosAnswers, RaftAnswers, StoreAnswers, TableAnswers,
};
use quorate_harness::experiments::{AnswerStats, RunParameters, SimTarget};
use quorate_harness::protocols::{
    LeaseCacheTarget, LeaseMajorityTarget, LeasePushedTarget, LeaseRaftTarget, LeaseStoreTarget, LeaseTarget,
    MultiPaxosTarget, NtpTarget, OutboxTarget, PaxosCommitTarget, PaxosTarget, PbftTarget, PrimaryBackupTarget,
    RaftTarget, RegisterTarget, SagaTarget, SnowflakeTarget, ThreePhaseTarget, TrueTimeTarget, TwoPhaseTarget,
};
use quorate_lab::sim::{Experiment, FaultPlan, RunVerdict};
use quorate_lease::{
    self as lease, BY_THE_BOOK, Name, RequestLookup, Rulebook, Token, Value, cache, majority, replicated, store,
};
use quorate_paxos::{self as paxos, multi};
use quorate_protocol::{ClientEvent, ClientEventKind, ClientId, Duration, Invariant, Machine, NodeId, RequestId, Time};
use quorate_raft::{self as raft, KeyValue, KeyValueCommand, KeyValueQuery, KeyValueReply, Raft};

/// Number of seeds for each protocol; `QUORATE_SEEDS` overrides it.
fn seeds() -> u64 {
    std::env::var("QUORATE_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(40)
}

fn run(seed: u64) -> RunParameters {
    let fault_plan = FaultPlan { outage: Duration::from_millis(250), ..FaultPlan::harsh() };
    RunParameters { nodes: 3, seed, fault_plan, span: Duration::from_secs(3) }
}

/// Harsh runs: each must reach its goal and have its histories checked.
fn checked<S: SimTarget>(least: u64) {
    let mut all = AnswerStats::default();
    for seed in 0..seeds() {
        let outcome = S::experiment(&run(seed)).unwrap().run(S::reached);
        let replay = run(seed).replay::<S>();
        assert!(matches!(outcome.verdict, RunVerdict::Reached { .. }), "{:?}\n  {replay}", outcome.verdict);
        all += S::answer_stats(&outcome.world.invariants().0);
    }
    assert_eq!((all.histories, all.undecided), (seeds(), 0));
    assert!(all.operations >= least * seeds(), "only {} operations of {} were checked", all.operations, S::NAME);
}

#[test]
fn the_answers_of_paxos_are_checked() {
    checked::<PaxosTarget>(1);
}

#[test]
fn the_answers_of_multi_paxos_are_checked() {
    checked::<MultiPaxosTarget>(50);
}

#[test]
fn the_answers_of_raft_are_checked() {
    checked::<RaftTarget>(25);
}

#[test]
fn the_answers_of_lease_are_checked() {
    checked::<LeaseTarget>(5);
}

#[test]
fn the_answers_of_lease_majority_are_checked() {
    checked::<LeaseMajorityTarget>(2);
}

#[test]
fn the_answers_of_lease_pushed_are_checked() {
    checked::<LeasePushedTarget>(3);
}

#[test]
fn the_answers_of_lease_store_are_checked() {
    checked::<LeaseStoreTarget>(10);
}

#[test]
fn the_answers_of_two_phase_commit_are_checked() {
    checked::<TwoPhaseTarget>(10);
}

#[test]
fn the_answers_of_three_phase_commit_are_checked() {
    checked::<ThreePhaseTarget>(10);
}

#[test]
fn the_answers_of_paxos_commit_are_checked() {
    checked::<PaxosCommitTarget>(10);
}

#[test]
fn the_answers_of_sagas_are_checked() {
    checked::<SagaTarget>(10);
}

#[test]
fn the_answers_of_the_message_table_are_checked() {
    checked::<OutboxTarget>(10);
}

/// Half of the seeds need a majority, and are judged. Of the others those are counted that are not
/// linearizable: they are expected not to be.
#[test]
fn the_answers_of_the_register_are_checked() {
    checked::<RegisterTarget>(10);
}

/// Half of the seeds acknowledge synchronously, and are judged; of the others the lost writes are
/// counted.
#[test]
fn the_answers_of_a_primary_with_a_backup_are_checked() {
    checked::<PrimaryBackupTarget>(10);
}

/// One of four replicas lies.
#[test]
fn the_answers_of_pbft_are_checked() {
    checked::<PbftTarget>(10);
}

#[test]
fn the_answers_of_lease_cache_are_checked() {
    checked::<LeaseCacheTarget>(100);
}

#[test]
fn the_answers_of_true_time_are_checked() {
    checked::<TrueTimeTarget>(20);
}

#[test]
fn the_answers_of_ntp_are_checked() {
    checked::<NtpTarget>(20);
}

#[test]
fn the_answers_of_snowflake_are_checked() {
    checked::<SnowflakeTarget>(50);
}

#[test]
fn the_answers_of_lease_raft_are_checked() {
    checked::<LeaseRaftTarget>(20);
}

/// Executes a retried request again.
const FORGETFUL: Rulebook = Rulebook { known: |_, _| RequestLookup::New, ..BY_THE_BOOK };

/// First violation, in runs under these rules, that the client contract alone detects.
fn seen_by_clients<S, C>(rules: NamedRulebookOf<S::Machine>) -> Option<&'static str>
where
    S: SimTarget,
    C: Contract<S::Machine>,
{
    seen_under::<S, LinearizableAnswers<C>>(rules, LinearizableAnswers::default)
}

/// First violation of the invariant, in runs under these rules.
fn seen_under<S, I>(rules: NamedRulebookOf<S::Machine>, invariants: impl Fn() -> I) -> Option<&'static str>
where
    S: SimTarget,
    I: Invariant<S::Machine>,
{
    (0..200).find_map(|seed| {
        let Experiment { setup, requests, faults, message_faults, fault_window, recovery_window, .. } =
            S::plan(rules, &run(seed)).unwrap();
        let recovery_window = recovery_window.min(Duration::from_secs(2));
        let invariants = invariants();
        match (Experiment { setup, invariants, requests, faults, message_faults, fault_window, recovery_window })
            .run_to_end()
            .verdict
        {
            RunVerdict::Broke(violation) => Some(violation.broken.invariant),
            RunVerdict::Reached { .. } | RunVerdict::Missed => None,
        }
    })
}

#[test]
fn clients_see_a_store_that_carries_out_again_what_it_is_asked_again() {
    assert_eq!(seen_by_clients::<LeaseStoreTarget, StoreAnswers>(FORGETFUL.into()), Some("Linearizable"));
}

#[test]
fn clients_see_a_cache_server_that_carries_out_again_what_it_is_asked_again() {
    assert!(seen_by_clients::<LeaseCacheTarget, CacheAnswers>(FORGETFUL.into()).is_some());
}

#[test]
fn clients_see_when_two_values_are_chosen() {
    assert_eq!(seen_by_clients::<PaxosTarget, PaxosAnswers>(quorate_bugs::paxos::OWN_VALUE), Some("Linearizable"));
}

#[test]
fn clients_see_a_stamp_that_is_smaller_than_one_that_they_know() {
    use quorate_bugs::time::true_time::STAMP_AT_EARLIEST;
    assert_eq!(seen_by_clients::<TrueTimeTarget, ClockAnswers>(STAMP_AT_EARLIEST), Some(LINEARIZABLE));
}

#[test]
fn clients_see_generators_with_the_same_number() {
    use quorate_bugs::time::snowflake::WORKER_BY_CHANCE;
    assert_eq!(seen_under::<SnowflakeTarget, _>(WORKER_BY_CHANCE, IdAnswers::default), Some("AnswersDiffer"));
}

fn ticket(client: u32, number: u64) -> RequestId {
    RequestId { client: ClientId(client), number }
}

/// Client events written by hand.
struct Talk<M: Machine>(Vec<ClientEvent<M>>);

impl<M: Machine> Talk<M> {
    fn new() -> Self {
        Talk(Vec::new())
    }

    fn hear(mut self, ticket: RequestId, word: ClientEventKind<M>) -> Self {
        let at = Time::from_millis(self.0.len() as u64);
        self.0.push(ClientEvent { at, ticket, kind: word });
        self
    }

    fn asks(self, client: u32, number: u64, command: M::Command) -> Self {
        self.hear(ticket(client, number), ClientEventKind::Invocation(command))
    }

    fn replied(self, client: u32, number: u64, reply: M::Reply) -> Self {
        self.hear(ticket(client, number), ClientEventKind::Response { by: NodeId(0), reply })
    }

    /// Position of the answer that cannot be explained, and the broken invariant.
    fn wrong<C: Contract<M>>(self) -> Option<(usize, &'static str)> {
        let unexplained = LinearizableAnswers::<C>::default().conclude(&self.0).err()?;
        Some((unexplained.place, unexplained.broken.invariant))
    }
}

const LINEARIZABLE: &str = "Linearizable";

#[test]
fn a_decision_is_one_value_that_was_proposed_by_then() {
    let propose = |value: &str| paxos::Command::Propose { value: paxos::Value::from(value), round: None };
    let chosen = |value: &str| paxos::Reply::Chosen { value: paxos::Value::from(value) };
    let talk = || Talk::<paxos::Paxos>::new().asks(0, 1, propose("v1")).asks(1, 1, propose("v2"));
    let wrong = |talk: Talk<_>| talk.wrong::<PaxosAnswers>();
    assert_eq!(wrong(talk().replied(0, 1, chosen("v2")).replied(1, 1, chosen("v2"))), None);
    assert_eq!(wrong(talk().replied(0, 1, chosen("v1")).replied(1, 1, chosen("v2"))), Some((3, LINEARIZABLE)));
    assert_eq!(wrong(talk().replied(0, 1, chosen("v3"))), Some((2, LINEARIZABLE)), "nobody has proposed it");
    let early = Talk::<paxos::Paxos>::new().asks(0, 1, propose("v1")).replied(0, 1, chosen("v2"));
    assert_eq!(wrong(early.asks(1, 1, propose("v2")).replied(1, 1, chosen("v2"))), Some((1, LINEARIZABLE)));
}

#[test]
fn a_command_has_one_slot_above_those_that_were_known() {
    let propose = |value: &str| multi::Command::Propose { value: paxos::Value::from(value) };
    let chosen = |slot, value: &str| multi::Reply::Chosen { slot: multi::Slot(slot), value: paxos::Value::from(value) };
    let talk = || Talk::<multi::MultiPaxos>::new().asks(0, 1, propose("a")).replied(0, 1, chosen(2, "a"));
    let wrong = |talk: Talk<_>| talk.wrong::<MultiPaxosAnswers>();
    assert_eq!(
        wrong(talk().asks(1, 1, propose("b")).replied(1, 1, chosen(4, "b")).replied(0, 1, chosen(2, "a"))),
        None
    );
    for (slot, value) in [(2, "b"), (1, "b"), (4, "a")] {
        let late = talk().asks(1, 1, propose("b")).replied(1, 1, chosen(slot, value));
        assert_eq!(wrong(late), Some((3, LINEARIZABLE)), "{value} in slot {slot}");
    }
    assert_eq!(wrong(talk().replied(0, 1, chosen(3, "a"))), Some((2, "AnsweredOnce")));
}

#[test]
fn a_replicated_store_is_one_store() {
    let append =
        |value: &str| raft::Command::Apply(KeyValueCommand::Append { key: "x".to_owned(), value: value.to_owned() });
    let get = || raft::Command::Read(KeyValueQuery::Get { key: "x".to_owned() });
    let value = |value: Option<&str>| KeyValueReply::Value(value.map(str::to_owned));
    let talk =
        || Talk::<Raft<KeyValue>>::new().asks(0, 1, append("a")).replied(0, 1, raft::Reply::Applied(value(Some("a"))));
    let reads = |held| talk().asks(1, 1, get()).replied(1, 1, raft::Reply::Read(value(held))).wrong::<RaftAnswers>();
    assert_eq!(reads(Some("a")), None);
    assert_eq!(reads(None), Some((3, LINEARIZABLE)), "stale");
    assert_eq!(reads(Some("aa")), Some((3, LINEARIZABLE)), "appended twice");
    let twice = talk().replied(0, 1, raft::Reply::Applied(value(Some("aa"))));
    assert_eq!(twice.wrong::<RaftAnswers>(), Some((2, "AnsweredOnce")));
    // A read may be answered by each node that it was sent to, including late answers: both must be
    // right.
    let slow = || talk().asks(1, 1, get()).asks(0, 2, append("b")).replied(1, 1, raft::Reply::Read(value(Some("a"))));
    let slow = |held| {
        slow().replied(0, 2, raft::Reply::Applied(value(Some("ab")))).replied(1, 1, raft::Reply::Read(value(held)))
    };
    assert_eq!(slow(Some("ab")).wrong::<RaftAnswers>(), None);
    assert_eq!(slow(None).wrong::<RaftAnswers>(), Some((6, LINEARIZABLE)));
}

#[test]
fn grants_act_one_after_the_other_and_write_in_their_order() {
    use lease::{Command, Reply};
    let talk = || Talk::<lease::Lease>::new().asks(0, 1, Command::Act).replied(0, 1, Reply::Acted { token: Token(2) });
    let then = |token| talk().asks(1, 1, Command::Act).replied(1, 1, Reply::Acted { token: Token(token) });
    assert_eq!(then(3).wrong::<LeaseAnswers>(), None);
    assert_eq!(then(1).wrong::<LeaseAnswers>(), Some((3, LINEARIZABLE)));
    let given_back =
        || then(3).asks(1, 2, Command::Release { successor: None }).replied(1, 2, Reply::Released { token: Token(3) });
    let acts = |token| given_back().asks(1, 3, Command::Act).replied(1, 3, Reply::Acted { token: Token(token) });
    assert_eq!(acts(3).wrong::<LeaseAnswers>(), None, "its holder has restarted, and the granter has not heard of it");
    assert_eq!(acts(2).wrong::<LeaseAnswers>(), Some((7, LINEARIZABLE)), "another has acted since");
    let write = || Command::Write { value: Value::from("w") };
    let written = |token| Reply::Written { token: Token(token) };
    let talk = || Talk::<lease::Lease>::new().asks(0, 1, write()).replied(0, 1, written(2)).asks(1, 1, write());
    assert_eq!(talk().replied(1, 1, written(2)).wrong::<LeaseAnswers>(), None);
    assert_eq!(talk().replied(1, 1, written(1)).wrong::<LeaseAnswers>(), Some((3, LINEARIZABLE)));
    let refused = talk().replied(1, 1, Reply::WriteRefused { highest: None });
    assert_eq!(refused.wrong::<LeaseAnswers>(), Some((3, LINEARIZABLE)), "it had accepted something");
    let refused = |highest| Reply::WriteRefused { highest: Some(Token(highest)) };
    let then_refused = |highest| talk().replied(1, 1, written(3)).replied(1, 1, refused(highest));
    assert_eq!(
        then_refused(4).wrong::<LeaseAnswers>(),
        Some((4, "AnsweredOnce")),
        "it was written before 4 was accepted"
    );
    assert_eq!(then_refused(2).wrong::<LeaseAnswers>(), None, "an earlier attempt, whose refusal was late");
    let then_written = talk().replied(1, 1, refused(2)).replied(1, 1, written(3));
    assert_eq!(then_written.wrong::<LeaseAnswers>(), None, "another attempt, under another grant");
    let twice = talk().replied(1, 1, written(3)).replied(1, 1, refused(2)).replied(1, 1, written(4));
    assert_eq!(twice.wrong::<LeaseAnswers>(), Some((5, "AnsweredOnce")), "two grants cannot have written it");
}

#[test]
fn the_grant_of_a_majority_does_not_come_back() {
    let acts = |tokens: &[u64]| {
        let talk = Talk::<majority::MajorityLease>::new();
        (1..).zip(tokens).fold(talk, |talk, (number, token)| {
            talk.asks(0, number, majority::Command::Act).replied(
                0,
                number,
                lease::Reply::Acted { token: Token(*token) },
            )
        })
    };
    assert_eq!(acts(&[5, 5, 3, 3, 4]).wrong::<MajorityAnswers>(), None);
    assert_eq!(acts(&[5, 3, 5]).wrong::<MajorityAnswers>(), Some((5, LINEARIZABLE)));
}

#[test]
fn a_fenced_store_is_a_register() {
    use store::{Command, Reply};
    let write = |value: &str| Command::Write { value: Value::from(value) };
    let opened = |value: &str| Reply::Opened { value: Some(Value::from(value)) };
    let talk = || {
        let red = Talk::<store::FencedStore>::new().asks(0, 2, write("red")).replied(0, 2, Reply::Written);
        red.asks(0, 3, write("blue")).replied(0, 3, Reply::Written).asks(1, 1, Command::Open { token: Token(2) })
    };
    assert_eq!(talk().replied(1, 1, opened("blue")).wrong::<StoreAnswers>(), None);
    assert_eq!(talk().replied(1, 1, opened("red")).wrong::<StoreAnswers>(), Some((5, LINEARIZABLE)), "red came back");
    let gave_up = || talk().asks(0, 4, write("green"));
    assert_eq!(gave_up().replied(1, 1, opened("green")).wrong::<StoreAnswers>(), None, "it may have taken effect");
    let undone = gave_up().replied(1, 1, opened("green")).asks(1, 2, Command::Open { token: Token(3) });
    assert_eq!(undone.replied(1, 2, opened("blue")).wrong::<StoreAnswers>(), Some((8, LINEARIZABLE)));
}

#[test]
fn cached_data_count_their_changes() {
    use cache::{Command, Datum, Reply};
    let key = || Name::from("x");
    let write = |value: &str| Command::Write { key: key(), value: Value::from(value) };
    let talk = || Talk::<cache::Cache>::new().asks(0, 1, write("a")).replied(0, 1, Reply::Written { version: 1 });
    let read = |version, value: Option<&str>| {
        let datum = Datum { version, value: value.map(Value::from) };
        talk().asks(1, 1, Command::Read { key: key() }).replied(1, 1, Reply::Read { datum }).wrong::<CacheAnswers>()
    };
    assert_eq!(read(1, Some("a")), None);
    assert_eq!(read(0, None), Some((3, LINEARIZABLE)), "stale");
    assert_eq!(read(2, Some("a")), Some((3, LINEARIZABLE)), "written twice");
    let overtaken =
        talk().asks(0, 2, write("b")).replied(0, 2, Reply::Overtaken).asks(1, 1, Command::Read { key: key() });
    let datum = Datum { version: 2, value: Some(Value::from("b")) };
    assert_eq!(
        overtaken.replied(1, 1, Reply::Read { datum }).wrong::<CacheAnswers>(),
        None,
        "it may have been written"
    );
}

#[test]
fn the_rows_of_a_lease_table_do_not_go_back() {
    use replicated::{Command, Reply, Row};
    let lease = || Name::from("x");
    let row = |token, renewals| Reply::Row { row: Some(Row { holder: NodeId(3), token: Token(token), renewals }) };
    let replied = |replies: Vec<Reply>| {
        let talk = Talk::<replicated::RaftLease>::new();
        let talk = (1..).zip(replies).fold(talk, |talk, (number, reply)| {
            talk.asks(0, number, Command::Query { lease: lease() }).replied(0, number, reply)
        });
        talk.wrong::<TableAnswers>()
    };
    let nobody = || Reply::Row { row: None };
    assert_eq!(replied(vec![nobody(), row(2, 0), row(2, 3), nobody(), row(4, 1)]), None);
    for back in [vec![row(2, 3), row(2, 2)], vec![row(2, 0), row(1, 5)], vec![row(2, 0), nobody(), row(2, 0)]] {
        let last = 2 * back.len() - 1;
        assert_eq!(replied(back), Some((last, LINEARIZABLE)));
    }
    let release = |number| Talk::<replicated::RaftLease>::new().asks(0, number, Command::Release { lease: lease() });
    let twice =
        release(1).replied(0, 1, Reply::Released { token: Token(1) }).asks(0, 2, Command::Release { lease: lease() });
    assert_eq!(
        twice.replied(0, 2, Reply::Released { token: Token(1) }).wrong::<TableAnswers>(),
        Some((3, LINEARIZABLE))
    );
}
