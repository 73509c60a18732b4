//! Rules of sagas, by the name that traces cite.
//!
//! The papers, by the names used here:
//! * *GMS 1987*, Hector Garcia-Molina and Kenneth Salem, *Sagas*: §1 compensating transactions, §3
//!   the log of a saga, §4 backward and forward recovery, §5 other errors.
//! * *Helland 2007*, Pat Helland, *Life beyond Distributed Transactions*: §5, idempotence and
//!   messages that come in any order.
//! * *Richardson 2018*, Chris Richardson, *Microservices Patterns*: §4.1 compensatable, pivot and
//!   retriable steps, §4.3 lack of isolation.
//! * *RIFL*, Collin Lee and others, *Implementing Linearizability at Large Scale and Low Latency*,
//!   2015: repeated requests of clients.

quorate_protocol::rules! {
    /// The rules of sagas.
    pub enum SagaRule {
        Begin: "GMS 1987 §3", "the saga and its steps are in the log before the first step is sent";
        Invalid: "GMS 1987 §2", "a saga has steps at services of this cluster, at least one";
        RepeatedRequest: "RIFL §3", "a request whose saga is under way is not begun again";
        AnswerFromRecord: "RIFL §3", "a request that was carried out is answered again, from a record written with its end";
        Overtaken: "RIFL §3", "a client that asks for more is done with what it asked for before, so nothing older is begun";
        Act: "GMS 1987 §2", "a step is a local transaction: what it changes is committed, and seen by all, at once";
        RefuseStep: "GMS 1987 §4", "a service that cannot do its step changes nothing, and says so";
        ActAgain: "Helland 2007 §5", "a step that comes again is answered from its note, and not done again";
        Overdue: "Helland 2007 §5", "a step that comes after its compensation finds the mark that it left, and is refused";
        NextStep: "GMS 1987 §3", "the end of a step is in the log before the next one is sent";
        EndSaga: "GMS 1987 §3", "the last step is done: the saga has ended";
        Compensate: "GMS 1987 §4, backward recovery", "the saga cannot go on: its steps are undone, the last one first";
        RetryForward: "GMS 1987 §4, forward recovery; Richardson 2018 §4.1", "after the pivot a saga is only continued: the step is sent again until it is done";
        Undo: "GMS 1987 §1", "a compensation undoes what the step did, and keeps what others have done since";
        UndoAgain: "Helland 2007 §5", "a compensation that comes again is answered, and not done again";
        LeaveMark: "Helland 2007 §5", "a compensation that finds no step leaves a mark, so that the step is refused when it comes";
        NextUndo: "GMS 1987 §4", "the end of a compensation is in the log before the next one is sent";
        EndUndone: "GMS 1987 §4", "the first step is undone, too: the saga has ended, and nothing of it is left";
        UndoUntilDone: "GMS 1987 §5", "a compensation cannot be given up: it is sent again until it is done";
        LimitPassed: "GMS 1987 §4", "the time of a saga is over: its end is looked up before anything is undone";
        LateAnswer: "Helland 2007 §5", "an answer that nobody waits for changes nothing";
        Recall: "GMS 1987 §4", "after a restart the log says how far the saga was, and it goes on from there";
        NotMyRole: "GMS 1987 §3", "orchestrator and services are separate roles";
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use quorate_protocol::Rule;

    use super::*;

    #[test]
    fn every_rule_has_a_source_and_a_line_of_its_own() {
        let lines: BTreeSet<_> = SagaRule::ALL.iter().map(|rule| rule.summary()).collect();
        assert_eq!(lines.len(), SagaRule::ALL.len());
        for rule in SagaRule::ALL {
            assert!(rule.cite().contains('§'), "{} cites no section", rule.id());
            assert!(!rule.summary().ends_with('.'), "{} is a line, not a sentence", rule.id());
        }
    }
}
