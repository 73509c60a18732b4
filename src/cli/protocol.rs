//! The protocol that a command is about: one of the list.

use clap::builder::PossibleValuesParser;
use quorate::bugs::Bug;
use quorate::protocols::{self, Visitor};

use super::failure::Failure;

/// The names that the command line takes. Of another, clap says which may have been meant.
pub(crate) fn names() -> PossibleValuesParser {
    PossibleValuesParser::new(protocols::all().names())
}

/// Does something with the protocol of that name, or with the variant of it that alone has a bug.
pub(crate) fn visit<T>(
    name: &str,
    bug: Option<&Bug>,
    visitor: impl Visitor<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    protocols::all().visit_under(name, bug.map(|bug| bug.id), visitor).map_err(Failure::unusable)?
}
