//! The zoo: known bugs, from real systems and from the literature, each as a rulebook that departs
//! from its paper in **one** decision. A bug that cannot be expressed as a decision of the paper
//! has a [wrapper machine](paxos::retold), whose rulebook adds that decision.
//!
//! Every bug violates something that the protocol promises. Each names the invariant that it
//! violates (or the progress that it prevents), the conditions for that, and its source. Running
//! one shows the purpose of the rule: under the same schedule the paper's rulebook refuses.
//!
//! ```
//! use quorate_bugs::{Breaks, find, paxos};
//!
//! let bug = find("own-value").expect("it is in the zoo");
//! assert_eq!((bug.rule, bug.breaks), ("value_to_propose", Breaks::Invariant("AtMostOneChosen")));
//!
//! // Its rulebook: by name, or found by the bug's id.
//! assert_eq!(paxos::OWN_VALUE.rules.value_to_propose(&[]), None);
//! assert_eq!(paxos::NamedRulebook::named("own-value"), Some(paxos::OWN_VALUE));
//! ```

#[macro_use]
mod declare;
mod wrap;

pub mod balancer;
pub mod byzantine;
pub mod channel;
pub mod coordination;
mod discovery;
pub mod lease;
pub mod locks;
pub mod paxos;
mod protocol_id;
pub mod raft;
pub mod replication;
pub mod time;
pub mod transactions;

use std::fmt;

pub use discovery::{Discovery, FAULT_WINDOW};
pub use protocol_id::ProtocolId;
use quorate_byzantine::broadcast::BroadcastRule;
use quorate_byzantine::generals::GeneralsRule;
use quorate_byzantine::pbft::PbftRule;
use quorate_lease::SingleRule;
use quorate_lease::cache::CacheRule;
use quorate_lease::majority::MajorityRule;
use quorate_lease::pushed::PushedRule;
use quorate_lease::replicated::ReplicatedRule;
use quorate_lease::store::StoreRule;
use quorate_locks::LockRule;
use quorate_locks::coordination::CoordinationRule;
use quorate_paxos::PaxosRule;
use quorate_protocol::{Machine, Rule, Variant};
use quorate_raft::RaftRule;
use quorate_replication::primary_backup::PrimaryBackupRule;
use quorate_replication::register::RegisterRule;
use quorate_time::balancer::BalancerRule;
use quorate_time::channel::ChannelRule;
use quorate_time::ntp::NtpRule;
use quorate_time::snowflake::SnowflakeRule;
use quorate_time::true_time::TrueTimeRule;
use quorate_transactions::outbox::OutboxRule;
use quorate_transactions::paxos_commit::PaxosCommitRule;
use quorate_transactions::saga::SagaRule;
use quorate_transactions::three_phase::ThreePhaseRule;
use quorate_transactions::two_phase::TwoPhaseRule;

/// A known bug.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bug {
    /// Identifier on the command line and in scenarios.
    pub id: &'static str,
    /// The protocol that has the bug.
    pub protocol: ProtocolId,
    /// Other protocols whose machines make the same decision.
    pub also: &'static [ProtocolId],
    /// The mistake, in one sentence.
    pub summary: &'static str,
    /// The consequence, in a few sentences.
    pub story: &'static str,
    /// Where the bug was found or described.
    pub source: &'static str,
    /// The decision of the rulebook that it replaces.
    pub rule: &'static str,
    /// The property that it violates.
    pub breaks: Breaks,
    /// Conditions for a violation: nodes, ballots or terms, faults.
    pub needs: &'static str,
    /// The run that finds it.
    pub discovery: Discovery,
    /// The rule that the correct rulebook cites where the same schedule first diverges: usually the
    /// refusal.
    pub correct_rule: &'static str,
}

impl Bug {
    /// Whether the protocol can have the bug: its machine makes the decision that the bug replaces.
    pub fn is_of(&self, protocol: ProtocolId) -> bool {
        self.protocol == protocol || self.also.contains(&protocol)
    }

