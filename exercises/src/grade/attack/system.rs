//! Systems to attack: for each, the cluster line, the invariant to break, and the maximum number of
//! commands.

/// Broken system.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct System {
    /// Exercise of the system.
    pub exercise: &'static str,
    /// Cluster line with which every schedule begins.
    pub opening: &'static str,
    /// Invariant to break.
    pub invariant: &'static str,
    /// Maximum number of commands: slightly above the shortest known schedule.
    pub commands_max: usize,
}

/// All systems, in the order of the exercises.
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
    System {
        exercise: "attack-clock-jump",
        opening: "cluster redlock instances=P,Q,R holders=A,B ttl=10s expiry=monotonic rules=expires-on-wall-clock",
        invariant: "AtMostOneHolder",
        commands_max: 9,
    },
    System {
        exercise: "attack-forgetful-fence",
        opening: "cluster lock recipe=set-nx-px server=R holders=A,B resource=S ttl=10s guard=fence work=20ms \
                  rules=fence-not-durable",
        invariant: "TokensNeverDecrease",
        commands_max: 15,
    },
    System {
        exercise: "attack-two-outcomes",
        opening: "cluster two-phase coordinator=T participants=order,stock rules=decision-not-logged",
        invariant: "SameOutcome",
        commands_max: 8,
    },
    System {
        exercise: "attack-torn-order",
        opening: "cluster outbox sender=shop broker=broker receiver=stock rules=row-then-event",
        invariant: "NothingLost",
        commands_max: 5,
    },
    System {
        exercise: "attack-old-value",
        opening: "cluster register replicas=n1,n2,n3 apps=A mode=ap order=lamport session=read-your-writes \
                  read-repair=off rules=reads-back-from-replica",
        invariant: "SessionGuarantee",
        commands_max: 8,
    },
];

impl System {
    /// System of an exercise.
    pub fn of(exercise: &str) -> Option<&'static System> {
        SYSTEMS.iter().find(|system| system.exercise == exercise)
    }

    /// Cluster line without the bug.
    pub fn by_the_book(&self) -> &'static str {
        self.opening.split(" rules=").next().unwrap_or(self.opening)
    }

    /// Name of the bug.
    pub fn bug(&self) -> &'static str {
        self.opening.split(" rules=").nth(1).unwrap_or_default()
    }
}
