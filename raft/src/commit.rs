//! Commitment (Raft §5.3, §5.4.2) and application of committed entries.
//!
//! A leader counts replicas only for entries of its own term; the entries before them are then
//! committed too. An entry of an earlier term may still be overwritten although a majority stores
//! it (Raft Figure 8).

use quorate_protocol::NodeId;

use crate::client::{Refusal, Reply};
use crate::entry::Payload;
use crate::fact::Fact;
use crate::membership::Membership;
use crate::node::{Cx, Out, Raft};
use crate::position::LogIndex;
use crate::role::RoleState;
use crate::rulebook::Rulebook;
use crate::rules::RaftRule;
use crate::session::SessionLookup;
use crate::state_machine::StateMachine;

/// Returns the highest value above `floor` that a majority of every group of voters has reached, or
/// `floor` (Raft §5.3, §6).
///
/// The leader calls it with the match indexes of its followers and the end of its own log, to know
/// what is committed; and with rounds of heartbeats, to know which round a majority has
/// acknowledged. During joint consensus there are two groups, and the lower value counts.
///
/// ```
/// use quorate_protocol::NodeId;
/// use quorate_raft::{BY_THE_BOOK, LogIndex, Settings, majority_value};
///
/// let config = Settings::nodes(5).build()?;
/// let matched = [9, 8, 7, 2, 1].map(LogIndex);
/// let leader = (NodeId(0), matched[0]);
/// let committed = majority_value(&BY_THE_BOOK, &config.first_membership(), LogIndex(0), leader, |node| matched[node.index()]);
/// assert_eq!(committed, LogIndex(7), "three of five nodes have it");
/// # Ok::<(), quorate_raft::ConfigError>(())
/// ```
pub fn majority_value<T: Ord + Copy>(
    rules: &Rulebook,
    membership: &Membership,
    floor: T,
    (leader, own): (NodeId, T),
    of: impl Fn(NodeId) -> T,
) -> T {
    let group_reached = |group: &[NodeId]| {
        let own = rules.leader_counts_itself(group.contains(&leader)).then_some(own);
        let values = || group.iter().filter(|node| **node != leader).map(|node| of(*node)).chain(own);
        let held = |value: &T| rules.majority(values().filter(|reached| reached >= value).count(), group.len());
        values().filter(|value| *value > floor).filter(held).max().unwrap_or(floor)
    };
    membership.groups().map(group_reached).min().unwrap_or(floor)
}

impl<S: StateMachine> Raft<S> {
    /// Commits what a majority stores, as far as the rules allow, and runs the actions that follow.
    pub(crate) fn advance_commit(&mut self, cx: &Cx<S>, out: &mut Out<S>) {
        let Some(lead) = self.role.leadership() else { return };
        debug_assert!(lead.begun <= self.log.last_index(), "a leader has the entry that begins its term");
        let replicated = self.majority_value(cx, self.commit, self.log.last_index(), |node| {
            lead.follower(node).map_or(LogIndex(0), |progress| progress.matched)
        });
        if replicated <= self.commit {
            return;
        }
        let commit = cx.rules.leader_commit(self.commit, replicated, self.term, &|index| self.log.term_at(index));
        if commit > self.commit {
            self.commit_to(cx, commit, RaftRule::CommitByCounting, out);
            self.after_commit(cx, out);
        } else {
            // Only a rulebook that counts entries nobody has acknowledged gets beyond the log.
            let term = self.log.term_at(replicated).unwrap_or_default();
            out.because(RaftRule::HoldEarlierTerm).why(format_args!(
                "the entry at index {replicated} is on a majority, but of term {term}, not {}",
                self.term
            ));
        }
    }

    /// Returns the highest value above `floor` that a majority of every group of voters has
    /// reached, or `floor`; `own` is the leader's value.
    pub(crate) fn majority_value<T: Ord + Copy>(&self, cx: &Cx<S>, floor: T, own: T, of: impl Fn(NodeId) -> T) -> T {
        majority_value(cx.rules, self.in_force(cx), floor, (cx.me, own), of)
    }

