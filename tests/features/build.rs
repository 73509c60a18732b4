//! Nothing but dependencies: see `Cargo.toml`.

fn main() {}
