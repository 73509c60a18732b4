//! The systems that are to be attacked: what each schedule begins with, what must break, and within how many commands.

/// A broken system.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct System {
    /// The exercise that it belongs to.
    pub exercise: &'static str,
    /// The cluster line that every schedule begins with.
    pub opening: &'static str,
    /// The invariant that must break.
    pub invariant: &'static str,
    /// Within how many commands. A little above the shortest schedule that we know.
    pub commands_max: usize,
}

/// Every system, in the order of the exercises.
pub const SYSTEMS: &[System] = &[
    System {
        exercise: "attack-two-values",
        opening: "cluster paxos proposers=A,B acceptors=X,Y,Z catch-up=off rules=no-promise-check",
        invariant: "AtMostOneChosen",
        commands_max: 9,
    },
    System {
        exercise: "attack-forgotten-vote",
        opening: "cluster paxos proposers=A,B acceptors=X,Y,Z catch-up=off rules=forget-accepted",
        invariant: "AtMostOneChosen",
        commands_max: 11,
    },
    System {
        exercise: "attack-two-leaders",
        opening: "cluster raft nodes=3 rules=stale-vote-reply",
        invariant: "ElectionSafety",
        commands_max: 14,
    },
    System {
        exercise: "attack-lost-commit",
        opening: "cluster raft nodes=3 batch=1 rules=figure-8",
        invariant: "LeaderCompleteness",
        commands_max: 24,
    },
    System {
        exercise: "attack-two-primaries",
        opening: "cluster lease granter=Q holders=A,B term=10s renew=9s rules=counts-from-reply",
        invariant: "AtMostOnePrimary",
        commands_max: 7,
    },
    System {
        exercise: "attack-late-write",
        opening: "cluster lease granter=Q holders=A,B resource=S term=10s renew=9s work=20ms rules=check-not-atomic",
        invariant: "TokensNeverDecrease",
        commands_max: 13,
    },
    System {
        exercise: "attack-stale-read",
        opening: "cluster lease-raft servers=3 holders=A term=10s election=1s..2s trust=1s rules=votes-while-trusting",
        invariant: "NoStaleRead",
        commands_max: 12,
    },
];

impl System {
    /// The system of an exercise.
    pub fn of(exercise: &str) -> Option<&'static System> {
        SYSTEMS.iter().find(|system| system.exercise == exercise)
    }

    /// The opening without its bug.
    pub fn by_the_book(&self) -> &'static str {
        self.opening.split(" rules=").next().unwrap_or(self.opening)
    }

    /// The bug.
    pub fn bug(&self) -> &'static str {
        self.opening.split(" rules=").nth(1).unwrap_or_default()
    }
}
