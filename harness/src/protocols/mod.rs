//! Protocol registry, and the adapters from each protocol to the scenario language.
//!
//! [`all`] is the list in which the command line and all other code finds a protocol by its name.
//! Each further file here adapts one protocol to scenarios: the roles named on a `cluster` line,
//! the client requests, and the assertions about a run.

mod balancer;
mod byzantine;
mod channel;
mod coordination;
mod lease;
mod list;
mod lock;
mod multi_paxos;
mod paxos;
mod raft;
mod replication;
mod roles;
mod targets;
mod time;
mod to_scenario;
mod transactions;

pub(crate) use channel::LOCAL_NETWORK;
pub use coordination::{
    ChubbyLock, ChubbyTarget, CoordinationKind, CoordinationOf, EtcdLock, EtcdTarget, ZooKeeperLock, ZooKeeperTarget,
};
pub use lease::Acts;
pub use list::{List, Protocols, SearchVisitor, Target, TargetRulebook, UnknownProtocol, Visitor};
pub use lock::{LockKind, LockOf, LockTarget, Majority, OneServer, RedlockTarget};
pub use targets::{
    BalancerTarget, BroadcastTarget, CarelessRaftTarget, ChannelTarget, GeneralsTarget, LeaseCacheTarget, LeaseMachine,
    LeaseMajorityTarget, LeaseOf, LeasePushedTarget, LeaseRaftTarget, LeaseStoreTarget, LeaseTarget, MultiPaxosTarget,
    NtpTarget, OutboxTarget, PaxosCommitTarget, PaxosMachine, PaxosOf, PaxosTarget, PbftTarget, PrimaryBackupTarget,
    RaftMachine, RaftOf, RaftTarget, RegisterTarget, RetoldPaxosTarget, SagaTarget, SnowflakeTarget, ThreePhaseTarget,
    TrueTimeTarget, TwoPhaseTarget, TwoStepLeaseTarget,
};
pub use to_scenario::ToScenario;
pub(crate) use to_scenario::under_rules;

use quorate_lab::script::Registry;

/// Returns the list of protocols. A new protocol is one line here; then it has scenarios, `sim`,
/// `live` and, where a search is declared, `check`.
///
/// ```
/// let error = quorate_harness::protocols::all().visit("rafd", Nothing).unwrap_err();
/// assert_eq!(error.to_string(), "there is no protocol 'rafd'; did you mean 'raft'?");
///
/// struct Nothing;
///
/// impl quorate_harness::protocols::Visitor for Nothing {
///     type Output = ();
///
///     fn visit<P: quorate_harness::protocols::Target>(self) {}
/// }
/// ```
pub fn all() -> Protocols<impl List> {
    consensus()
        .with::<LeaseTarget>()
        .with::<LeaseMajorityTarget>()
        .with::<LeaseStoreTarget>()
        .with::<LeaseCacheTarget>()
        .with::<LeasePushedTarget>()
        .with::<LeaseRaftTarget>()
        .with::<LockTarget>()
        .with::<RedlockTarget>()
        .with::<ZooKeeperTarget>()
        .with::<EtcdTarget>()
        .with::<ChubbyTarget>()
        .with::<TwoPhaseTarget>()
        .with::<ThreePhaseTarget>()
        .with::<PaxosCommitTarget>()
        .with::<OutboxTarget>()
        .with::<SagaTarget>()
        .with::<RegisterTarget>()
        .with::<PrimaryBackupTarget>()
        .with::<GeneralsTarget>()
        .with::<BroadcastTarget>()
        .with::<PbftTarget>()
        .with::<ChannelTarget>()
        .with::<BalancerTarget>()
        .with::<TrueTimeTarget>()
        .with::<NtpTarget>()
        .with::<SnowflakeTarget>()
}

/// Returns the protocols of the list that decide on values: Paxos and Raft. A program that must be
/// small begins with them.
pub fn consensus() -> Protocols<impl List> {
    Protocols::new().with::<PaxosTarget>().with::<MultiPaxosTarget>().with::<RaftTarget>()
}

/// Returns every protocol of the list, under the papers' rules unless the cluster line names a bug
/// of the [zoo](quorate_bugs): `rules=figure-8`.
///
/// ```
/// use quorate_lab::script::{RunOptions, run_scenario};
///
/// let scenario = "# Three nodes\n\ncluster paxos nodes=3\npropose n1 blue\nrun\nexpect chosen blue\n";
/// let run_result = run_scenario(scenario, &quorate_harness::protocols::registry(), RunOptions::default())?;
/// assert!(run_result.text.contains("fact Chosen: ballot 1.n1, value blue"));
/// # Ok::<(), Box<quorate_lab::script::ScenarioFailure>>(())
/// ```
pub fn registry() -> Registry {
    all().registry()
}

/// Facts of a protocol that another fact implies; renderings can omit them.
pub fn implied(protocol: &str) -> &'static [&'static str] {
    registry().entries().iter().find(|entry| entry.name == protocol).map_or(&[], |entry| entry.implied)
}
