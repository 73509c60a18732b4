//! The rules of a primary with a backup, with their sources.
//!
//! * *Alsberg and Day 1976*, Peter Alsberg and John Day, *A Principle for Resilient Sharing of
//!   Distributed Resources*.
//! * *Budhiraja 1993*, Navin Budhiraja, Keith Marzullo, Fred Schneider and Sam Toueg, *The
//!   Primary-Backup Approach*.
//! * *DSLabs*, Ellis Michael and others, *Teaching Rigorous Distributed Systems With Efficient
//!   Model Checking*, 2019: its second lab, the view server.
//! * *RIFL*, Collin Lee and others, *Implementing Linearizability at Large Scale and Low Latency*,
//!   2015: repeated requests of clients.

quorate_protocol::rules! {
    /// The rules of a primary with a backup.
    pub enum PrimaryBackupRule {
        SendPing: "DSLabs §2", "each server pings the monitor at intervals, with the number of the view that it knows";
        TellView: "DSLabs §2", "the monitor answers a ping with the present view";
        HearPing: "DSLabs §2", "the monitor notes who is alive, and which view the primary knows";
        CountSilence: "Budhiraja 1993 §8.2", "a server that is silent for too long is taken for dead";
        LostData: "DSLabs §2", "a server that knew a view and now knows none has lost its data: it counts as dead";
        NameView: "DSLabs §2", "the primary has heard of this view, so the monitor may name the next one";
        ViewNotHeard: "DSLabs §2", "the primary has not heard of this view, so there is no next one yet";
        Promote: "Budhiraja 1993 §8.2", "the backup of this view has the state, and becomes the primary of the next";
        NotSynced: "DSLabs §2", "the primary has not said that its backup has the state, so nobody is promoted";
        NoBackup: "Budhiraja 1993 §8.2", "nobody but the primary has the state, so nobody is promoted";
        AdoptView: "DSLabs §2", "a server follows the newest view";
        OldView: "DSLabs §2", "a view that is not newer changes nothing";
        Resume: "Alsberg and Day 1976 §3", "a server that restarts has its data, and goes on in the view that it knows";
        NoData: "DSLabs §2", "a server without data has no role until the monitor gives it one";
        SendState: "Alsberg and Day 1976 §3", "a primary sends its state to a backup that may lack some of it";
        TakeState: "Alsberg and Day 1976 §3", "a backup stores the state of the primary of its view";
        OlderState: "Alsberg and Day 1976 §3", "a state that lacks what the backup has in this view is not taken";
        Apply: "Budhiraja 1993 §8.2", "the primary carries out a write, and sends it to its backup";
        Store: "Budhiraja 1993 §8.2", "the backup stores the next write before it says so";
        HasWrite: "Budhiraja 1993 §8.2", "the backup has this write, and says so again";
        Gap: "Budhiraja 1993 §8.2", "a write before this one is missing: the backup waits for the state";
        OtherView: "DSLabs §2", "what belongs to another view does not count";
        CountStored: "Budhiraja 1993 §8.2", "the backup of this view has the writes up to that number";
        AckStored: "Alsberg and Day 1976 §3", "two servers have the write: it is acknowledged";
        AckAlone: "Budhiraja 1993 §8.2", "the monitor has named a view without a backup: the primary alone acknowledges";
        AckAtOnce: "Budhiraja 1993 §8.3", "asynchronous: acknowledged before the backup has the write";
        WaitForBackup: "Alsberg and Day 1976 §3", "the backup does not have the write yet, so there is no acknowledgement";
        AskBackup: "Budhiraja 1993 §8.2", "before a read is answered, the backup confirms the view";
        ConfirmView: "Budhiraja 1993 §8.2", "a backup that has the state confirms the view, and says which writes it has";
        ReadConfirmed: "Budhiraja 1993 §8.2", "the backup is in the view, and has all that the read shows";
        ReadAlone: "Budhiraja 1993 §8.2", "in a view without a backup nobody else can be the primary: the read is answered";
        ReadHere: "Budhiraja 1993 §8.3", "asynchronous: a read is answered at once";
        ReadWaits: "Budhiraja 1993 §8.2", "a read does not show what the backup may lack";
        GiveUp: "Budhiraja 1993 §8.2", "the backup does not answer in time: the request is refused, and a write may take effect later";
        Repeated: "RIFL §3", "a write that was carried out is not carried out again";
        Overtaken: "RIFL §3", "a client that has written since is done with its older requests";
        SendAway: "DSLabs §2", "only the primary answers clients";
        LeaveOffice: "DSLabs §2", "a primary that hears of its successor refuses what waits";
        NotMyRole: "DSLabs §2", "monitor and servers are separate roles";
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use quorate_protocol::Rule;

    use super::*;

    #[test]
    fn every_rule_has_a_source_and_a_line_of_its_own() {
        let lines: BTreeSet<_> = PrimaryBackupRule::ALL.iter().map(|rule| rule.summary()).collect();
        assert_eq!(lines.len(), PrimaryBackupRule::ALL.len());
        for rule in PrimaryBackupRule::ALL {
            assert!(rule.cite().contains('§'), "{} cites no section", rule.id());
            assert!(!rule.summary().ends_with('.'), "{} is a line, not a sentence", rule.id());
        }
    }
}
