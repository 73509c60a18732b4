//! Ballots: the proposal numbers of the paper.
//!
//! *Paxos Made Simple* §2.5 requires that two proposers never use the same number, and suggests
//! choosing from disjoint sets. Here a number is a round together with the proposer's id: `2.A` is
//! the ballot that proposer `A` owns in round 2. Rounds are compared first, so a proposer can
//! always exceed every ballot it has seen; ids break ties.

use std::fmt;
use std::str::FromStr;

use quorate_protocol::NodeId;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A proposal number: unique to its proposer, ordered by round, then by node. Displayed as `2.A`.
///
/// ```
/// use quorate_paxos::Ballot;
/// use quorate_protocol::{Names, NodeId};
///
/// let (a, b) = (NodeId(0), NodeId(1));
/// assert!(Ballot::new(1, a) < Ballot::new(1, b) && Ballot::new(1, b) < Ballot::new(2, a));
/// Names::new(["A", "B"], [""; 0]).scope(|| {
///     assert_eq!(Ballot::new(2, a).to_string(), "2.A");
///     assert_eq!("2.A".parse(), Ok(Ballot::new(2, a)));
/// });
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ballot {
    /// The round, from 1.
    pub round: u64,
    /// The proposer that owns the ballot.
    pub node: NodeId,
}

impl Ballot {
    /// The highest round that a proposer adopts from a client or from another proposer's ballot.
    ///
    /// Its own rounds then increase one by one and cannot run out, so no input makes a proposer
    /// reuse a ballot.
    pub const ROUND_LIMIT: u64 = 1 << 53;

    /// The ballot of a proposer in a round.
    pub const fn new(round: u64, node: NodeId) -> Self {
        Ballot { round, node }
    }
}

impl fmt::Display for Ballot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.round, self.node)
    }
}

impl fmt::Debug for Ballot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Display of an optional ballot: the ballot, or "nothing".
pub(crate) struct DisplayBallot(pub(crate) Option<Ballot>);

impl fmt::Display for DisplayBallot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(ballot) => fmt::Display::fmt(&ballot, f),
            None => f.write_str("nothing"),
        }
    }
}

/// Display of a proposer's new ballot, given the highest ballot it has used or seen before (`.1`).
pub(crate) struct DisplayNewBallot(pub(crate) Ballot, pub(crate) Option<Ballot>);

impl fmt::Display for DisplayNewBallot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DisplayNewBallot(ballot, None) => write!(f, "{ballot} is its first ballot"),
            DisplayNewBallot(ballot, Some(before)) => write!(f, "{ballot} is above {before}"),
        }
    }
}

/// Parse error: the text is not a ballot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BallotError {
    text: String,
}

impl fmt::Display for BallotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}' is not a ballot: write a round, a dot and a node's name, as in '2.A'", self.text)
    }
}

impl std::error::Error for BallotError {}

impl FromStr for Ballot {
    type Err = BallotError;

    /// Parses `round.node`, where the node is a name in scope or the default form (`n1`).
    fn from_str(text: &str) -> Result<Self, BallotError> {
        let parsed = text.split_once('.').and_then(|(round, node)| {
            let digits = !round.is_empty() && round.bytes().all(|byte| byte.is_ascii_digit());
            Some(Ballot { round: round.parse().ok().filter(|_| digits)?, node: node.parse().ok()? })
        });
        parsed.ok_or_else(|| BallotError { text: text.to_owned() })
    }
}

impl Serialize for Ballot {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            (self.round, self.node).serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Ballot {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
        } else {
            <(u64, NodeId)>::deserialize(deserializer).map(|(round, node)| Ballot { round, node })
        }
    }
}

#[cfg(test)]
mod tests {
    use quorate_protocol::Names;

    use super::*;

    #[test]
    fn ballots_are_ordered_by_round_then_by_node() {
        let ballot = |round, node| Ballot::new(round, NodeId(node));
        let sorted = [ballot(1, 0), ballot(1, 9), ballot(2, 0), ballot(10, 1)];
        assert!(sorted.is_sorted());
    }

    #[test]
    fn a_ballot_is_a_string_in_both_directions() {
        Names::new(["A", "node.with.dots"], [""; 0]).scope(|| {
            for (ballot, json) in
                [(Ballot::new(2, NodeId(0)), "\"2.A\""), (Ballot::new(7, NodeId(1)), "\"7.node.with.dots\"")]
            {
                assert_eq!(serde_json::to_string(&ballot).unwrap(), json);
                assert_eq!(serde_json::from_str::<Ballot>(json).unwrap(), ballot);
            }
        });
        assert_eq!("3.n2".parse(), Ok(Ballot::new(3, NodeId(1))));
    }

    #[test]
    fn a_text_that_is_no_ballot_is_an_error_that_says_how_to_write_one() {
        for text in ["", ".", "2", "2.", ".A", "x.n1", "-1.n1", "+1.n1", "2.nobody", "99999999999999999999.n1"] {
            let error = text.parse::<Ballot>().unwrap_err().to_string();
            assert_eq!(error, format!("'{text}' is not a ballot: write a round, a dot and a node's name, as in '2.A'"));
        }
        assert!(serde_json::from_str::<Ballot>("2").is_err());
    }
}