    /// Paraphrase and citation of the rule that the correct rulebook applies
    /// [instead](Self::correct_rule).
    ///
    /// ```
    /// let bug = quorate_bugs::find("ignores-log-check").expect("it is in the zoo");
    /// let (says, cite) = bug.by_the_book().expect("Raft has such a rule");
    /// assert!(says.starts_with("no vote for a candidate") && cite == "Raft §5.4.1");
    /// ```
    pub fn by_the_book(&self) -> Option<(&'static str, &'static str)> {
        match self.protocol {
            ProtocolId::Paxos | ProtocolId::MultiPaxos => rule::<PaxosRule>(self.correct_rule),
            ProtocolId::Raft => rule::<RaftRule>(self.correct_rule),
            ProtocolId::RaftLease => rule::<ReplicatedRule>(self.correct_rule),
            ProtocolId::Lease => rule::<SingleRule>(self.correct_rule),
            ProtocolId::MajorityLease => rule::<MajorityRule>(self.correct_rule),
            ProtocolId::FencedStore => rule::<StoreRule>(self.correct_rule),
            ProtocolId::CacheLease => rule::<CacheRule>(self.correct_rule),
            ProtocolId::PushedLease => rule::<PushedRule>(self.correct_rule),
            ProtocolId::Lock | ProtocolId::Redlock => rule::<LockRule>(self.correct_rule),
            ProtocolId::ZooKeeper | ProtocolId::Etcd | ProtocolId::Chubby => {
                rule::<CoordinationRule>(self.correct_rule)
            }
            ProtocolId::TwoPhase => rule::<TwoPhaseRule>(self.correct_rule),
            ProtocolId::ThreePhase => rule::<ThreePhaseRule>(self.correct_rule),
            ProtocolId::PaxosCommit => rule::<PaxosCommitRule>(self.correct_rule),
            ProtocolId::Outbox => rule::<OutboxRule>(self.correct_rule),
            ProtocolId::Saga => rule::<SagaRule>(self.correct_rule),
            ProtocolId::Register => rule::<RegisterRule>(self.correct_rule),
            ProtocolId::PrimaryBackup => rule::<PrimaryBackupRule>(self.correct_rule),
            ProtocolId::Generals => rule::<GeneralsRule>(self.correct_rule),
            ProtocolId::Broadcast => rule::<BroadcastRule>(self.correct_rule),
            ProtocolId::Pbft => rule::<PbftRule>(self.correct_rule),
            ProtocolId::Channel => rule::<ChannelRule>(self.correct_rule),
            ProtocolId::Balancer => rule::<BalancerRule>(self.correct_rule),
            ProtocolId::TrueTime => rule::<TrueTimeRule>(self.correct_rule),
            ProtocolId::Ntp => rule::<NtpRule>(self.correct_rule),
            ProtocolId::Snowflake => rule::<SnowflakeRule>(self.correct_rule),
        }
    }
}

fn rule<R: Rule>(id: &str) -> Option<(&'static str, &'static str)> {
    R::ALL.iter().find(|rule| rule.id() == id).map(|rule| (rule.summary(), rule.cite()))
}

/// A rulebook and its bug, if it has one. Two are equal if they have the same bug, or both none.
#[derive(Clone, Copy, Default)]
pub struct NamedRulebook<R> {
    /// The bug; `None` for the papers' rulebook, and for one that is not from the zoo.
    pub bug: Option<&'static Bug>,
    /// The decisions.
    pub rules: R,
}

/// Rulebook of a machine, with its bug.
pub type NamedRulebookOf<M> = NamedRulebook<<M as Machine>::Rulebook>;

/// A type of rulebook for which the zoo has bugs.
pub trait HasBugs: Copy + Default + 'static {
    /// All rulebooks with a bug, in the order of the zoo.
    const BUGGY: &'static [NamedRulebook<Self>];
}

impl<R> NamedRulebook<R> {
    /// Identifier of the bug; empty if there is none.
    pub fn id(&self) -> &'static str {
        self.bug.map_or("", |bug| bug.id)
    }
}

impl<R: HasBugs> NamedRulebook<R> {
    /// All rulebooks with a bug, in the order of the zoo.
    pub const BUGGY: &'static [Self] = R::BUGGY;

    /// The bugs, in the order of the zoo.
    pub fn bugs() -> impl Iterator<Item = &'static Bug> {
        R::BUGGY.iter().filter_map(|rulebook| rulebook.bug)
    }

    /// The rulebooks with a bug that the protocol can have: several protocols share a type of
    /// rulebook, and not all of its decisions.
    pub fn of(protocol: ProtocolId) -> impl Iterator<Item = Self> {
        R::BUGGY.iter().copied().filter(move |rulebook| rulebook.bug.is_none_or(|bug| bug.is_of(protocol)))
    }

    /// The rulebook with the bug of this identifier; `None` if there is none.
    pub fn named(id: &str) -> Option<Self> {
        R::BUGGY.iter().find(|rulebook| rulebook.id() == id).copied()
    }
}

