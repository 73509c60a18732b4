//! What the cases of Raft are put together from: clusters, clients, and troubles that strike whoever leads.

use quorate_lab::sim::{Asking, CrashMoment, Dice, Fault, Patience, Storm};
use quorate_protocol::{ClientId, Duration, Names, NodeId, Time};
use quorate_raft::{Command, KeyValueCommand, Settings};

use super::RaftSuite;

/// A run of Raft that is to be made.
pub(super) type Case = crate::grade::build::Case<RaftSuite>;

pub(super) const MS: fn(u64) -> Duration = Duration::from_millis;

/// What a case of Raft says besides.
#[derive(Clone, Debug, Default)]
pub struct Aim {
    /// Whether commands are to be replicated; otherwise nodes only have to know who leads.
    pub(super) replicates: bool,
    /// Somebody must be elected between each of these.
    pub(super) led: Vec<(Time, Time)>,
    /// Nobody may stand for election between these: a leader is there, and heard.
    pub(super) still: Vec<(Time, Time)>,
    /// How many entries may be sent in all: copies that were not due are counted.
    pub(super) entries_max: Option<u64>,
    /// Who must have installed a snapshot.
    pub(super) installed: Vec<NodeId>,
    /// What depends on who leads, in order of time.
    pub(super) turns: Vec<Turn>,
}

/// What happens at a moment, to nodes that are known only then.
#[derive(Clone, Debug)]
pub struct Turn {
    pub(super) at: Time,
    pub(super) moves: Vec<Move>,
}

/// A node, by who led at some turn (the first is 0) and how many places it comes after it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Who {
    turn: usize,
    after: u32,
}

/// Who leads at a turn.
pub(super) fn leader(turn: usize) -> Who {
    Who { turn, after: 0 }
}

/// The so-many-th of the others.
pub(super) fn other(turn: usize, after: u32) -> Who {
    Who { turn, after }
}

/// Something that happens.
#[derive(Clone, Debug)]
pub(super) enum Move {
    /// The nodes fall into groups; those that are in none form one together.
    Part(Vec<Vec<Who>>),
    /// A node sleeps for a while.
    Pause(Who, Duration),
    /// A node crashes, and restarts after a while.
    Crash(Who, CrashMoment, Duration),
    /// A client asks a node.
    Ask(u32, Who),
}

/// Who led at each turn so far, this one included.
#[derive(Debug)]
pub(super) struct Scene {
    pub(super) leaders: Vec<NodeId>,
    pub(super) nodes: u32,
}

impl Scene {
    fn node(&self, Who { turn, after }: Who) -> NodeId {
        NodeId((self.leaders[turn].0 + after) % self.nodes)
    }

    /// Writes what happens into the case.
    pub(super) fn play(&self, each: &Move, at: Time, case: &mut Case) {
        let mut befall = |at, fault| case.faults.push((at, fault));
        match each {
            Move::Part(groups) => {
                let group = |group: &Vec<Who>| group.iter().map(|who| self.node(*who)).collect();
                befall(at, Fault::Partition(groups.iter().map(group).collect()));
            }
            Move::Pause(who, span) => {
                befall(at, Fault::Pause(self.node(*who)));
                befall(at + *span, Fault::Resume(self.node(*who)));
            }
            Move::Crash(who, moment, span) => {
                befall(at, Fault::Crash { node: self.node(*who), moment: *moment });
                befall(at + *span, Fault::Restart(self.node(*who)));
            }
            Move::Ask(client, who) => case.askings.push(asking(at, *client, Some(self.node(*who)), case.askings.len())),
        }
    }
}

/// A client appends a word to one of three texts. No word comes twice, so each tells where it comes from.
fn asking(at: Time, client: u32, of: Option<NodeId>, number: usize) -> Asking<Command<quorate_raft::KeyValue>> {
    let (key, value) = (["x", "y", "z"][number % 3].to_owned(), format!("{}.{number} ", client + 1));
    Asking { at, client: ClientId(client), of, command: Command::Apply(KeyValueCommand::Append { key, value }) }
}

impl Case {
    /// A cluster whose nodes elect, and whose clients do nothing but ask who leads, from `until` on.
    pub(super) fn electing(title: &'static str, nodes: u32, until: Duration) -> Self {
        let quiet = Case::quiet(title, nodes, Settings::nodes(nodes));
        let names = Names::new((1..=nodes).map(|node| format!("n{node}")), (1..=nodes).map(|node| format!("c{node}")));
        let mut case = Case { names, patience: BRIEF, must: "one leader is elected, and every node knows it", ..quiet };
        for round in 0..ROUNDS {
            let at = Time::ZERO + until + MS(300) * round;
            for node in 0..nodes {
                case.askings.push(asking(at, node, Some(NodeId(node)), case.askings.len()));
            }
        }
        case.aim.replicates = false;
        case
    }

