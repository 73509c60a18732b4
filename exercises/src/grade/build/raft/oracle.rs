//! Invariants over the messages, facts and replies of Raft machines: each claim is believed, and
//! nodes are held to their earlier claims.
//!
//! The oracle never sees a log. But a node that acknowledges an entry has it, so the
//! acknowledgements of a majority determine which entries are committed (Raft §5.4.2), and the
//! replies due to clients follow from these. A contradiction is detected when it happens, not only
//! when two logs differ.
//!
//! | part | contents |
//! |---|---|
//! | [`elections`] | terms, votes, leaders |
//! | [`history`] | entries, acknowledgements, committed entries, and their consequences |
//! | [`snapshots`] | snapshots taken, sent and installed |

mod elections;
mod history;
mod snapshots;

use std::collections::BTreeMap;

use quorate_protocol::{Effect, Invariant, InvariantViolation, NodeId, RequestId, StepKind, StepView, Time};
use quorate_raft::{Command, Fact, KeyValue, LogIndex, Message, Reply};

use self::elections::Elections;
use self::history::History;
use self::snapshots::Snapshots;
use super::RaftMachine;
use super::stage::Case;

/// Public record of a run.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Oracle {
    elections: Elections,
    history: History,
    snapshots: Snapshots,
    /// Number of messages sent, and its maximum.
    messages: u64,
    messages_max: u64,
    /// Leader most recently named by each node.
    named: BTreeMap<NodeId, NodeId>,
}

impl Oracle {
    pub(super) fn new(case: &Case) -> Self {
        let voters = case.config.voters.len();
        Oracle {
            elections: Elections::new(voters, case.aim.still.clone()),
            history: History::new(voters, case.aim.entries_max),
            snapshots: Snapshots::new(case.config.snapshots),
            messages: 0,
            messages_max: case.messages_max,
            named: BTreeMap::new(),
        }
    }

    /// Leader of the latest term, unless it is down.
    pub(super) fn leader(&self) -> Option<NodeId> {
        self.elections.leader()
    }

    /// Whether an election was won within that interval.
    pub(super) fn was_won_within(&self, from: Time, until: Time) -> bool {
        self.elections.won().any(|at| from <= at && at <= until)
    }

    /// Whether each of these nodes either leads or has redirected its clients to the leader.
    pub(super) fn all_know_the_leader(&self, nodes: &[NodeId]) -> bool {
        self.leader()
            .is_some_and(|leader| nodes.iter().all(|node| *node == leader || self.named.get(node) == Some(&leader)))
    }

    /// Whether some entry is committed, and all of these nodes have applied all committed entries.
    pub(super) fn all_have_applied(&self, nodes: &[NodeId]) -> bool {
        let committed = self.history.committed();
        committed > LogIndex(0) && nodes.iter().all(|node| self.history.applied(*node) == Some(committed))
    }

    /// Whether a node has reported that it installed a snapshot.
    pub(super) fn has_installed(&self, node: NodeId) -> bool {
        self.snapshots.has_installed(node)
    }

    #[cfg(test)]
    pub(super) fn messages(&self) -> u64 {
        self.messages
    }

    #[cfg(test)]
    pub(super) fn entries_sent(&self) -> u64 {
        self.history.entries_sent()
    }

    fn message(&mut self, node: NodeId, to: NodeId, message: &Message<KeyValue>) -> Result<(), InvariantViolation> {
        match message {
            Message::AppendEntries(append) => {
                self.elections.leads(node, append.term)?;
                self.snapshots.has_kept(node, append)?;
                self.history.sends(node, to, append)
            }
            Message::InstallSnapshot(install) => {
                self.elections.leads(node, install.term)?;
                self.history.offers(node, to, install)?;
                self.snapshots.sends(node, to, install, &self.history)
            }
            Message::Appended(appended) => self.history.acknowledges(node, appended),
            // Sent to a node that also led an earlier term, a refusal may answer a message of that
            // term.
            Message::AppendRefused(refused) if self.elections.only_led(to, refused.term) => {
                let excused = self.snapshots.newest(node);
                self.history.keeps_acknowledged(node, refused, excused)
            }
            _ => Ok(()),
        }
    }

    fn fact(&mut self, node: NodeId, fact: &Fact<KeyValue>) -> Result<(), InvariantViolation> {
        match fact {
            Fact::Committed { index, term, command } => self.history.says_committed(node, *index, Some(*term), command),
            Fact::Applied { index, command } => self.history.says_applied(node, *index, command),
            Fact::Truncated { from, .. } => self.history.truncates(node, *from),
            Fact::SnapshotTaken { last } => {
                self.history.snapshot_is_true(node, *last)?;
                self.snapshots.takes(node, *last, self.history.applied(node))
            }
            Fact::SnapshotInstalled { last } => {
                self.history.snapshot_is_true(node, *last)?;
                self.history.jumps(node, last.index)?;
                self.snapshots.installs(node, *last);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn reply(&mut self, node: NodeId, ticket: RequestId, reply: &Reply<KeyValue>) -> Result<(), InvariantViolation> {
        match reply {
            Reply::Redirect { leader: Some(leader) } => {
                if !self.elections.ever_led(*leader) {
                    let detail = format!("{node} redirects its client to {leader}, which was never a leader");
                    return Err(InvariantViolation::new("AnswersAreTrue", detail));
                }
                self.named.insert(node, *leader);
                Ok(())
            }
            Reply::Redirect { leader: None } => Ok(()),
            Reply::Applied(answer) => self.history.is_answer(node, ticket, answer),
            Reply::Refused(refusal) if refusal.is_transient() => Ok(()),
            other => {
                let detail =
                    format!("{node} answers {ticket} with {other:?}, although all requests were valid commands");
                Err(InvariantViolation::new("AnswersAreTrue", detail))
            }
        }
    }

    fn counts(&mut self) -> Result<(), InvariantViolation> {
        self.messages += 1;
        if self.messages <= self.messages_max {
            return Ok(());
        }
        let detail =
            format!("{} messages were sent in this run, and the maximum is {}", self.messages, self.messages_max);
        Err(InvariantViolation::new("TooManyMessages", detail))
    }
}

impl<M: RaftMachine> Invariant<M> for Oracle {
    fn requested(&mut self, _: NodeId, command: &Command<KeyValue>) {
        if let Command::Apply(command) = command {
            self.history.asked(command);
        }
    }

    fn check(&mut self, seen: &StepView<'_, M>) -> Result<(), InvariantViolation> {
        let (node, at) = (seen.node, seen.at);
        if seen.kind != StepKind::Step {
            self.elections.falls(node);
            self.history.forgets(node);
            self.named.remove(&node);
        }
        // Terms may rise within a step. All other effects are atomic, and checked in the order of
        // the paper.
        for effect in seen.out.effects() {
            if let Effect::Send { to, message } = effect {
                self.counts()?;
                self.elections.speaks(node, message)?;
                self.elections.votes(node, *to, at, message)?;
            }
        }
        for fact in seen.out.facts() {
            if let Fact::LeaderElected { term } = fact {
                self.elections.wins(node, *term, at, self.history.committed_before(*term))?;
            }
        }
        for effect in seen.out.effects() {
            if let Effect::Send { to, message } = effect {
                self.message(node, *to, message)?;
            }
        }
        seen.out.facts().try_for_each(|fact| self.fact(node, fact))?;
        self.snapshots.is_compact(node, self.history.applied(node))?;
        for effect in seen.out.effects() {
            if let Effect::Reply { ticket, reply } = effect {
                self.reply(node, *ticket, reply)?;
            }
        }
        Ok(())
    }
}
