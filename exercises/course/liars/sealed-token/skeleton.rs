//! What a resource checks of a sealed token. Read `quorate learn show sealed-token` first.

use quorate_exercises::prelude::*;
use quorate_exercises::seal::*;

/// Your fence.
struct Mine;

impl Fence for Mine {
    /// Whether `resource`, which trusts `server` alone, admits a write that shows this token.
    fn admits(server: NodeId, resource: NodeId, highest: Option<u64>, shown: &Sealed<Grant>) -> bool {
        unfinished!(server, resource, highest, shown)
    }
}

hand_in!("sealed-token", sealed_token::<Mine>());
