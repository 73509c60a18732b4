//! Rules: what a paper prescribes, under a name that a trace can cite.

use std::fmt::Debug;
use std::hash::Hash;

/// A rule of a protocol, with the place in the literature where it stands.
///
/// A protocol's rules are one plain enum, made with [`rules!`](crate::rules), so that it can be counted which of them ever fired.
pub trait Rule: Copy + Eq + Ord + Hash + Debug + Send + Sync + 'static {
    /// Every rule of the protocol, in the order of the paper.
    const ALL: &'static [Self];

    /// The name that traces use, e.g. `PromiseHigher`.
    fn id(self) -> &'static str;

    /// Paper and section, e.g. `Paxos Made Simple §2.2, phase 1b`.
    fn cite(self) -> &'static str;

    /// The rule in one line, in our own words.
    fn says(self) -> &'static str;
}

/// What a rulebook answers to a question that a paper settles: whether it may be done, and by which rule.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Ruling<R> {
    /// It may be done, by this rule.
    Allow(R),
    /// It may not be done, by this rule.
    Refuse(R),
}

impl<R> Ruling<R> {
    /// Whether it may be done.
    pub const fn allows(&self) -> bool {
        matches!(self, Ruling::Allow(_))
    }
}

/// Declares a protocol's rules: each a name, a citation and a line of paraphrase.
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
#[macro_export]
macro_rules! rules {
    (
        $(#[$attribute:meta])*
        $visibility:vis enum $name:ident {
            $($rule:ident: $cite:literal, $says:literal;)+
        }
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        $visibility enum $name {
            $(
                #[doc = concat!($says, ".\n\n(", $cite, ")")]
                $rule,
            )+
        }

        impl $crate::Rule for $name {
            const ALL: &'static [Self] = &[$(Self::$rule),+];

            fn id(self) -> &'static str {
                match self { $(Self::$rule => stringify!($rule),)+ }
            }

            fn cite(self) -> &'static str {
                match self { $(Self::$rule => $cite,)+ }
            }

            fn says(self) -> &'static str {
                match self { $(Self::$rule => $says,)+ }
            }
        }
    };
}
