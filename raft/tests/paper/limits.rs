//! Numbers at the end of their range, which a damaged disk or a wrong message may contain: nothing
//! overflows, loops or panics, and no node votes twice in a term.

use quorate_protocol::{Constants, Disk as _, Effect, Input, Machine, NodeId, Outbox};
use quorate_raft::{
    Add, AppendEntries, Appended, Batch, Command, ConfigChange, Configuration, Counter, Disk, Entry, InstallSnapshot,
    LogIndex, Membership, Message, Payload, Position, Raft, RaftRule, Record, RequestVote, Role, Settings, Snapshot,
    Term, Timer,
};

type Node = Raft<Counter>;

const ME: NodeId = NodeId(0);
const OTHER: NodeId = NodeId(1);

/// A node of two, stepped by hand.
struct Hand {
    constants: Constants<Node>,
    node: Node,
    out: Outbox<Node>,
}

impl Hand {
    fn boot(disk: &Disk<Counter>, settings: Settings) -> Self {
        let constants = Constants::new(settings.build().unwrap());
        let mut out = Outbox::explaining();
        let node = Node::boot(&constants.of(ME, ()), disk, &mut out);
        Hand { constants, node, out }
    }

    fn step(&mut self, input: Input<Node>) {
        self.out.clear();
        let cx = self.constants.of(ME, ());
        self.node.step(&cx, input, &mut self.out);
        // Everything that a trace would show can be computed.
        let _ = self.node.view(&cx);
    }

    fn deliver(&mut self, message: Message<Counter>) {
        self.step(Input::Deliver { from: OTHER, message });
    }

    fn fire(&mut self, timer: Timer) {
        self.step(Input::Fire(timer));
    }
}

fn members() -> Membership {
    Membership::new([ME, OTHER], [])
}

fn entries(term: u64, count: usize) -> Batch<Counter> {
    let configuration = Configuration { ticket: None, membership: members() };
    let first = Entry { term: Term(term), payload: Payload::Configure(Box::new(configuration)) };
    let noop = Entry { term: Term(term), payload: Payload::Noop };
    Batch::new([first].iter().chain(&vec![noop; count - 1]))
}

fn snapshot(index: u64) -> Snapshot<Counter> {
    Snapshot { last: Position::new(index, 1), membership: members(), pieces: Vec::new() }
}

/// Indexes at which one more entry, or the entries of the tests, pass the end of the range.
const LAST: [u64; 5] = [u64::MAX - 3, u64::MAX - 2, u64::MAX - 1, u64::MAX, 7];

/// §7: a disk whose log begins at the end of the range.
#[test]
fn a_disk_may_hold_any_index() {
    for index in LAST {
        let mut disk = Disk::default();
        disk.apply(&Record::Term { term: Term(1) });
        let snapshot = Box::new(snapshot(index));
        disk.apply(&Record::Snapshot { base: snapshot.last, snapshot });
        disk.apply(&Record::Append { previous: LogIndex(index), entries: entries(1, 3) });
        let mut hand = Hand::boot(&disk, Settings::nodes(2));
        hand.fire(Timer::Election);
        hand.deliver(Message::VoteGranted { term: hand.node.term() });
        assert_eq!(hand.node.role(), Role::Leader, "at {index}");
        let ticket = quorate_protocol::RequestId { client: quorate_protocol::ClientId(0), number: u64::MAX };
        hand.step(Input::Request { ticket, command: Command::Apply(Add(1)) });
        hand.step(Input::Request { ticket, command: Command::ChangeMembership(ConfigChange::AddLearner(NodeId(7))) });
        let (term, round) = (hand.node.term(), u64::MAX);
        for matched in [0, index, u64::MAX].map(LogIndex) {
            hand.deliver(Message::Appended(Appended { term, matched, round }));
        }
        hand.fire(Timer::Heartbeat);
        let _ = disk.compacted();
    }
}

/// §5.3, §7: a snapshot up to the end of the range, and entries behind it.
#[test]
fn a_message_may_name_any_index() {
    for index in LAST {
        let mut hand = Hand::boot(&Disk::default(), Settings::nodes(2));
        let Snapshot { last, membership, pieces } = snapshot(index);
        let term = Term(1);
        let install = InstallSnapshot { term, last, membership, offset: 0, pieces, done: true, round: u64::MAX };
        hand.deliver(Message::InstallSnapshot(Box::new(InstallSnapshot { offset: u64::MAX, ..install.clone() })));
        hand.deliver(Message::InstallSnapshot(Box::new(install)));
        assert_eq!(hand.node.commit(), LogIndex(index));
        for previous in [index, index.saturating_add(1)] {
            let previous = Position::new(previous, 1);
            let commit = LogIndex(u64::MAX);
            let append = AppendEntries { term, previous, entries: entries(1, 3), commit, round: u64::MAX };
            hand.deliver(Message::AppendEntries(append.clone()));
            hand.deliver(Message::AppendEntries(append));
        }
        hand.fire(Timer::Election);
        hand.deliver(Message::VoteGranted { term: hand.node.term() });
        assert_eq!(hand.node.role(), Role::Leader, "at {index}");
    }
}

/// §5.1, §5.2: in the last term there is one vote, as in every other.
#[test]
fn no_second_vote_is_cast_in_the_last_term() {
    let last = Term(u64::MAX);
    for settings in [Settings::nodes(2), Settings { pre_vote: true, ..Settings::nodes(2) }] {
        let mut hand = Hand::boot(&Disk::default(), settings);
        let asked = RequestVote { term: last, last: Position::new(0, 0), transfer: false };
        hand.deliver(Message::RequestVote(asked));
        assert_eq!((hand.node.term(), hand.node.vote()), (last, Some(OTHER)));
        for input in
            [Input::Fire(Timer::Election), Input::Deliver { from: OTHER, message: Message::TimeoutNow { term: last } }]
        {
            hand.step(input);
            hand.deliver(Message::PreVoteGranted { term: last });
            assert_eq!((hand.node.term(), hand.node.vote()), (last, Some(OTHER)));
            assert!(hand.out.records().next().is_none());
        }
        hand.fire(Timer::Election);
        let armed = |effect: &Effect<Node>| matches!(effect, Effect::Arm { timer: Timer::Election, .. });
        assert!(hand.out.effects().iter().any(armed), "it goes on waiting for a leader");
        let append = AppendEntries {
            term: last,
            previous: Position::new(0, 0),
            entries: entries(1, 1),
            commit: LogIndex(1),
            round: 0,
        };
        hand.deliver(Message::AppendEntries(append));
        assert_eq!((hand.node.leader(), hand.node.commit()), (Some(OTHER), LogIndex(1)));
    }
    let mut alone = Hand::boot(&Disk::new(last, Some(OTHER), Default::default()), Settings::nodes(1));
    alone.fire(Timer::Election);
    assert_eq!((alone.node.role(), alone.node.vote()), (Role::Follower, Some(OTHER)));
    assert_eq!(alone.out.rules().collect::<Vec<_>>(), [RaftRule::WaitWithoutVote]);
}
