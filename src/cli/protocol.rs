//! Selection of a protocol by its name on the command line.

use clap::builder::PossibleValuesParser;
use quorate::bugs::Bug;
use quorate::protocols::{self, Visitor};

use super::failure::Failure;

/// Protocol names accepted on the command line. For others clap suggests a similar name.
pub(crate) fn names() -> PossibleValuesParser {
    PossibleValuesParser::new(protocols::all().names())
}

/// Calls the visitor with the protocol of that name or, for a bug of the zoo that needs a machine
/// of its own, with the variant of the protocol that has the bug.
pub(crate) fn visit<T>(
    name: &str,
    bug: Option<&Bug>,
    visitor: impl Visitor<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    protocols::all().visit_under(name, bug.map(|bug| bug.id), visitor).map_err(Failure::unusable)?
}
