//! Wrong answers about transactions: two-phase commit, Paxos Commit, and the message table.

use quorate_exercises::prelude::*;

fn ruled<R>(may: bool, yes: R, no: R) -> Ruling<R> {
    if may { Allow(yes) } else { Refuse(no) }
}

/// Wrong answers about two-phase commit.
pub mod two_phase {
    use TwoPhaseRule::*;
    use quorate_exercises::prelude::*;
    use quorate_exercises::two_phase::*;

    use super::ruled;

    mistakes! {
        "txn-vote", "every row is free": locks = |_| Allow(LockRow);
        "txn-vote", "no row is free": locks = |_| Refuse(WaitForRow);
        "txn-vote", "held rows are free": locks = |holder| ruled(holder.is_some(), LockRow, WaitForRow);
        "txn-vote", "rows of earlier lives are free": locks = |holder| ruled(holder.is_none_or(|txn| txn.life == 1 && txn.number > 1), LockRow, WaitForRow);
        "txn-vote", "always yes": votes = |_, _| Allow(VoteYes);
        "txn-vote", "always no": votes = |_, _| Refuse(VoteNo);
        "txn-vote", "never the last": votes = |amount, by| ruled(amount.checked_add(by).is_some_and(|after| after > 0), VoteYes, VoteNo);
        "txn-vote", "one below zero": votes = |amount, by| ruled(amount.checked_add(by).is_some_and(|after| after >= -1), VoteYes, VoteNo);
        "txn-vote", "only more": votes = |_, by| ruled(by >= 0, VoteYes, VoteNo);
        "txn-vote", "as much as there is, either way": votes = |amount, by| ruled(by.checked_abs().is_some_and(|by| by <= amount), VoteYes, VoteNo);
        "txn-vote", "a sum that stops at the limit": votes = |amount, by| ruled(amount.saturating_add(by) >= 0, VoteYes, VoteNo);

        "txn-yes", "in memory alone": writes_yes = || false;
        "txn-yes", "unlocked after a restart": locks_again = || false;

        "txn-decide", "every yes counts": counts = |_| Allow(CountVote);
        "txn-decide", "no yes counts": counts = |_| Refuse(RepeatedVote);
        "txn-decide", "two of each": counts = |before| ruled(before <= 1, CountVote, RepeatedVote);
        "txn-decide", "only the second one": counts = |before| ruled(before == 1, CountVote, RepeatedVote);
        "txn-decide", "a majority": commits = |yes, of| ruled(yes > of / 2, DecideCommit, CountVote);
        "txn-decide", "all but one": commits = |yes, of| ruled(yes + 1 >= of, DecideCommit, CountVote);
        "txn-decide", "one is enough": commits = |yes, _| ruled(yes >= 1, DecideCommit, CountVote);
        "txn-decide", "two are enough": commits = |yes, of| ruled(yes >= of.min(2), DecideCommit, CountVote);
        "txn-decide", "more than all": commits = |yes, of| ruled(yes > of, DecideCommit, CountVote);
        "txn-decide", "never": commits = |_, _| Refuse(CountVote);
        "txn-decide", "the timer always aborts": aborts_late = |_| Allow(AbortLate);
        "txn-decide", "the timer never aborts": aborts_late = |_| Refuse(SendAgain);
        "txn-decide", "the timer aborts commits": aborts_late = |committed| ruled(committed, AbortLate, SendAgain);

        "txn-presume", "announced first": writes_commit = || false;
        "txn-presume", "forgotten at once": forgets = |_, _| Allow(Forget);
        "txn-presume", "never forgotten": forgets = |_, _| Refuse(CountDone);
        "txn-presume", "forgotten after a majority": forgets = |done, of| ruled(done > of / 2, Forget, CountDone);
        "txn-presume", "forgotten before the last": forgets = |done, of| ruled(done + 1 >= of, Forget, CountDone);
        "txn-presume", "two acknowledgements are enough": forgets = |done, of| ruled(done >= of.min(2), Forget, CountDone);
        "txn-presume", "presumed committed": presumes = || Some(Outcome::Commit);
        "txn-presume", "no answer": presumes = || None;

        "txn-doubt", "gives up": on_silence = || Allow(AbortPart);
        "txn-doubt", "commits by itself": on_silence = || Allow(CommitPart);
        "txn-doubt", "takes everything": takes = |_, told| BY_THE_BOOK.takes(None, told);
        "txn-doubt", "takes nothing": takes = |_, _| Refuse(OutcomeKnown);
        "txn-doubt", "takes commits alone": takes = |reached, told| ruled(reached.is_none() && told == Outcome::Commit, CommitPart, OutcomeKnown);
        "txn-doubt", "the last abort wins": takes = |reached, told| match told {
            Outcome::Abort => Allow(AbortPart),
            Outcome::Commit => BY_THE_BOOK.takes(reached, told),
        };
        "txn-doubt", "a commit wins over an abort": takes = |reached, told| match (reached, told) {
            (Some(Outcome::Abort), Outcome::Commit) => Allow(CommitPart),
            _ => BY_THE_BOOK.takes(reached, told),
        };
        "txn-doubt", "the same twice": takes = |reached, told| match (reached, told) {
            (Some(Outcome::Commit), Outcome::Commit) => Allow(CommitPart),
            _ => BY_THE_BOOK.takes(reached, told),
        };
        "txn-doubt", "forgets that it has aborted": remembers_abort = || false;
        "txn-doubt", "the lock ends": keeps_lock = || false;

        "txn-again", "every request is new": begins = |_, _| Allow(Begin);
        "txn-again", "no request is new": begins = |_, _| Refuse(AnswerFromRecord);
        "txn-again", "the same is new": begins = |last, number| ruled(last.is_none_or(|last| last <= number), Begin, Overtaken);
        "txn-again", "another one is new": begins = |last, number| ruled(last != Some(number), Begin, AnswerFromRecord);
        "txn-again", "only the next one is new": begins = |last, number| ruled(last.is_none_or(|last| number == last.saturating_add(1)), Begin, Overtaken);
        "txn-again", "only after a first one": begins = |last, number| ruled(last.is_some_and(|last| last < number), Begin, Overtaken);
        "txn-again", "one life": next_life = |_| 1;
        "txn-again", "the same life again": next_life = |written| written.max(1);
        "txn-again", "two lives": next_life = |written| written % 2 + 1;
    }
}