    /// Runs the leader's actions that depend on the commit index.
    fn after_commit(&mut self, cx: &Cx<S>, out: &mut Out<S>) {
        self.note_waiting_reads(cx, out);
        self.leave_joint(cx, out);
        self.leave_after_removal(cx, out);
    }

    /// Advances the commit index, emits the facts, and applies the entries.
    pub(crate) fn commit_to(&mut self, cx: &Cx<S>, commit: LogIndex, rule: RaftRule, out: &mut Out<S>) {
        let before = self.commit;
        let commit = commit.min(self.log.last_index());
        if commit == before {
            return;
        }
        self.commit = commit;
        let mut because = out.because(rule);
        because.why(format_args!("commit index {before} becomes {commit}"));
        for (index, entry) in self.log.numbered(before.next(), commit) {
            because.emit_with(|| Fact::Committed { index, term: entry.term, command: entry.payload.clone() });
            if let Payload::Configure(configuration) = &entry.payload {
                let membership = Box::new(configuration.membership.clone());
                because.emit(Fact::ConfigurationCommitted { index, membership });
            }
        }
        while self.applied < self.commit && self.apply_next(cx, out) {}
        self.compact(cx, out);
    }

    /// Applies the next committed entry; the leader answers the client that requested it
    /// (Raft §5.3).
    fn apply_next(&mut self, cx: &Cx<S>, out: &mut Out<S>) -> bool {
        let index = self.applied.next();
        // Missing only if a rulebook has installed a snapshot that is older than the log's base.
        let Some(entry) = self.log.entry(index) else { return false };
        let leads = matches!(self.role, RoleState::Leader(_));
        self.applied = index;
        let (rule, answer) = match &entry.payload {
            Payload::Noop => (RaftRule::ApplyInOrder, None),
            Payload::Configure(configuration) => {
                let membership = &configuration.membership;
                let changed = (!membership.is_joint()).then(|| Reply::Changed(Box::new(membership.clone())));
                (RaftRule::ApplyInOrder, configuration.ticket.zip(changed))
            }
            Payload::Apply { ticket, command } => {
                let known = self.sessions.known(*ticket);
                let (rule, reply) = if cx.rules.applies(known != SessionLookup::New) {
                    let reply = self.state.apply(command);
                    self.sessions.remember(*ticket, reply.clone(), cx.config.session_replies);
                    (RaftRule::ApplyInOrder, Reply::Applied(reply))
                } else {
                    match known {
                        SessionLookup::Answered(reply) => (RaftRule::SkipDuplicate, Reply::Applied(reply.clone())),
                        SessionLookup::New | SessionLookup::Forgotten => {
                            let number = ticket.number;
                            (RaftRule::RefuseForgotten, Reply::Refused(Refusal::Forgotten { number }))
                        }
                    }
                };
                (rule, Some((*ticket, reply)))
            }
        };
        let mut because = out.because(rule);
        because.why(format_args!("entry {index} is committed"));
        because.emit_with(|| Fact::Applied { index, command: entry.payload.clone() });
        if let Some((ticket, reply)) = answer.filter(|_| leads) {
            because.reply(ticket, reply);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rulebook::BY_THE_BOOK;

    #[test]
    fn both_groups_of_a_joint_configuration_must_have_reached_it() {
        let nodes = |ids: &[u32]| ids.iter().copied().map(NodeId).collect::<Vec<_>>();
        let reached = |membership: &Membership, leader: u32, values: [u64; 6]| {
            let leader = (NodeId(leader), values[leader as usize]);
            majority_value(&BY_THE_BOOK, membership, 0, leader, |node| values[node.index()])
        };
        let voters = Membership::new(nodes(&[0, 1, 2]), []);
        let joint = Membership { outgoing: nodes(&[3, 4, 5]), ..voters.clone() };
        assert_eq!(reached(&voters, 0, [9, 7, 1, 0, 0, 0]), 7);
        assert_eq!(reached(&joint, 0, [9, 7, 1, 5, 4, 0]), 4, "the lower one counts");
        assert_eq!(reached(&joint, 0, [9, 7, 1, 8, 0, 0]), 0, "the old voters have no majority");
        assert_eq!(reached(&voters, 3, [5, 4, 3, 9, 9, 9]), 4, "a leader that is no voter does not count");
    }
}
