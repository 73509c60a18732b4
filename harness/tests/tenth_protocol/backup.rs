//! A custom protocol: primary-backup replication of a value (Alsberg and Day 1976).

use std::collections::{BTreeMap, BTreeSet};

use quorate_protocol::Ruling::{self, Allow, Refuse};
use quorate_protocol::{
    Context, Disposition, Duration, Input, Invariant, InvariantSummary, InvariantViolation, Machine, NodeId, Outbox,
    RequestId, StepView, rules,
};
use serde::{Deserialize, Serialize};

/// Primary. All other nodes are backups.
pub const PRIMARY: NodeId = NodeId(0);

/// Value with its sequence number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Version {
    pub number: u64,
    pub value: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Message {
    Copy(Version),
    Copied { number: u64 },
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Timer {
    Again,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Reply {
    Kept { number: u64 },
    AskPrimary,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Fact {
    Kept { number: u64 },
    Answered { number: u64 },
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Disk(pub Version);

impl quorate_protocol::Disk for Disk {
    type Record = Version;

    fn apply(&mut self, version: &Version) {
        self.0 = *version;
    }
}

rules! {
    pub enum BackupRule {
        Send: "Alsberg and Day 1976", "the primary sends each value to every backup, until it has it";
        Keep: "Alsberg and Day 1976", "a backup keeps what is newer than what it has";
        Old: "Alsberg and Day 1976", "a backup has that already, and says so";
        Wait: "Alsberg and Day 1976", "the primary answers when every backup has the value, and not before";
        Reply: "Alsberg and Day 1976", "every backup has the value: the client is answered";
        NotMine: "Alsberg and Day 1976", "this is for another node";
    }
}

quorate_protocol::rulebook! {
    /// Rulebook with a single decision.
    pub struct Rulebook;

    /// When the primary answers.
    fn answers(copies: usize, backups: usize) -> Ruling<BackupRule> {
        if copies == backups { Allow(BackupRule::Reply) } else { Refuse(BackupRule::Wait) }
    }
}

/// Bug: the primary does not wait for its backups.
pub const AT_ONCE: Rulebook = Rulebook { answers: |_, _| Allow(BackupRule::Reply) };

/// Primary or backup. The configuration is the number of nodes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Backup {
    pub kept: Version,
    /// On the primary: the requester of each value in replication, and the nodes that have it.
    waiting: BTreeMap<u64, (RequestId, u64, BTreeSet<NodeId>)>,
}

impl Machine for Backup {
    type Config = u32;
    type Rulebook = Rulebook;
    type Message = Message;
    type Timer = Timer;
    type Command = u64;
    type Reply = Reply;
    type Fact = Fact;
    type Rule = BackupRule;
    type Record = Version;
    type Disk = Disk;
    type Clock = ();
    type View = u64;

    fn boot(_: &Context<Self>, disk: &Disk, _: &mut Outbox<Self>) -> Self {
        Backup { kept: disk.0, waiting: BTreeMap::new() }
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        match input {
            Input::Request { ticket, command } if cx.me == PRIMARY => self.asked(cx, ticket, command, out),
            Input::Request { ticket, .. } => {
                out.because(BackupRule::NotMine).reply(ticket, Reply::AskPrimary);
            }
            Input::Fire(Timer::Again) => self.send(cx, out),
            Input::Deliver { from, message: Message::Copy(version) } => self.copy(from, version, out),
            Input::Deliver { from, message: Message::Copied { number } } => {
                if let Some((.., copies)) = self.waiting.get_mut(&number) {
                    copies.insert(from);
                }
                self.review(cx, number, out);
            }
        }
    }

    fn disposition(reply: &Reply) -> Disposition {
        match reply {
            Reply::Kept { .. } => Disposition::Final,
            Reply::AskPrimary => Disposition::Redirect(PRIMARY),
        }
    }

    fn view(&self, _: &Context<Self>) -> u64 {
        self.kept.value
    }
}

impl Backup {
    fn asked(&mut self, cx: &Context<Self>, ticket: RequestId, value: u64, out: &mut Outbox<Self>) {
        if self.waiting.values().any(|(waits, ..)| *waits == ticket) {
            out.because(BackupRule::Wait).why(format_args!("{ticket} is on its way"));
            return;
        }
        let number = self.kept.number + 1;
        self.kept = Version { number, value };
        self.waiting.insert(number, (ticket, value, BTreeSet::new()));
        out.because(BackupRule::Keep).persist(self.kept).emit(Fact::Kept { number });
        self.send(cx, out);
        self.review(cx, number, out);
    }

    fn send(&mut self, cx: &Context<Self>, out: &mut Outbox<Self>) {
        let mut because = out.because(BackupRule::Send);
        for (&number, (_, value, copies)) in &self.waiting {
            for backup in (1..*cx.config).map(NodeId).filter(|backup| !copies.contains(backup)) {
                because.send(backup, Message::Copy(Version { number, value: *value }));
            }
        }
        if !self.waiting.is_empty() {
            because.arm(Timer::Again, Duration::from_millis(20));
        }
    }

    fn copy(&mut self, from: NodeId, version: Version, out: &mut Outbox<Self>) {
        let number = version.number;
        if version <= self.kept {
            out.because(BackupRule::Old).send(from, Message::Copied { number });
            return;
        }
        self.kept = version;
        out.because(BackupRule::Keep)
            .persist(version)
            .emit(Fact::Kept { number })
            .send(from, Message::Copied { number });
    }

    fn review(&mut self, cx: &Context<Self>, number: u64, out: &mut Outbox<Self>) {
        let Some((ticket, _, copies)) = self.waiting.get(&number) else {
            out.because(BackupRule::Old).why(format_args!("nobody waits for {number}"));
            return;
        };
        match cx.rules.answers(copies.len(), *cx.config as usize - 1) {
            Allow(rule) => {
                out.because(rule).emit(Fact::Answered { number }).reply(*ticket, Reply::Kept { number });
                self.waiting.remove(&number);
            }
            Refuse(rule) => {
                out.because(rule).why(format_args!("{} backups have it", copies.len()));
            }
        }
    }
}

/// An answered value, or a newer one, is kept by every node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct AnsweredIsKept(BTreeMap<NodeId, u64>);

impl Invariant<Backup> for AnsweredIsKept {
    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new("AnsweredIsKept", "An answered value, or a newer one, is kept by every node.")]
    }

    fn check(&mut self, seen: &StepView<'_, Backup>) -> Result<(), InvariantViolation> {
        for fact in seen.facts() {
            match fact {
                Fact::Kept { number } => {
                    self.0.insert(seen.node, *number);
                }
                Fact::Answered { number } => {
                    let nodes = (0..seen.machines.len() as u32).map(NodeId);
                    let lacks = |node: &NodeId| self.0.get(node).copied().unwrap_or_default() < *number;
                    if let Some(node) = nodes.into_iter().find(lacks) {
                        let detail = format!("value {number} was answered, and {node} lacks it");
                        return Err(InvariantViolation::new("AnsweredIsKept", detail));
                    }
                }
            }
        }
        Ok(())
    }
}