    /// A cluster that replicates what clients ask for. Nobody asks yet, and nothing goes wrong.
    pub(super) fn quiet(title: &'static str, nodes: u32, settings: Settings) -> Self {
        Case {
            title,
            config: settings.build().expect("the settings of a case make sense"),
            names: Names::new(
                (1..=nodes).map(|node| format!("n{node}")),
                (1..=CLIENTS).map(|client| format!("c{client}")),
            ),
            conditions: Storm::none().conditions,
            patience: STUBBORN,
            askings: Vec::new(),
            faults: Vec::new(),
            storm: Duration::ZERO,
            calm: CALM,
            must: "every client is answered, and every node has applied all that is committed",
            messages_max: 20_000,
            aim: Aim { replicates: true, ..Aim::default() },
        }
    }

    /// The same, and a client asks for something: of a node, or of whom it likes.
    pub(super) fn asks(mut self, at: Duration, client: u32, of: Option<u32>) -> Self {
        self.askings.push(asking(Time::ZERO + at, client, of.map(NodeId), self.askings.len()));
        self
    }

    /// The same, and so many clients ask one after the other, a request every `every`.
    pub(super) fn asked(self, from: Duration, every: Duration, clients: u32, requests: u32) -> Self {
        (0..requests).fold(self, |case, number| case.asks(from + every * number, number % clients, None))
    }

    /// The same, and at that moment something happens that depends on who leads.
    pub(super) fn then(mut self, at: Duration, moves: Vec<Move>) -> Self {
        self.aim.turns.push(Turn { at: Time::ZERO + at, moves });
        self
    }

    /// The same, and somebody has to be elected within that span.
    pub(super) fn elects(mut self, from: Duration, until: Duration) -> Self {
        self.aim.led.push((Time::ZERO + from, Time::ZERO + until));
        self
    }

    /// The same, and nobody may stand within that span.
    pub(super) fn stays(mut self, from: Duration, until: Duration) -> Self {
        self.aim.still.push((Time::ZERO + from, Time::ZERO + until));
        self
    }

    /// When all has long been quiet there is one more request: a leader that begins its term without an entry of its own commits
    /// what it has found in its log only with the next (Raft §5.4.2, §8).
    pub(super) fn close(&mut self) {
        if self.aim.replicates {
            let last = self.faults.iter().map(|(at, _)| *at).chain(self.askings.iter().map(|asking| asking.at)).max();
            let quiet = last.unwrap_or(Time::ZERO).max(Time::ZERO + self.storm) + QUIET;
            self.askings.push(asking(quiet, 0, None, self.askings.len()));
        }
    }

    /// The same on a bad network with these faults, until all is put right; so many requests come at any time.
    pub(super) fn in_storm(mut self, seed: u64, storm: Storm, requests: u32) -> Self {
        let mut dice = Dice::new(seed, u64::MAX - 1);
        let nodes = self.config.voters.len() as u32;
        for number in 0..requests {
            let at = Time::from_nanos(dice.below(quorate_protocol::nanos(SPAN)));
            self.askings.push(asking(at, number % CLIENTS, None, number as usize));
        }
        self.askings.sort_by_key(|asking| asking.at);
        let last = self.askings.len();
        if requests > 0 {
            self.askings.push(asking(Time::ZERO + SPAN + Duration::from_nanos(1), 0, None, last));
        }
        Case { conditions: storm.conditions, faults: storm.plan(seed, nodes, SPAN), storm: SPAN, ..self }
    }
}

/// How many clients there are, where they ask for something.
pub(super) const CLIENTS: u32 = 5;
/// How long a storm lasts.
pub(super) const SPAN: Duration = Duration::from_secs(4);
/// How long after the last trouble nobody has reason to stand any more.
const QUIET: Duration = Duration::from_secs(2);
/// How often clients ask who leads.
const ROUNDS: u32 = 20;
/// Clients that want to know who leads, and do not insist.
const BRIEF: Patience = Patience { timeout: Duration::from_millis(100), attempts: 2, roams: false };
/// Clients that never despair, and try one node after the other.
pub(super) const STUBBORN: Patience = Patience { timeout: Duration::from_millis(250), attempts: u32::MAX, roams: true };
/// Enough for some tens of elections, also after the last trouble of a case that says itself what ends.
const CALM: Duration = Duration::from_secs(20);
