//! The sizes of quorums, phase by phase (*Paxos Made Simple* §2.2; *Flexible Paxos*).

/// Quorum size of each phase.
///
/// Flexible Paxos: it is enough that every phase-1 quorum intersects every phase-2 quorum, that is
/// `phase_1 + phase_2 > acceptors`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Quorums {
    /// Number of acceptors.
    pub acceptors: usize,
    /// Number of acceptors that must promise.
    pub phase_1: usize,
    /// Number of acceptors that must accept.
    pub phase_2: usize,
}

impl Quorums {
    /// The quorum size of a phase.
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
