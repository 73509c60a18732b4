//! Rules: the prescriptions of a paper, with names and citations for traces.

use std::fmt::Debug;
use std::hash::Hash;

/// A rule of a protocol, with its citation.
///
/// A protocol's rules are one enum, made with [`rules!`](crate::rules), so that the coverage of
/// rules can be counted.
pub trait Rule: Copy + Eq + Ord + Hash + Debug + Send + Sync + 'static {
    /// Every rule of the protocol, in the order of the paper.
    const ALL: &'static [Self];

    /// The name in traces, such as `PromiseHigher`.
    fn id(self) -> &'static str;

    /// Paper and section, such as `Paxos Made Simple §2.2, phase 1b`.
    fn cite(self) -> &'static str;

    /// Paraphrase of the rule in one line.
    fn summary(self) -> &'static str;
}

/// A rulebook's decision about a question that a paper settles: allowed or refused, and under which
/// rule.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Ruling<R> {
    /// Allowed under this rule.
    Allow(R),
    /// Refused under this rule.
    Refuse(R),
}

impl<R> Ruling<R> {
    /// Whether it is allowed.
    pub const fn allows(&self) -> bool {
        matches!(self, Ruling::Allow(_))
    }
}

/// Declares a protocol's rules, each with a name, a citation and a one-line paraphrase.
///
/// ```
/// use quorate_protocol::Rule;
///
/// quorate_protocol::rules! {
///     /// The rules of two-phase commit.
///     pub enum CommitRule {
///         VoteYes: "Gray 1978, §5.8", "vote yes only for work that can still be committed after a crash";
///         Commit: "Gray 1978, §5.8", "commit only when every participant has voted yes";
///     }
/// }
/// assert_eq!(CommitRule::ALL.len(), 2);
/// assert_eq!(CommitRule::Commit.id(), "Commit");
/// ```
///
/// A machine that shares parts with another, or contains another, embeds the shared rules as a
/// group: `use` the group's enum `as` a variant. A rule of a group keeps its name, citation and
/// paraphrase, and converts into the machine's type by [`From`], as
/// [`Outbox::because`](crate::Outbox::because) requires.
///
/// ```
/// use quorate_protocol::Rule;
///
/// quorate_protocol::rules! {
///     /// Rules of two-phase locking.
///     pub enum LockRule {
///         LockFirst: "Eswaran 1976, §4", "lock what is read or written, before it is";
///         UnlockLast: "Eswaran 1976, §4", "after the first unlock nothing is locked any more";
///     }
/// }
/// quorate_protocol::rules! {
///     /// The rules of a participant.
///     pub enum ParticipantRule {
///         VoteYes: "Gray 1978, §5.8", "vote yes only for work that can still be committed after a crash";
///     }
///     use LockRule as Lock;
/// }
///
/// // Its own rules come first, then the groups', in the order in which they are named.
/// let names: Vec<_> = ParticipantRule::ALL.iter().map(|rule| rule.id()).collect();
/// assert_eq!(names, ["VoteYes", "LockFirst", "UnlockLast"]);
/// let embedded = ParticipantRule::from(LockRule::LockFirst);
/// assert_eq!(embedded, ParticipantRule::Lock(LockRule::LockFirst));
/// assert_eq!(embedded.cite(), LockRule::LockFirst.cite());
/// ```
#[macro_export]
macro_rules! rules {
    (
        $(#[$attribute:meta])*
        $visibility:vis enum $name:ident {
            $($rule:ident: $cite:literal, $says:literal;)+
        }
        $(use $($group:ident as $member:ident),+;)?
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        $visibility enum $name {
            $(
                #[doc = concat!($says, ".\n\n(", $cite, ")")]
                $rule,
            )+
            $($(
                #[doc = concat!("A rule of [`", stringify!($group), "`].")]
                $member($group),
            )+)?
        }

        impl $crate::Rule for $name {
            const ALL: &'static [Self] = &{
                const OWN: &[$name] = &[$($name::$rule),+];
                let mut all = [OWN[0]; OWN.len() $($(+ <$group as $crate::Rule>::ALL.len())+)?];
                let mut next = 1;
                while next < OWN.len() {
                    all[next] = OWN[next];
                    next += 1;
                }
                $($(
                    let group = <$group as $crate::Rule>::ALL;
                    let first = next;
                    while next < first + group.len() {
                        all[next] = $name::$member(group[next - first]);
                        next += 1;
                    }
                )+)?
                all
            };

            fn id(self) -> &'static str {
                match self {
                    $(Self::$rule => stringify!($rule),)+
                    $($(Self::$member(rule) => $crate::Rule::id(rule),)+)?
                }
            }

            fn cite(self) -> &'static str {
                match self {
                    $(Self::$rule => $cite,)+
                    $($(Self::$member(rule) => $crate::Rule::cite(rule),)+)?
                }
            }

            fn summary(self) -> &'static str {
                match self {
                    $(Self::$rule => $says,)+
                    $($(Self::$member(rule) => $crate::Rule::summary(rule),)+)?
                }
            }
        }

        $($(
            impl From<$group> for $name {
                fn from(rule: $group) -> Self {
                    $name::$member(rule)
                }
            }
        )+)?
    };
}