/// Wrong answers about Paxos Commit.
pub mod paxos_commit {
    use PaxosCommitRule::*;
    use quorate_exercises::paxos_commit::*;
    use quorate_exercises::prelude::*;

    use super::ruled;

    mistakes! {
        "txn-instance", "in ballot 0": next_ballot = |me, _, _| Ballot::new(0, me);
        "txn-instance", "in round 1": next_ballot = |me, _, _| Ballot::new(1, me);
        "txn-instance", "above its own alone": next_ballot = |me, tried, _| Ballot::new(tried.map_or(0, |ballot| ballot.round) + 1, me);
        "txn-instance", "above others' alone": next_ballot = |me, _, seen| Ballot::new(seen.map_or(0, |ballot| ballot.round) + 1, me);
        "txn-instance", "in the same round": next_ballot = |me, tried, seen| Ballot::new(tried.max(seen).map_or(1, |ballot| ballot.round.max(1)), me);
        "txn-instance", "of another leader": next_ballot = |_, tried, seen| Ballot::new(tried.max(seen).map_or(0, |ballot| ballot.round) + 1, NodeId(0));
        "txn-instance", "always free": bound = |_| None;
        "txn-instance", "the first": bound = |reported| (!reported.is_empty()).then_some(0);
        "txn-instance", "the last": bound = |reported| reported.len().checked_sub(1);
        "txn-instance", "the lowest": bound = |reported| (0..reported.len()).min_by_key(|index| reported[*index]);
        "txn-instance", "the highest node": bound = |reported| (0..reported.len()).max_by_key(|index| reported[*index].node);
        "txn-instance", "only leaders' votes": bound = |reported| (0..reported.len()).filter(|index| reported[*index].round > 0).max_by_key(|index| reported[*index]);
        "txn-instance", "only if all report": bound = |reported| (0..reported.len()).filter(|_| reported.len() > 1).max_by_key(|index| reported[*index]);
        "txn-instance", "free means Prepared": free = || Vote::Prepared;

        "txn-acceptors", "everything": accepts = |_, _, _| Allow(AcceptVote);
        "txn-acceptors", "nothing": accepts = |_, _, _| Refuse(RefuseLower);
        "txn-acceptors", "only above the promise": accepts = |promised, _, asked| ruled(promised.is_none_or(|promised| promised < asked), AcceptVote, RefuseLower);
        "txn-acceptors", "only what is promised": accepts = |promised, _, asked| ruled(promised == Some(asked), AcceptVote, RefuseLower);
        "txn-acceptors", "only after a promise": accepts = |promised, _, asked| ruled(promised.is_some_and(|promised| promised <= asked), AcceptVote, RefuseLower);
        "txn-acceptors", "ballot 0 always": accepts = |promised, accepted, asked| if asked.round == 0 {
            Allow(AcceptVote)
        } else {
            BY_THE_BOOK.accepts(promised, accepted, asked)
        };
        "txn-acceptors", "by round alone": accepts = |promised, _, asked| ruled(promised.is_none_or(|promised| promised.round <= asked.round), AcceptVote, RefuseLower);
        "txn-acceptors", "never twice": accepts = |promised, accepted, asked| ruled(promised.is_none_or(|promised| promised <= asked) && accepted != Some(asked), AcceptVote, RefuseLower);
        "txn-acceptors", "in memory alone": writes_accepted = || false;
        "txn-acceptors", "one promise": prepared = |promises, _| promises >= 1;
        "txn-acceptors", "two promises": prepared = |promises, _| promises >= 2;
        "txn-acceptors", "half of the promises": prepared = |promises, quorums| promises >= quorums.acceptors / 2;
        "txn-acceptors", "all promises": prepared = |promises, quorums| promises >= quorums.acceptors;
        "txn-acceptors", "one acceptor": chosen = |accepted, _| accepted >= 1;
        "txn-acceptors", "half of the acceptors": chosen = |accepted, quorums| accepted >= quorums.acceptors / 2;
        "txn-acceptors", "exactly a majority": chosen = |accepted, quorums| accepted == quorums.phase_2;
        "txn-acceptors", "more than a majority": chosen = |accepted, quorums| accepted > quorums.phase_2;

        "txn-leader", "all but one": commits = |prepared, of| ruled(prepared + 1 >= of, DecideCommit, CountAccepted);
        "txn-leader", "a majority": commits = |prepared, of| ruled(prepared > of / 2, DecideCommit, CountAccepted);
        "txn-leader", "one": commits = |prepared, _| ruled(prepared >= 1, DecideCommit, CountAccepted);
        "txn-leader", "never": commits = |_, _| Refuse(CountAccepted);
        "txn-leader", "reports failure": tells_undecided = || Some(Outcome::Abort);
        "txn-leader", "reports success": tells_undecided = || Some(Outcome::Commit);
        "txn-leader", "gives up": on_silence = || Allow(AbortPart);
        "txn-leader", "commits by itself": on_silence = || Allow(CommitPart);
        "txn-leader", "one life": next_life = |_| 1;
        "txn-leader", "the same life again": next_life = |written| written.max(1);
    }
}