/// All buggy rulebooks that a variant can run: its own, and those of its reference, combined with
/// the correct values of its own decisions.
pub fn rulebooks<M>() -> Vec<NamedRulebookOf<M>>
where
    M: Variant<Rulebook: HasBugs, Reference: Machine<Rulebook: HasBugs>>,
{
    let mut rulebooks = NamedRulebookOf::<M>::BUGGY.to_vec();
    let lifted = NamedRulebookOf::<M::Reference>::BUGGY
        .iter()
        .map(|rulebook| NamedRulebook { bug: rulebook.bug, rules: M::rulebook(rulebook.rules) });
    rulebooks.extend(lifted.filter(|rulebook| NamedRulebookOf::<M>::named(rulebook.id()).is_none()));
    rulebooks
}

/// A rulebook that is not from the zoo.
impl<R> From<R> for NamedRulebook<R> {
    fn from(rules: R) -> Self {
        NamedRulebook { bug: None, rules }
    }
}

impl<R> PartialEq for NamedRulebook<R> {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id()
    }
}

impl<R> Eq for NamedRulebook<R> {}

impl<R> fmt::Debug for NamedRulebook<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.bug.map_or("by the book", |bug| bug.id))
    }
}

/// Property that a bug violates.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Breaks {
    /// Safety: the name of the violated invariant.
    Invariant(&'static str),
    /// Liveness: the progress that is not made.
    Progress(&'static str),
}

impl fmt::Display for Breaks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Breaks::Invariant(name) => write!(f, "invariant {name}"),
            Breaks::Progress(what) => write!(f, "progress: {what}"),
        }
    }
}

/// Every bug, protocol by protocol.
pub fn all() -> impl Iterator<Item = &'static Bug> {
    let of_paxos = paxos::NamedRulebook::bugs().chain(paxos::retold::NamedRulebook::bugs());
    let of_raft = raft::NamedRulebook::bugs().chain(raft::careless::NamedRulebook::bugs());
    let of_leases = lease::NamedRulebook::bugs()
        .chain(lease::two_step::NamedRulebook::bugs())
        .chain(lease::pushed::NamedRulebook::bugs());
    let of_transactions = transactions::two_phase::NamedRulebook::bugs()
        .chain(transactions::three_phase::NamedRulebook::bugs())
        .chain(transactions::paxos_commit::NamedRulebook::bugs())
        .chain(transactions::outbox::NamedRulebook::bugs())
        .chain(transactions::saga::NamedRulebook::bugs());
    let of_locks = locks::NamedRulebook::bugs().chain(coordination::NamedRulebook::bugs());
    let of_replication =
        replication::register::NamedRulebook::bugs().chain(replication::primary_backup::NamedRulebook::bugs());
    let of_liars = byzantine::generals::NamedRulebook::bugs()
        .chain(byzantine::broadcast::NamedRulebook::bugs())
        .chain(byzantine::pbft::NamedRulebook::bugs());
    let of_clocks = time::true_time::NamedRulebook::bugs()
        .chain(time::ntp::NamedRulebook::bugs())
        .chain(time::snowflake::NamedRulebook::bugs());
    let of_servers = of_paxos.chain(of_raft).chain(of_leases).chain(of_locks);
    let of_channels = channel::NamedRulebook::bugs().chain(balancer::NamedRulebook::bugs());
    of_servers.chain(of_transactions).chain(of_replication).chain(of_liars).chain(of_channels).chain(of_clocks)
}

/// The bug of this identifier.
pub fn find(id: &str) -> Option<&'static Bug> {
    all().find(|bug| bug.id == id)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_bug_has_an_id_of_its_own_and_says_all_there_is_to_say() {
        let ids: BTreeSet<_> = all().map(|bug| bug.id).collect();
        assert_eq!(ids.len(), all().count());
        for bug in all() {
            assert_eq!(find(bug.id), Some(bug));
            for text in [bug.summary, bug.story] {
                assert!(text.ends_with('.') && !text.contains("  "), "{}: {text}", bug.id);
            }
            assert!(bug.by_the_book().is_some(), "{}: {} is no rule of {}", bug.id, bug.correct_rule, bug.protocol);
            assert!(!bug.source.is_empty() && !bug.needs.is_empty() && !bug.rule.is_empty(), "{}", bug.id);
            assert!(bug.id.chars().all(|char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '-'));
        }
    }

    #[test]
    fn the_correct_rulebook_has_no_bug_and_no_id() {
        assert_eq!(paxos::NamedRulebook::default().bug, None);
        assert_eq!(paxos::NamedRulebook::named("by-the-book"), None);
        assert_eq!(raft::NamedRulebook::named("own-value"), None, "a bug of Paxos is none of Raft's");
    }
}
