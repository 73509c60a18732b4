//! Names of protocols on the command line.

use clap::builder::PossibleValuesParser;
use quorate::protocols;

/// Protocol names accepted on the command line. For others clap suggests a similar name.
pub(crate) fn names() -> PossibleValuesParser {
    PossibleValuesParser::new(protocols::all().names())
}