/// Wrong answers about the message table.
pub mod outbox {
    use OutboxRule::*;
    use quorate_exercises::outbox::*;
    use quorate_exercises::prelude::*;

    use super::ruled;

    mistakes! {
        "txn-one-write", "row, then event": places = |order, message| vec![vec![order], vec![message]];
        "txn-one-write", "event, then row": places = |order, message| vec![vec![message], vec![order]];
        "txn-one-write", "the order alone": places = |order, _| vec![vec![order]];
        "txn-one-write", "the message alone": places = |_, message| vec![vec![message]];
        "txn-one-write", "nothing": places = |_, _| vec![];
        "txn-one-write", "both, and the message again": places = |order, message| vec![vec![order, message.clone()], vec![message]];
        "txn-one-write", "change, then id": books = |change, id| vec![vec![change], vec![id]];
        "txn-one-write", "id, then change": books = |change, id| vec![vec![id], vec![change]];
        "txn-one-write", "the change alone": books = |change, _| vec![vec![change]];
        "txn-one-write", "the change twice": books = |change, id| vec![vec![change.clone(), change, id]];

        "txn-let-go", "deletes what it has sent": deletes_unconfirmed = || true;
        "txn-let-go", "deletes everything": deletes = |_, table| table.to_vec();
        "txn-let-go", "deletes nothing": deletes = |_, _| vec![];
        "txn-let-go", "and all before": deletes = |confirmed, table| table.iter().copied().filter(|id| *id <= confirmed).collect();
        "txn-let-go", "and all after": deletes = |confirmed, table| table.iter().copied().filter(|id| *id >= confirmed).collect();
        "txn-let-go", "the oldest": deletes = |_, table| table.iter().copied().take(1).collect();
        "txn-let-go", "all others": deletes = |confirmed, table| table.iter().copied().filter(|id| *id != confirmed).collect();
        "txn-let-go", "the last alone": deletes = |confirmed, table| table.last().copied().filter(|id| *id == confirmed).into_iter().collect();
        "txn-let-go", "a queue in memory": writes_queue = || false;
        "txn-let-go", "removes what it has delivered": removes_unacknowledged = || true;
        "txn-let-go", "acknowledges what it has received": acknowledges_unhandled = || true;

        "txn-handled-once", "everything": handles = |_| Allow(Handle);
        "txn-handled-once", "nothing": handles = |_| Refuse(KnownId);
        "txn-handled-once", "only what it knows": handles = |known| ruled(known, Handle, KnownId);
        "txn-handled-once", "no memory": keeps_id = |_| false;
        "txn-handled-once", "the newest id": keeps_id = |newer| newer == 0;
        "txn-handled-once", "the last ten": keeps_id = |newer| newer < 10;
        "txn-handled-once", "the last million": keeps_id = |newer| newer < 1_000_000;
        "txn-handled-once", "every request is new": begins = |_, _| Allow(Place);
        "txn-handled-once", "no request is new": begins = |_, _| Refuse(AnswerFromRecord);
        "txn-handled-once", "the same is new": begins = |last, number| ruled(last.is_none_or(|last| last <= number), Place, Overtaken);
        "txn-handled-once", "another one is new": begins = |last, number| ruled(last != Some(number), Place, AnswerFromRecord);
    }
}
