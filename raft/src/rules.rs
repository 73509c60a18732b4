//! The rules of Raft by name: every decision in the papers, refusals included, with its source and
//! a one-line paraphrase.
//!
//! "Raft" is *In Search of an Understandable Consensus Algorithm (Extended Version)*, Ongaro and
//! Ousterhout 2014; "dissertation" is *Consensus: Bridging Theory and Practice*, Ongaro 2014.

quorate_protocol::rules! {
    /// The reason that a Raft node gives for a step.
    pub enum RaftRule {
        AdoptHigherTerm: "Raft §5.1, Figure 2 (All Servers)", "a node that sees a higher term adopts it and becomes a follower";
        IgnoreStale: "Raft §5.1", "a message of an earlier term or to an earlier role changes nothing";
        StayOutDamaged: "dissertation §3.8", "a node that has lost durable state takes no part";

        ElectionTimeout: "Raft §5.2", "a node without contact with a leader for an election timeout starts a new term and campaigns";
        WaitWithoutVote: "dissertation §4.2.1, §4.2.2", "a node without a vote does not campaign";
        GrantVote: "Raft §5.2, §5.4.1", "the first candidate of a term whose log is at least as up to date gets the vote";
        RefuseVoteStaleTerm: "Raft §5.1, Figure 2 (RequestVote 1)", "no vote for an earlier term";
        RefuseVoteGiven: "Raft §5.2, Figure 2 (RequestVote 2)", "one vote per term, first come first served";
        RefuseVoteOutdated: "Raft §5.4.1", "no vote for a candidate whose log is less up to date than the voter's";
        CountVote: "Raft §5.2", "a vote of the candidate's own term counts towards its majority";
        NoteRefusal: "Raft §5.2", "a refused vote is not counted";
        WinElection: "Raft §5.2", "the votes of a majority make a leader";
        BeginTerm: "Raft §8", "a leader starts its term with a no-op entry, so that it can commit earlier entries";
        RecognizeLeader: "Raft §5.2", "a candidate that receives a message of the leader of its term becomes a follower";
        HearLeader: "Raft §5.2", "a follower restarts its election timeout whenever it receives a message of the leader";

        AcceptRequest: "Raft §5.3", "the leader appends a command to its log and sends it to all";
        RedirectToLeader: "Raft §8, dissertation §6.2", "a node that is not the leader redirects the client to the leader";
        RefuseTooLarge: "Settings::command_limit", "a command above the size limit is refused";
        SendEntries: "Raft §5.3, dissertation §10.2.2", "a follower with room in its window is sent the entries that it was not sent yet";
        Probe: "dissertation §3.5", "until the leader knows where a follower's log agrees, it probes without entries";
        Heartbeat: "Raft §5.2", "a leader sends heartbeats before election timeouts pass";
        AppendEntries: "Raft §5.3, Figure 2 (AppendEntries 4)", "entries that follow a matching one are stored before they are acknowledged";
        HaveEntries: "Raft §5.3", "entries that are already in the log are acknowledged again and not changed";
        RefuseStaleLeader: "Raft §5.1, Figure 2 (AppendEntries 1)", "a leader of an earlier term is told the current one";
        RefuseMissing: "Raft §5.3, Figure 2 (AppendEntries 2)", "entries are refused while those before them are missing";
        RefuseConflicting: "Raft §5.3, Figure 2 (AppendEntries 2)", "entries are refused while the one before them is of another term";
        TruncateConflict: "Raft §5.3, Figure 2 (AppendEntries 3)", "an entry that conflicts with the leader's is deleted, with all that follow it";
        CountAck: "Raft §5.3", "an acknowledgement shows how far the follower's log agrees";
        BackUp: "Raft §5.3", "after a refusal the leader goes back to where the logs may agree, one term at a time";
        IgnoreOldRefusal: "Raft §5.3", "a refusal of an index that was acknowledged since changes nothing";

        CommitByCounting: "Raft §5.3, §5.4.2", "an entry of the leader's own term on a majority is committed, with all entries before it";
        HoldEarlierTerm: "Raft §5.4.2", "an entry of an earlier term is not committed by counting replicas";
        FollowCommit: "Raft §5.3, Figure 2 (AppendEntries 5)", "a follower adopts the leader's commit index, as far as their logs are known to agree";
        ApplyInOrder: "Raft §5.3", "committed entries are applied in the order of the log";
        SkipDuplicate: "Raft §8, dissertation §6.3", "a command that was applied before gets the same reply and is not applied again";
        RepeatAnswer: "Raft §8, dissertation §6.3", "a request that was applied before is answered at once";
        RefuseForgotten: "dissertation §6.3", "a request older than those that its session remembers is refused";

        StartPreVote: "dissertation §9.6", "a node without contact with a leader first asks whether it would be elected, without a new term";
        GrantPreVote: "dissertation §9.6", "a node that has no contact with a leader either grants a pre-vote to an up-to-date log";
        RefusePreVoteLeader: "dissertation §9.6", "no pre-vote during contact with a leader";
        RefusePreVoteStaleTerm: "dissertation §9.6", "no pre-vote for an earlier term";
        RefusePreVoteOutdated: "dissertation §9.6", "no pre-vote for a log that is less up to date";
        CountPreVote: "dissertation §9.6", "the pre-votes of a majority start the election";
        LeaderSilent: "Raft §6, dissertation §4.2.3", "the minimum election timeout passed without a message of the leader, so it no longer counts as active";
        DisregardCandidate: "Raft §6, dissertation §4.2.3", "a candidate is ignored during contact with the leader";
        KeepLeading: "dissertation §6.2", "a leader in contact with a majority stays leader";
        LoseQuorum: "dissertation §6.2", "a leader without contact with a majority for an election timeout steps down";

        StartTransfer: "dissertation §3.10", "a leader that starts a transfer accepts no requests and brings its successor up to date";
        RefuseTransfer: "dissertation §3.10", "leadership is transferred only to a voter, and to one at a time";
        RefuseInTransfer: "dissertation §3.10", "a leader accepts no requests during a transfer";
        SendTimeoutNow: "dissertation §3.10", "a successor whose log is complete is told to campaign at once";
        ObeyTimeoutNow: "dissertation §3.10", "the successor chosen by the leader campaigns without waiting";
        AbandonTransfer: "dissertation §3.10", "a transfer is abandoned after an election timeout, and the leader stays leader";

        TakeSnapshot: "Raft §7", "each node by itself replaces applied entries by a snapshot of the state";
        SendSnapshot: "Raft §7", "a follower that needs discarded entries is sent the snapshot";
        StoreChunk: "Raft §7, Figure 13", "chunks of a snapshot are stored in order";
        RefuseChunk: "Raft §7, Figure 13", "a chunk out of order is refused with the offset of the expected one";
        InstallSnapshot: "Raft §7, Figure 13", "a complete snapshot replaces state and log; later entries are kept";
        IgnoreOldSnapshot: "Raft §7", "a snapshot of entries that are already committed here is ignored";

        StartChange: "dissertation §4.1", "a configuration that differs by one member takes effect as soon as it is in the log";
        EnterJoint: "Raft §6", "any other change goes through a joint configuration, in which both majorities are needed";
        LeaveJoint: "Raft §6", "once the joint configuration is committed the leader appends the new one";
        RefuseChangePending: "dissertation §4.1", "one change at a time: the previous one must be committed first";
        RefuseChangeTooEarly: "Ongaro, raft-dev, 10 July 2015", "no change before the leader has committed an entry of its own term";
        RefuseChangeImpossible: "dissertation §4.1", "a change must be possible in the current configuration";
        RefusePromotion: "dissertation §4.2.1", "a learner is promoted only when it has caught up";
        ConfirmChange: "dissertation §4.1", "a change that is already committed is confirmed";
        LeaveAfterRemoval: "Raft §6, dissertation §4.2.2", "a leader that is not a member of the committed configuration steps down";

        ReadTooEarly: "dissertation §6.4", "a new leader answers no read before it has committed an entry of its term";
        NoteReadIndex: "dissertation §6.4", "a read must reflect the entries that are committed when it is requested";
        ConfirmLead: "dissertation §6.4", "before it answers a read the leader confirms with a majority that it still leads";
        ServeRead: "dissertation §6.4", "a read is answered once leadership is confirmed and the read index is applied";
    }
}
