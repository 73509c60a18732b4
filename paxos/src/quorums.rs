//! The sizes of quorums, phase by phase (*Paxos Made Simple* §2.2; *Flexible Paxos*).

/// How many acceptors make a quorum in each phase.
///
/// Flexible Paxos: it is enough that every phase-1 quorum meets every phase-2 quorum, that is `phase_1 + phase_2 > acceptors`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Quorums {
    /// All acceptors.
    pub acceptors: usize,
    /// How many of them must promise.
    pub phase_1: usize,
    /// How many of them must accept.
    pub phase_2: usize,
}

impl Quorums {
    /// The size that a phase asks for.
    pub const fn size(&self, phase: Phase) -> usize {
        match phase {
            Phase::One => self.phase_1,
            Phase::Two => self.phase_2,
        }
    }
}

/// The two phases of a ballot (*Paxos Made Simple* §2.2).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Phase {
    /// Prepare and promise.
    One,
    /// Accept and accepted.
    Two,
}
