//! A configuration and the rulebook it is played by.

use std::fmt::Debug;
use std::ops::Deref;

/// What the nodes of a cluster are told at boot, and the rulebook they keep: the `Config` of a machine that has one.
///
/// A machine can be generic over its rulebook, `Paxos<R>`. The value of that rulebook comes from here, so one type of rulebook
/// can stand for many: a zoo of bugs is an enum, and which bug is on show is said at run time.
///
/// A plain configuration turns into this under the rulebook's default, and is reached through it by dereferencing:
///
/// ```
/// use quorate_protocol::Ruled;
///
/// #[derive(Clone, Copy, PartialEq, Debug, Default)]
/// enum Book { #[default] AsWritten, Torn }
///
/// let config = vec!["A", "B"];
/// let whole: Ruled<_, Book> = config.clone().into();
/// assert_eq!(whole.rules, Book::AsWritten);
/// let torn = Ruled { config, rules: Book::Torn };
/// assert_eq!(torn.len(), 2);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Ruled<C, R> {
    /// Members, sizes, timeouts.
    pub config: C,
    /// The decisions.
    pub rules: R,
}

impl<C, R: Default> From<C> for Ruled<C, R> {
    fn from(config: C) -> Self {
        Ruled { config, rules: R::default() }
    }
}

impl<C, R> Deref for Ruled<C, R> {
    type Target = C;

    fn deref(&self) -> &C {
        &self.config
    }
}
