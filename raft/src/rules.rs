//! The rules of Raft by name: every decision in the papers, refusals included, with its source and
//! a one-line paraphrase.
//!
//! "Raft" is *In Search of an Understandable Consensus Algorithm (Extended Version)*, Ongaro and
//! Ousterhout 2014; "dissertation" is *Consensus: Bridging Theory and Practice*, Ongaro 2014.

quorate_protocol::rules! {
    /// The reason that a Raft node gives for a step.
    pub enum RaftRule {
        AdoptHigherTerm: "Raft §5.1, Figure 2 (All Servers)", "a node that sees a higher term takes it over and follows";
        IgnoreStale: "Raft §5.1", "what comes from an earlier term or an earlier role changes nothing";
        StayOutDamaged: "dissertation §3.8", "a node that has lost durable state takes no part";

        ElectionTimeout: "Raft §5.2", "who hears no leader for an election timeout starts a new term and stands for it";
        WaitWithoutVote: "dissertation §4.2.1, §4.2.2", "a node without a vote does not stand for election";
        GrantVote: "Raft §5.2, §5.4.1", "the first candidate of a term whose log is at least as up to date gets the vote";
        RefuseVoteStaleTerm: "Raft §5.1, Figure 2 (RequestVote 1)", "no vote for a term that is over";
        RefuseVoteGiven: "Raft §5.2, Figure 2 (RequestVote 2)", "one vote per term, first come first served";
        RefuseVoteOutdated: "Raft §5.4.1", "no vote for a candidate whose log is less up to date than the voter's";
        CountVote: "Raft §5.2", "a vote of the candidate's own term counts towards its majority";
        NoteRefusal: "Raft §5.2", "a vote that is refused counts for nothing";
        WinElection: "Raft §5.2", "the votes of a majority make a leader";
        BeginTerm: "Raft §8", "a leader begins its term with an entry that does nothing, so that it can commit those before it";
        RecognizeLeader: "Raft §5.2", "a candidate that hears the leader of its term follows it";
        HearLeader: "Raft §5.2", "a follower waits a new election timeout whenever it hears the leader";

        AcceptRequest: "Raft §5.3", "the leader appends a command to its log and sends it to all";
        RedirectToLeader: "Raft §8, dissertation §6.2", "a node that does not lead names the one that does";
        RefuseTooLarge: "Settings::command_limit", "a command above the limit is not taken";
        SendEntries: "Raft §5.3, dissertation §10.2.2", "a follower that has room is sent what it has not been sent yet";
        Probe: "dissertation §3.5", "until it is known where a follower's log agrees, the leader asks without sending entries";
        Heartbeat: "Raft §5.2", "a leader lets itself be heard before elections time out";
        AppendEntries: "Raft §5.3, Figure 2 (AppendEntries 4)", "entries that follow a matching one are stored before they are acknowledged";
        HaveEntries: "Raft §5.3", "what is already in the log is acknowledged again and not touched";
        RefuseStaleLeader: "Raft §5.1, Figure 2 (AppendEntries 1)", "a leader of an earlier term is told the current one";
        RefuseMissing: "Raft §5.3, Figure 2 (AppendEntries 2)", "entries are refused while those before them are missing";
        RefuseConflicting: "Raft §5.3, Figure 2 (AppendEntries 2)", "entries are refused while the one before them is of another term";
        TruncateConflict: "Raft §5.3, Figure 2 (AppendEntries 3)", "an entry that conflicts with the leader's goes, with all after it";
        CountAck: "Raft §5.3", "an acknowledgement shows how far the follower's log agrees";
        BackUp: "Raft §5.3", "after a refusal the leader goes back to where the logs may agree, a whole term at a time";
        IgnoreOldRefusal: "Raft §5.3", "a refusal of what has been settled since changes nothing";

        CommitByCounting: "Raft §5.3, §5.4.2", "an entry of the leader's own term on a majority is committed, and all before it";
        HoldEarlierTerm: "Raft §5.4.2", "an entry of an earlier term is not committed by counting replicas";
        FollowCommit: "Raft §5.3, Figure 2 (AppendEntries 5)", "a follower commits what the leader has, as far as their logs are known to agree";
        ApplyInOrder: "Raft §5.3", "committed entries are applied in the order of the log";
        SkipDuplicate: "Raft §8, dissertation §6.3", "a command that was applied before is answered as before and not applied again";
        RepeatAnswer: "Raft §8, dissertation §6.3", "a request that was applied before is answered at once";
        RefuseForgotten: "dissertation §6.3", "a request older than its session remembers is not risked";

        StartPreVote: "dissertation §9.6", "who hears no leader first asks whether it would be elected, without a new term";
        GrantPreVote: "dissertation §9.6", "a node that hears no leader either would vote for a log that is up to date";
        RefusePreVoteLeader: "dissertation §9.6", "no pre-vote while a leader is heard";
        RefusePreVoteStaleTerm: "dissertation §9.6", "no pre-vote for a term that is over";
        RefusePreVoteOutdated: "dissertation §9.6", "no pre-vote for a log that is less up to date";
        CountPreVote: "dissertation §9.6", "pre-votes of a majority let the real election begin";
        LeaderSilent: "Raft §6, dissertation §4.2.3", "after the minimum election timeout the leader no longer counts as heard";
        DisregardCandidate: "Raft §6, dissertation §4.2.3", "a candidate is not listened to while the leader is heard";
        KeepLeading: "dissertation §6.2", "a leader that hears a majority goes on leading";
        LoseQuorum: "dissertation §6.2", "a leader that has not heard a majority for an election timeout steps down";

        StartTransfer: "dissertation §3.10", "a leader that is to hand over takes no requests and brings its successor up to date";
        RefuseTransfer: "dissertation §3.10", "leadership is handed to a voter, and to one at a time";
        RefuseInTransfer: "dissertation §3.10", "a leader that is handing over takes no requests";
        SendTimeoutNow: "dissertation §3.10", "a successor whose log is complete is told to stand for election at once";
        ObeyTimeoutNow: "dissertation §3.10", "a node that the leader has chosen stands for election without waiting";
        AbandonTransfer: "dissertation §3.10", "a transfer that takes an election timeout is given up, and the leader leads on";

        TakeSnapshot: "Raft §7", "applied entries are replaced by a snapshot of the state, each node for itself";
        SendSnapshot: "Raft §7", "a follower that needs discarded entries is sent the snapshot";
        StoreChunk: "Raft §7, Figure 13", "chunks of a snapshot are stored in order";
        RefuseChunk: "Raft §7, Figure 13", "a chunk out of order is answered with the one that is wanted";
        InstallSnapshot: "Raft §7, Figure 13", "a whole snapshot replaces state and log; entries that follow it stay";
        IgnoreOldSnapshot: "Raft §7", "a snapshot of what is committed here already is not needed";

        StartChange: "dissertation §4.1", "a configuration that differs by one member is in force as soon as it is in the log";
        EnterJoint: "Raft §6", "to any other configuration the way leads through one in which both have a majority";
        LeaveJoint: "Raft §6", "once the joint configuration is committed the leader goes on to the new one";
        RefuseChangePending: "dissertation §4.1", "one change at a time: the last must be committed first";
        RefuseChangeTooEarly: "Ongaro, raft-dev, 10 July 2015", "no change before the leader has committed an entry of its own term";
        RefuseChangeImpossible: "dissertation §4.1", "a change must make sense in the configuration it changes";
        RefusePromotion: "dissertation §4.2.1", "a learner gets its vote when it has caught up";
        ConfirmChange: "dissertation §4.1", "a change that is already committed is confirmed";
        LeaveAfterRemoval: "Raft §6, dissertation §4.2.2", "a leader that is no member of the committed configuration steps down";

        ReadTooEarly: "dissertation §6.4", "a new leader answers no question before it has committed an entry of its term";
        NoteReadIndex: "dissertation §6.4", "the answer must be as new as what is committed when the question comes";
        ConfirmLead: "dissertation §6.4", "before it answers the leader makes sure with a majority that it still leads";
        ServeRead: "dissertation §6.4", "a question is answered once leadership is confirmed and the state is new enough";
    }
}
