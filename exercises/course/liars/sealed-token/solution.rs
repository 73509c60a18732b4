//! What a resource checks of a sealed token.

use quorate_exercises::prelude::*;
use quorate_exercises::seal::*;

/// The seal of the server, for this resource, not older than the newest.
struct Mine;

impl Fence for Mine {
    fn admits(server: NodeId, resource: NodeId, highest: Option<u64>, shown: &Sealed<Grant>) -> bool {
        let is_servers = shown.is_genuine() && shown.by() == server;
        is_servers && shown.body().resource == resource && highest <= Some(shown.body().token)
    }
}

hand_in!("sealed-token", sealed_token::<Mine>());
