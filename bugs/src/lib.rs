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
//! assert_eq!((bug.rule, bug.breaks), ("binding", Breaks::Invariant("AtMostOneChosen")));
//!
//! // Its rulebook: by name, or found by the bug's id.
//! assert_eq!(paxos::OWN_VALUE.rules.binding(&[]), None);
//! assert_eq!(paxos::Book::named("own-value"), Some(paxos::OWN_VALUE));
//! ```

#[macro_use]
mod shelf;
mod wrap;

mod found;
pub mod lease;
pub mod paxos;
pub mod raft;

use std::fmt;

pub use found::{Found, STORM};
use quorate_lease::SingleRule;
use quorate_lease::cache::CacheRule;
use quorate_lease::majority::MajorityRule;
use quorate_lease::replicated::ReplicatedRule;
use quorate_lease::store::StoreRule;
use quorate_paxos::PaxosRule;
use quorate_protocol::{Machine, Rule, Variant};
use quorate_raft::RaftRule;

/// A known bug.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bug {
    /// Identifier on the command line and in scenarios.
    pub id: &'static str,
    /// The protocol that has the bug.
    pub protocol: Protocol,
    /// The mistake, in one sentence.
    pub says: &'static str,
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
    pub found: Found,
    /// The rule that the correct rulebook cites where the same schedule first diverges: usually the
    /// refusal.
    pub instead: &'static str,
}

impl Bug {
    /// Paraphrase and citation of the rule that the correct rulebook applies
    /// [instead](Self::instead).
    ///
    /// ```
    /// let bug = quorate_bugs::find("ignores-log-check").expect("it is in the zoo");
    /// let (says, cite) = bug.by_the_book().expect("Raft has such a rule");
    /// assert!(says.starts_with("no vote for a candidate") && cite == "Raft §5.4.1");
    /// ```
    pub fn by_the_book(&self) -> Option<(&'static str, &'static str)> {
        match self.protocol {
            Protocol::Paxos | Protocol::MultiPaxos => rule::<PaxosRule>(self.instead),
            Protocol::Raft => rule::<RaftRule>(self.instead),
            Protocol::RaftLease => rule::<ReplicatedRule>(self.instead),
            Protocol::Lease => rule::<SingleRule>(self.instead),
            Protocol::MajorityLease => rule::<MajorityRule>(self.instead),
            Protocol::FencedStore => rule::<StoreRule>(self.instead),
            Protocol::CacheLease => rule::<CacheRule>(self.instead),
        }
    }
}

fn rule<R: Rule>(id: &str) -> Option<(&'static str, &'static str)> {
    R::ALL.iter().find(|rule| rule.id() == id).map(|rule| (rule.says(), rule.cite()))
}

/// A rulebook and its bug, if it has one. Two are equal if they have the same bug, or both none.
#[derive(Clone, Copy, Default)]
pub struct Book<R> {
    /// The bug; `None` for the papers' rulebook, and for one that is not from the zoo.
    pub bug: Option<&'static Bug>,
    /// The decisions.
    pub rules: R,
}

/// Rulebook of a machine, with its bug.
pub type BookOf<M> = Book<<M as Machine>::Rulebook>;

/// A type of rulebook for which the zoo has bugs.
pub trait Shelf: Copy + Default + 'static {
    /// All rulebooks with a bug, in the order of the zoo.
    const BROKEN: &'static [Book<Self>];
}

impl<R> Book<R> {
    /// Identifier of the bug; empty if there is none.
    pub fn id(&self) -> &'static str {
        self.bug.map_or("", |bug| bug.id)
    }
}

impl<R: Shelf> Book<R> {
    /// All rulebooks with a bug, in the order of the zoo.
    pub const BROKEN: &'static [Self] = R::BROKEN;

    /// The bugs, in the order of the zoo.
    pub fn bugs() -> impl Iterator<Item = &'static Bug> {
        R::BROKEN.iter().filter_map(|book| book.bug)
    }

    /// The rulebook with the bug of this identifier; `None` if there is none.
    pub fn named(id: &str) -> Option<Self> {
        R::BROKEN.iter().find(|book| book.id() == id).copied()
    }
}

