//! Raft with careless bookkeeping: state written only after the answer, a refusal read as an
//! acknowledgement, and clients that wait for an index instead of their command.

use quorate_protocol::{
    Context, Disposition, Effect, Input, Machine, Outbox, Permutation, Permute, RequestId, Variant,
};
use quorate_raft::{
    AppendRefused, Appended, Fact, LogIndex, Message, NodeAgnostic, Payload, Raft, RaftRule, Record, Reply,
    SessionLookup, StateMachine,
};

use crate::Breaks::Invariant;
use crate::Discovery::{Scenario, Search, Stages};
use crate::wrap::{as_reference, effect, hand_on, outbox};

/// Kinds of durable state.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DurableKind {
    /// The current term.
    Term,
    /// The vote.
    Vote,
    /// Entries and their removal.
    Log,
    /// A snapshot and the compaction of the log.
    Snapshot,
}

impl DurableKind {
    fn of<S: StateMachine>(record: &Record<S>) -> Self {
        match record {
            Record::Term { .. } => DurableKind::Term,
            Record::Vote { .. } => DurableKind::Vote,
            Record::Append { .. } | Record::Truncate { .. } => DurableKind::Log,
            Record::Snapshot { .. } => DurableKind::Snapshot,
        }
    }
}

/// Raft's decisions, and three that the paper does not leave open.
#[derive(Clone, Copy, Debug)]
pub struct Rulebook {
    /// The decisions of the papers.
    pub raft: quorate_raft::Rulebook,
    /// Whether this must be on disk before any message or reply of the step leaves (Raft Figure 2,
    /// State).
    pub durable_before_answer: fn(DurableKind) -> bool,
    /// The index up to which a follower is assumed to match after it has refused an append that
    /// follows this entry (Raft Figure 2, matchIndex).
    pub matched_after_refusal: fn(LogIndex) -> Option<LogIndex>,
    /// Whether a client that waits for an index is answered when another client's command is
    /// applied there, under a later leader (Raft §8).
    pub answers_by_index: fn() -> bool,
}

/// The correct rulebook: everything is durable before the answer, a refusal proves nothing about
/// the follower's log, and an answer is for the command itself.
pub const BY_THE_BOOK: Rulebook = Rulebook {
    raft: quorate_raft::BY_THE_BOOK,
    durable_before_answer: |_| true,
    matched_after_refusal: |_| None,
    answers_by_index: || false,
};

impl Default for Rulebook {
    /// [`BY_THE_BOOK`].
    fn default() -> Self {
        BY_THE_BOOK
    }
}

bugs! {
    /// Rulebook of a careless Raft: correct, or with one bug.
    pub type NamedRulebook = Rulebook;

    VOTE_NOT_DURABLE = "vote-not-durable" of Raft {
        summary: "The vote is not on disk when it is granted.",
        story: "A voter restarts, has forgotten its vote, and votes again in the same term.",
        source: "Raft Figure 2, State",
        breaks: Invariant("OneVotePerTerm"),
        needs: "3 nodes, a restart",
        discovery: Search { steps: 5 },
        correct_rule: "RefuseVoteGiven",
        fn durable_before_answer(kind: DurableKind) -> bool {
            kind != DurableKind::Vote
        }
    }

    LOG_NOT_DURABLE = "log-not-durable" of Raft {
        summary: "Entries are acknowledged before they are on disk.",
        story: "The leader counts the copy and commits; the follower restarts without it, and votes for a candidate that lacks it, too.",
        source: "ZOOKEEPER-4646",
        breaks: Invariant("LeaderCompleteness"),
        needs: "3 nodes, a restart",
        discovery: Search { steps: 10 },
        correct_rule: "CountAck",
        fn durable_before_answer(kind: DurableKind) -> bool {
            kind != DurableKind::Log
        }
    }

    STALE_NACK_ROLLBACK = "stale-nack-rollback" of Raft {
        summary: "A refusal raises the leader's match index for a follower.",
        story: "The leader treats a refusal as if the follower's log agreed up to that index, and commits entries that no other node has. The next leader rolls them back.",
        source: "CCF #6016",
        breaks: Invariant("LeaderCompleteness"),
        needs: "3 nodes, 2 terms",
        discovery: Stages { steps: 12 },
        correct_rule: "BackUp",
        fn matched_after_refusal(refused: LogIndex) -> Option<LogIndex> {
            Some(refused)
        }
    }

    ANSWERED_BY_INDEX = "answered-by-index" of Raft {
        summary: "A client is answered when the entry at its index is applied, although that is another command of a later term.",
        story: "n1 is partitioned, and c1 waits there for index 3. n2 is elected, and c2's command becomes entry 3. n1 receives it, applies it, and tells c1 that its command is done. It is lost.",
        source: "Students' Guide to Raft, Applying client operations; Raft §8",
        breaks: Invariant("OneStore"),
        needs: "3 nodes, 2 clients, a partition",
        discovery: Scenario { scenario: "raft/answer-goes-to-its-own-command", commands: 13 },
        correct_rule: "HearLeader",
        fn answers_by_index() -> bool {
            true
        }
    }
}

