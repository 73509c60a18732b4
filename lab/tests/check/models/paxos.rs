//! Single-decree Paxos as Lamport specifies it in TLA+ (module `Paxos`): acceptors, and a network
//! that never loses a message.
//!
//! Proposers have no state: a value may be proposed once a quorum of promises is in the network.

use quorate_lab::check::Model;
use quorate_protocol::InvariantViolation;

/// Number of acceptors. Any two of them are a quorum.
const ACCEPTORS: u8 = 3;
const QUORUMS: [[u8; 2]; 3] = [[0, 1], [0, 2], [1, 2]];

/// Three acceptors, and numbers of values and ballots, each counted from 0: at most 2 and 3.
#[derive(Clone, Copy, Debug)]
pub struct Paxos {
    pub values: u8,
    pub ballots: u8,
}

/// The ballot and the value that an acceptor has voted for.
type Vote = (u8, u8);

/// A message.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Message {
    Prepare { ballot: u8 },
    Promise { acceptor: u8, ballot: u8, voted: Option<Vote> },
    Accept { ballot: u8, value: u8 },
    Accepted { acceptor: u8, ballot: u8, value: u8 },
}

impl Message {
    /// Position in the set of all messages.
    const fn bit(self) -> u128 {
        let (proposal, place) = match self {
            Message::Prepare { ballot } => (0, ballot),
            Message::Accept { ballot, value } => (3, 2 * ballot + value),
            Message::Accepted { acceptor, ballot, value } => (9, 6 * acceptor + 2 * ballot + value),
            Message::Promise { acceptor, ballot, voted: None } => (27, 21 * acceptor + 7 * ballot),
            Message::Promise { acceptor, ballot, voted: Some((before, value)) } => {
                (28, 21 * acceptor + 7 * ballot + 2 * before + value)
            }
        };
        1 << (proposal + place)
    }
}

/// `maxBal`, and `maxVBal` with `maxVal`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Acceptor {
    pub promised: Option<u8>,
    pub voted: Option<Vote>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct State {
    pub acceptors: [Acceptor; ACCEPTORS as usize],
    /// All messages ever sent (`msgs`), one bit each.
    pub said: u128,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Action {
    /// `Phase1a`, even if the message was sent before: TLA+ counts that as a step as well.
    Prepare(u8),
    /// `Phase1b`.
    Promise(u8, u8),
    /// `Phase2a`.
    Accept(u8, u8),
    /// `Phase2b`.
    Vote(u8, u8, u8),
}

impl State {
    fn has(&self, message: Message) -> bool {
        self.said & message.bit() != 0
    }
}

impl Paxos {
    pub fn enabled(&self, state: &State, actions: &mut Vec<Action>) {
        for ballot in 0..self.ballots {
            actions.push(Action::Prepare(ballot));
            self.proposals(state, ballot, actions);
            for (acceptor, standing) in (0..).zip(&state.acceptors) {
                if Some(ballot) > standing.promised && state.has(Message::Prepare { ballot }) {
                    actions.push(Action::Promise(acceptor, ballot));
                }
                let open = Some(ballot) >= standing.promised;
                let asked = (0..self.values).filter(|&value| open && state.has(Message::Accept { ballot, value }));
                actions.extend(asked.map(|value| Action::Vote(acceptor, ballot, value)));
            }
        }
    }

    /// A value may be proposed once a quorum has promised the ballot, if none of its members has
    /// voted yet, or their vote in the highest ballot was for that value.
    fn proposals(&self, state: &State, ballot: u8, actions: &mut Vec<Action>) {
        if (0..self.values).any(|value| state.has(Message::Accept { ballot, value })) {
            return;
        }
        let promises: [Option<Option<Vote>>; 3] = [0, 1, 2].map(|acceptor| {
            let votes = (0..ballot).flat_map(|before| (0..self.values).map(move |value| Some((before, value))));
            let promised = |voted: &Option<Vote>| state.has(Message::Promise { acceptor, ballot, voted: *voted });
            [None].into_iter().chain(votes).find(promised)
        });
        let open = |value| {
            QUORUMS.iter().any(|quorum| match quorum.map(|acceptor| promises[usize::from(acceptor)]) {
                [Some(one), Some(other)] => {
                    let highest = one.max(other).map(|(ballot, _)| ballot);
                    highest.is_none_or(|highest| [one, other].contains(&Some((highest, value))))
                }
                _ => false,
            })
        };
        actions.extend((0..self.values).filter(|&value| open(value)).map(|value| Action::Accept(ballot, value)));
    }

    pub fn after(&self, state: &State, action: &Action) -> State {
        let mut next = *state;
        let message = match *action {
            Action::Prepare(ballot) => Message::Prepare { ballot },
            Action::Promise(acceptor, ballot) => {
                let standing = &mut next.acceptors[usize::from(acceptor)];
                standing.promised = Some(ballot);
                Message::Promise { acceptor, ballot, voted: standing.voted }
            }
            Action::Accept(ballot, value) => Message::Accept { ballot, value },
            Action::Vote(acceptor, ballot, value) => {
                next.acceptors[usize::from(acceptor)] =
                    Acceptor { promised: Some(ballot), voted: Some((ballot, value)) };
                Message::Accepted { acceptor, ballot, value }
            }
        };
        next.said |= message.bit();
        next
    }

    /// Whether a quorum has voted for the value in one ballot.
    pub fn is_chosen(&self, state: &State, value: u8) -> bool {
        (0..self.ballots).any(|ballot| {
            let voted = |&acceptor: &u8| state.has(Message::Accepted { acceptor, ballot, value });
            QUORUMS.iter().any(|quorum| quorum.iter().all(voted))
        })
    }

    pub fn agrees(&self, state: &State) -> bool {
        (0..self.values).filter(|&value| self.is_chosen(state, value)).count() <= 1
    }
}

impl Model for Paxos {
    type State = State;
    type Action = Action;

    fn initial(&self) -> Vec<State> {
        vec![State::default()]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        self.enabled(state, actions);
    }

    fn next(&self, state: &State, action: &Action) -> Option<State> {
        Some(self.after(state, action))
    }

    fn check(&self, state: &State) -> Result<(), InvariantViolation> {
        if self.agrees(state) { Ok(()) } else { Err(InvariantViolation::new("Agreement", "two values are chosen")) }
    }
}
