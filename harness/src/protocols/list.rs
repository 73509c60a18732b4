//! Registry of protocols: the list, and lookup by name.
//!
//! The list is a type, so that code over protocols stays generic: a [`Visitor`] handles any
//! protocol, and [`Protocols::visit`] applies it to the one of that name.

use std::fmt;
use std::marker::PhantomData;

use quorate_bugs::NamedRulebook;
use quorate_lab::check::SyncMachine;
use quorate_lab::script::{self, Protocol, Registry};
use quorate_protocol::Machine;

use super::ToScenario;
use crate::checks::SearchTarget;
use crate::experiments::SimTarget;
use crate::export::ExportSim;
use crate::live::LiveTarget;

/// Protocol that can be registered in the [list](Protocols): it runs scenarios and random
/// simulations, exports both as scenarios, runs on threads and, where a search is declared, is model
/// checked.
///
/// A protocol of your own implements [`Protocol`], [`ToScenario`], [`SimTarget`] and
/// [`LiveTarget`], each in a few lines, and this trait with an empty `impl`:
///
/// ```text
/// impl Target for Mine {}
/// let protocols = quorate_harness::protocols::all().with::<Mine>();
/// ```
pub trait Target:
    ExportSim
    + ToScenario
    + Protocol<Machine = <Self as SimTarget>::Machine>
    + LiveTarget<Machine = <Self as SimTarget>::Machine>
{
    /// Passes the search that exposes a rulebook's bug to the visitor. `None` where no search is
    /// declared.
    fn search<V: SearchVisitor<TargetRulebook<Self>>>(
        book: NamedRulebook<TargetRulebook<Self>>,
        visitor: V,
    ) -> Option<V::Output> {
        let _ = (book, visitor);
        None
    }

    /// Visits the variant of this protocol that has the rulebook of that id, for bugs that need more
    /// than another rulebook of the reference machine.
    ///
    /// # Errors
    /// The visitor, if there is no such variant.
    fn visit_variant<V: Visitor>(id: &str, visitor: V) -> Result<V::Output, V> {
        let _ = id;
        Err(visitor)
    }

    /// Adds the variants of this protocol to those that scenarios can use.
    fn add_variants(registry: Registry) -> Registry {
        registry
    }

    /// Rulebook of that id, which may be a bug of the zoo; `None` if it belongs to another
    /// protocol.
    fn book(id: &str) -> Option<NamedRulebook<TargetRulebook<Self>>> {
        let (_, rules) = Self::rulebooks().into_iter().find(|(name, _)| *name == id)?;
        Some(NamedRulebook { bug: quorate_bugs::find(id), rules })
    }
}

/// Rulebook of a target's machine.
pub type TargetRulebook<P> = <<P as SimTarget>::Machine as Machine>::Rulebook;

/// Generic operation on a protocol.
pub trait Visitor {
    /// Result of the operation.
    type Output;

    /// Applies the operation.
    fn visit<P: Target>(self) -> Self::Output;
}

/// Generic operation on a search of a protocol with that rulebook.
pub trait SearchVisitor<R> {
    /// Result of the operation.
    type Output;

    /// Applies the operation.
    fn visit<E: SearchTarget<Machine: SyncMachine<Rulebook = R>>>(self) -> Self::Output;
}

/// Protocols by name.
///
/// ```
/// use quorate_harness::protocols::{LeaseTarget, PaxosTarget, Protocols};
///
/// let protocols = Protocols::new().with::<PaxosTarget>().with::<LeaseTarget>();
/// assert_eq!(protocols.names(), ["paxos", "lease"]);
/// ```
pub struct Protocols<L = ()>(PhantomData<fn() -> L>);

impl Protocols {
    /// Creates an empty list.
    pub const fn new() -> Self {
        Protocols(PhantomData)
    }
}

impl<L: List> Protocols<L> {
    /// Adds a protocol; one of the same name is replaced.
    #[must_use]
    pub const fn with<P: Target>(self) -> Protocols<(L, P)> {
        Protocols(PhantomData)
    }

    /// Names of the protocols, in list order.
    pub fn names(self) -> Vec<&'static str> {
        let mut names = Vec::new();
        L::add_names(&mut names);
        names
    }

    /// Protocols that scenarios can use.
    pub fn registry(self) -> Registry {
        L::registry()
    }

    /// Visits the protocol of that name.
    ///
    /// # Errors
    /// [`UnknownProtocol`], with the closest name as a suggestion.
    pub fn visit<V: Visitor>(self, name: &str, visitor: V) -> Result<V::Output, UnknownProtocol> {
        self.visit_under(name, None, visitor)
    }

    /// Visits the protocol of that name, or its variant if only that has the rulebook of that id.
    ///
    /// # Errors
    /// As [`visit`](Self::visit).
    pub fn visit_under<V: Visitor>(
        self,
        name: &str,
        rules: Option<&str>,
        visitor: V,
    ) -> Result<V::Output, UnknownProtocol> {
        L::visit(name, rules, visitor)
            .map_err(|_| UnknownProtocol { name: script::shown(name), like: script::nearest(name, self.names()) })
    }
}

impl Default for Protocols {
    fn default() -> Self {
        Self::new()
    }
}

impl<L> Clone for Protocols<L> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<L> Copy for Protocols<L> {}

impl<L: List> fmt::Debug for Protocols<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}

/// List of protocols as a type: empty, or a list and one more.
pub trait List {
    /// Visits the protocol of that name, or its variant if only that has the rulebook of that id;
    /// gives the visitor back if there is no such protocol.
    ///
    /// # Errors
    /// The visitor.
    fn visit<V: Visitor>(name: &str, rules: Option<&str>, visitor: V) -> Result<V::Output, V>;

    /// Adds the names, in order.
    fn add_names(names: &mut Vec<&'static str>);

    /// Protocols that scenarios can use.
    fn registry() -> Registry;
}

impl List for () {
    fn visit<V: Visitor>(_: &str, _: Option<&str>, visitor: V) -> Result<V::Output, V> {
        Err(visitor)
    }

    fn add_names(_: &mut Vec<&'static str>) {}

    fn registry() -> Registry {
        Registry::new()
    }
}

impl<L: List, P: Target> List for (L, P) {
    fn visit<V: Visitor>(name: &str, rules: Option<&str>, visitor: V) -> Result<V::Output, V> {
        if <P as Protocol>::NAME != name {
            return L::visit(name, rules, visitor);
        }
        match rules {
            Some(id) => P::visit_variant(id, visitor).or_else(|visitor| Ok(visitor.visit::<P>())),
            None => Ok(visitor.visit::<P>()),
        }
    }

    fn add_names(names: &mut Vec<&'static str>) {
        L::add_names(names);
        names.retain(|name| *name != <P as Protocol>::NAME);
        names.push(<P as Protocol>::NAME);
    }

    fn registry() -> Registry {
        P::add_variants(L::registry().with::<P>())
    }
}

/// Error: no protocol of that name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnknownProtocol {
    name: String,
    like: Option<&'static str>,
}

impl fmt::Display for UnknownProtocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no protocol '{}'", self.name)?;
        match self.like {
            Some(like) => write!(f, "; did you mean '{like}'?"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for UnknownProtocol {}