/// A Raft node that may write after its answer, may read a refusal as an acknowledgement, and may
/// answer a client for another one's command.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct CarelessRaft<S: StateMachine> {
    raft: Raft<S>,
    /// Pending writes, in order, each with the rule that requested it.
    unwritten: Vec<(RaftRule, Record<S>)>,
    /// Clients that wait for an index, if they are answered by it.
    waiting: Vec<(LogIndex, RequestId)>,
}

impl<S: StateMachine> CarelessRaft<S> {
    /// Reads a refusal as the rulebook says.
    fn read(cx: &Context<Self>, message: Message<S>) -> Message<S> {
        match message {
            Message::AppendRefused(AppendRefused { term, previous, round, .. }) => {
                match (cx.rules.matched_after_refusal)(previous) {
                    Some(matched) => Message::Appended(Appended { term, matched, round }),
                    None => message,
                }
            }
            message => message,
        }
    }

    /// Notes that a client waits for the entry that its request has added to the leader's log.
    fn note_waiting(&mut self, cx: &Context<Self>, ticket: RequestId, before: LogIndex) {
        let last = self.raft.log().last_index();
        if (cx.rules.answers_by_index)() && last > before {
            self.waiting.push((last, ticket));
        }
    }

    /// The answer to another client's command at an index, and the client that waits for the index.
    fn misdirected(&mut self, fact: &Fact<S>) -> Option<(RequestId, Reply<S>)> {
        let Fact::Applied { index, command } = fact else { return None };
        let place = self.waiting.iter().position(|(awaited, _)| awaited == index)?;
        let (_, waiting) = self.waiting.remove(place);
        match command {
            Payload::Apply { ticket, .. } if *ticket != waiting => match self.raft.sessions().known(*ticket) {
                SessionLookup::Answered(reply) => Some((waiting, Reply::Applied(reply.clone()))),
                SessionLookup::New | SessionLookup::Forgotten => None,
            },
            _ => None,
        }
    }

    /// Forwards the effects of the reference, but holds back writes that may come later. A snapshot
    /// is never written ahead of earlier writes that are still pending.
    fn hand_on(&mut self, cx: &Context<Self>, done: &Outbox<Raft<S>>, out: &mut Outbox<Self>) {
        hand_on(done, out, |rule, each, because| match each {
            Effect::Persist(record) => {
                let kind = DurableKind::of(&record);
                let in_order = kind != DurableKind::Snapshot || self.unwritten.is_empty();
                if in_order && (cx.rules.durable_before_answer)(kind) {
                    because.persist(record);
                } else {
                    self.unwritten.push((rule, record));
                }
            }
            Effect::Emit(fact) => {
                let answer = self.misdirected(&fact);
                because.emit(fact);
                if let Some((ticket, reply)) = answer {
                    because.reply(ticket, reply);
                }
            }
            each => effect(each, because, |message| message),
        });
    }
}

impl<S: StateMachine> Variant for CarelessRaft<S> {
    type Reference = Raft<S>;

    fn reference(&self) -> &Raft<S> {
        &self.raft
    }

    fn known(message: &Message<S>) -> Option<&Message<S>> {
        Some(message)
    }

    fn rulebook(raft: quorate_raft::Rulebook) -> Rulebook {
        Rulebook { raft, ..BY_THE_BOOK }
    }

    fn rules(rules: &Rulebook) -> &quorate_raft::Rulebook {
        &rules.raft
    }
}

impl<S: StateMachine> Machine for CarelessRaft<S> {
    as_reference!(Raft<S>);
    type Rulebook = Rulebook;
    type Message = Message<S>;

    fn boot(cx: &Context<Self>, disk: &Self::Disk, out: &mut Outbox<Self>) -> Self {
        let mut done = outbox(out);
        let raft = Raft::boot(&Self::context(cx), disk, &mut done);
        let mut careless = CarelessRaft { raft, unwritten: Vec::new(), waiting: Vec::new() };
        careless.hand_on(cx, &done, out);
        careless
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        for (rule, record) in self.unwritten.drain(..) {
            out.because(rule).why(format_args!("written after the answer")).persist(record);
        }
        let input = match input {
            Input::Deliver { from, message } => Input::Deliver { from, message: Self::read(cx, message) },
            Input::Fire(timer) => Input::Fire(timer),
            Input::Request { ticket, command } => Input::Request { ticket, command },
        };
        let asked = match &input {
            Input::Request { ticket, .. } => Some((*ticket, self.raft.log().last_index())),
            Input::Deliver { .. } | Input::Fire(_) => None,
        };
        let mut done = outbox(out);
        self.raft.step(&Self::context(cx), input, &mut done);
        if let Some((ticket, before)) = asked {
            self.note_waiting(cx, ticket, before);
        }
        self.hand_on(cx, &done, out);
    }

    fn view(&self, cx: &Context<Self>) -> Self::View {
        self.raft.view(&Self::context(cx))
    }

    fn disposition(reply: &Self::Reply) -> Disposition {
        Raft::<S>::disposition(reply)
    }
}

impl<S: StateMachine + NodeAgnostic> Permute for CarelessRaft<S> {
    fn permuted(&self, by: &Permutation) -> Self {
        CarelessRaft {
            raft: self.raft.permuted(by),
            unwritten: self.unwritten.permuted(by),
            waiting: self.waiting.permuted(by),
        }
    }
}