/// All buggy rulebooks that a variant can run: its own, and those of its reference, combined with
/// the correct values of its own decisions.
pub fn books<M>() -> Vec<BookOf<M>>
where
    M: Variant<Rulebook: Shelf, Reference: Machine<Rulebook: Shelf>>,
{
    let mut books = BookOf::<M>::BROKEN.to_vec();
    let lifted =
        BookOf::<M::Reference>::BROKEN.iter().map(|book| Book { bug: book.bug, rules: M::rulebook(book.rules) });
    books.extend(lifted.filter(|book| BookOf::<M>::named(book.id()).is_none()));
    books
}

/// A rulebook that is not from the zoo.
impl<R> From<R> for Book<R> {
    fn from(rules: R) -> Self {
        Book { bug: None, rules }
    }
}

impl<R> PartialEq for Book<R> {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id()
    }
}

impl<R> Eq for Book<R> {}

impl<R> fmt::Debug for Book<R> {
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

/// The machines that have bugs in the zoo.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Protocol {
    /// Basic Paxos.
    Paxos,
    /// Multi-Paxos.
    MultiPaxos,
    /// Raft.
    Raft,
    /// A lease of a single granter, with a fenced resource.
    Lease,
    /// A lease of a majority.
    MajorityLease,
    /// A replicated fenced store.
    FencedStore,
    /// Leases on cached data.
    CacheLease,
    /// Leases on Raft.
    RaftLease,
}

impl Protocol {
    /// All of them, each after those that it builds on.
    pub const ALL: &'static [Self] = &[
        Protocol::Paxos,
        Protocol::MultiPaxos,
        Protocol::Raft,
        Protocol::Lease,
        Protocol::MajorityLease,
        Protocol::FencedStore,
        Protocol::CacheLease,
        Protocol::RaftLease,
    ];

    /// The bugs of this protocol, in the order of the zoo.
    ///
    /// ```
    /// use quorate_bugs::{Protocol, all};
    ///
    /// let everywhere = Protocol::ALL.iter().flat_map(|protocol| protocol.bugs());
    /// assert_eq!(everywhere.count(), all().count());
    /// ```
    pub fn bugs(self) -> impl Iterator<Item = &'static Bug> {
        all().filter(move |bug| bug.protocol == self)
    }

    /// Name on the command line and in scenarios.
    pub const fn name(self) -> &'static str {
        match self {
            Protocol::Paxos => "paxos",
            Protocol::MultiPaxos => "multi-paxos",
            Protocol::Raft => "raft",
            Protocol::Lease => "lease",
            Protocol::MajorityLease => "lease-majority",
            Protocol::FencedStore => "lease-store",
            Protocol::CacheLease => "lease-cache",
            Protocol::RaftLease => "lease-raft",
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Every bug, protocol by protocol.
pub fn all() -> impl Iterator<Item = &'static Bug> {
    let of_paxos = paxos::Book::bugs().chain(paxos::retold::Book::bugs());
    let of_raft = raft::Book::bugs().chain(raft::careless::Book::bugs());
    of_paxos.chain(of_raft).chain(lease::Book::bugs()).chain(lease::two_step::Book::bugs())
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
            for text in [bug.says, bug.story] {
                assert!(text.ends_with('.') && !text.contains("  "), "{}: {text}", bug.id);
            }
            assert!(bug.by_the_book().is_some(), "{}: {} is no rule of {}", bug.id, bug.instead, bug.protocol);
            assert!(!bug.source.is_empty() && !bug.needs.is_empty() && !bug.rule.is_empty(), "{}", bug.id);
            assert!(bug.id.chars().all(|char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '-'));
        }
    }

    #[test]
    fn the_book_to_the_letter_has_no_bug_and_no_id() {
        assert_eq!(paxos::Book::default().bug, None);
        assert_eq!(paxos::Book::named("by-the-book"), None);
        assert_eq!(raft::Book::named("own-value"), None, "a bug of Paxos is none of Raft's");
    }
}
