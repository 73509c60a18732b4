//! Claims about machines that bear liars, a test for each.

mod broadcast;
mod generals;
mod pbft;
mod serde;

/// The number of seeds of a random test: `QUORATE_SEEDS`, or this many.
pub(crate) fn seeds(usual: u64) -> u64 {
    let text = std::env::var_os("QUORATE_SEEDS");
    text.map_or(usual, |text| text.to_str().and_then(|text| text.parse().ok()).expect("a number of seeds"))
}
