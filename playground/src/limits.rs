//! Limits of a session. Runs have those of scenarios besides.

/// Maximum size of a request, in bytes.
pub const REQUEST_MAX: usize = 2 << 20;
/// Maximum number of branches.
pub const BRANCHES_MAX: usize = 64;
/// Maximum number of commands of a branch.
pub const COMMANDS_MAX: usize = 5_000;
/// Maximum length of a branch's name, in letters.
pub const NAME_MAX: usize = 40;
/// Maximum number of steps of one play by itself.
pub const STEPS_MAX: usize = 1_000;
/// Maximum number of plays of an attack.
pub const FORKS_MAX: usize = 1_000;
/// Maximum number of steps of all plays of an attack.
pub const STEPS_IN_ALL_MAX: usize = 20_000;
