//! Wrong answers about proposers, acceptors and learners.

use PaxosRule::*;
use quorate_exercises::paxos::multi::Entry;
use quorate_exercises::paxos::*;
use quorate_exercises::prelude::*;

fn round(ballot: Option<Ballot>) -> u64 {
    ballot.map_or(0, |ballot| ballot.round)
}

mistakes! {
    "paxos-ballots", "the round that was tried, once more":
        next_ballot = |me, tried, _, _| Ballot::new(round(tried).max(1), me);
    "paxos-ballots", "above what was seen, whatever was tried":
        next_ballot = |me, _, seen, asked| Ballot::new(asked.unwrap_or(round(seen) + 1), me);
    "paxos-ballots", "as high as what was seen":
        next_ballot = |me, tried, seen, asked| Ballot::new((round(tried) + 1).max(asked.unwrap_or(round(seen))), me);
    "paxos-ballots", "always the first round":
        next_ballot = |me, _, _, _| Ballot::new(1, me);
    "paxos-ballots", "somebody else's name":
        next_ballot = |_, tried, seen, asked| BY_THE_BOOK.next_ballot(NodeId(0), tried, seen, asked);
    "paxos-ballots", "the name of whoever was seen":
        next_ballot = |me, tried, seen, asked| BY_THE_BOOK.next_ballot(seen.map_or(me, |it| it.node), tried, seen, asked);
    "paxos-ballots", "nobody may ask for a round":
        next_ballot = |me, tried, seen, _| BY_THE_BOOK.next_ballot(me, tried, seen, None);
    "paxos-ballots", "whatever round is asked for":
        next_ballot = |me, tried, seen, asked| match asked {
            Some(asked) => Ballot::new(asked, me),
            None => BY_THE_BOOK.next_ballot(me, tried, seen, None),
        };
    "paxos-ballots", "one round less is remembered":
        recall_tried = |written| written.map(|it| Ballot::new(it.round - 1, it.node));

    "paxos-promise", "always yes": promise = |_, _, _| Allow(PromiseHigher);
    "paxos-promise", "always no": promise = |_, _, _| Refuse(RefusePrepare);
    "paxos-promise", "only the first": promise = |promised, _, _| match promised {
        None => Allow(PromiseHigher),
        Some(_) => Refuse(RefusePrepare),
    };
    "paxos-promise", "the rounds alone, equal ones too": promise = |promised, _, asked| {
        if promised.is_none_or(|it| it.round <= asked.round) { Allow(PromiseHigher) } else { Refuse(RefusePrepare) }
    };
    "paxos-promise", "above the last vote": promise = |_, accepted, asked| {
        if accepted < Some(asked) { Allow(PromiseHigher) } else { Refuse(RefusePrepare) }
    };
    "paxos-promise", "the wrong way round": promise = |promised, _, asked| {
        if promised.is_none_or(|it| asked <= it) { Allow(PromiseHigher) } else { Refuse(RefusePrepare) }
    };
    "paxos-promise", "nothing after a vote": promise = |promised, accepted, asked| match accepted {
        Some(_) => Refuse(IgnoreAccepted),
        None => BY_THE_BOOK.promise(promised, accepted, asked),
    };
    "paxos-promise", "only other nodes' ballots rise": promise = |promised, accepted, asked| match promised {
        Some(it) if it.node == asked.node => Allow(PromiseAgain),
        _ => BY_THE_BOOK.promise(promised, accepted, asked),
    };
    "paxos-promise", "the nodes before the rounds": promise = |promised, _, asked| {
        if promised.is_none_or(|it| (it.node, it.round) < (asked.node, asked.round)) { Allow(PromiseHigher) } else { Refuse(RefusePrepare) }
    };

    "paxos-accept", "always yes": accept = |_, _, _| Allow(Accept);
    "paxos-accept", "always no": accept = |_, _, _| Refuse(RefuseAccept);
    "paxos-accept", "not the ballot that was promised": accept = |promised, _, asked| {
        if promised < Some(asked) { Allow(Accept) } else { Refuse(RefuseAccept) }
    };
    "paxos-accept", "only the ballot that was promised": accept = |promised, _, asked| {
        if promised == Some(asked) { Allow(Accept) } else { Refuse(RefuseAccept) }
    };
    "paxos-accept", "the rounds alone": accept = |promised, _, asked| {
        if promised.is_none_or(|it| it.round <= asked.round) { Allow(Accept) } else { Refuse(RefuseAccept) }
    };
    "paxos-accept", "only one vote ever": accept = |promised, accepted, asked| match accepted {
        Some(_) => Refuse(RefuseAccept),
        None => BY_THE_BOOK.accept(promised, None, asked),
    };
    "paxos-accept", "by the last vote, not by the promise": accept = |_, accepted, asked| {
        if accepted <= Some(asked) { Allow(Accept) } else { Refuse(RefuseAccept) }
    };
    "paxos-accept", "only what was promised counts as promised": promised_after_accept = |_, _| None;
    "paxos-accept", "the lower of the two": promised_after_accept = |before, accepted| before.min(Some(accepted));
    "paxos-accept", "the first promise stands": promised_after_accept = |before, accepted| before.or(Some(accepted));

    "paxos-report", "the higher of vote and promise": reported_ballot = |accepted, promised| promised.map_or(accepted, |it| it.max(accepted));
    "paxos-report", "the first round of its node": reported_ballot = |accepted, _| Ballot::new(1, accepted.node);
    "paxos-report", "a round too low": reported_ballot = |accepted, _| Ballot::new(accepted.round - 1, accepted.node);
    "paxos-report", "a round too high": reported_ballot = |accepted, _| Ballot::new(accepted.round + 1, accepted.node);
    "paxos-report", "the round, and no node": reported_ballot = |accepted, _| Ballot::new(accepted.round, NodeId(0));

    "paxos-value", "tells what it finds": completes_reported = || false;
    "paxos-value", "the last report": value_to_propose = |reported| reported.len().checked_sub(1);
    "paxos-value", "the second, if there is one": value_to_propose = |reported| match reported.len() {
        0 => None,
        count => Some(1.min(count - 1)),
    };
    "paxos-value", "the highest, if two report": value_to_propose = |reported| {
        let highest = reported.iter().max().filter(|_| reported.len() > 1)?;
        reported.iter().position(|it| it == highest)
    };
    "paxos-value", "the highest node": value_to_propose = |reported| (0..reported.len()).max_by_key(|place| reported[*place].node);
    "paxos-value", "the lowest node of the highest round": value_to_propose = |reported| {
        (0..reported.len()).max_by_key(|place| (reported[*place].round, std::cmp::Reverse(reported[*place].node)))
    };
    "paxos-value", "the highest, if all report the same": value_to_propose = |reported| {
        reported.first().filter(|first| reported.iter().all(|it| it == *first)).map(|_| 0)
    };
    "paxos-value", "the highest but one": value_to_propose = |reported| {
        let mut places: Vec<usize> = (0..reported.len()).collect();
        places.sort_by_key(|place| reported[*place]);
        places.iter().rev().nth(1).or(places.last()).copied()
    };

    "paxos-quorum", "anybody": quorum = |_, acceptors, _| acceptors >= 1;
    "paxos-quorum", "more than enough": quorum = |phase, acceptors, quorums| acceptors > quorums.size(phase);
    "paxos-quorum", "one too few": quorum = |phase, acceptors, quorums| acceptors + 1 >= quorums.size(phase);
    "paxos-quorum", "half is enough": quorum = |_, acceptors, quorums| acceptors * 2 >= quorums.acceptors - 1;
    "paxos-quorum", "everybody": quorum = |_, acceptors, quorums| acceptors == quorums.acceptors;
    "paxos-quorum", "one phase for the other": quorum = |phase, acceptors, quorums| match phase {
        Phase::One => acceptors >= quorums.phase_2,
        Phase::Two => acceptors >= quorums.phase_1,
    };
    "paxos-quorum", "the first phase's for both": quorum = |_, acceptors, quorums| acceptors >= quorums.phase_1;
    "paxos-quorum", "the second phase's for both": quorum = |_, acceptors, quorums| acceptors >= quorums.phase_2;
    "paxos-quorum", "always a majority": quorum = |_, acceptors, quorums| acceptors * 2 > quorums.acceptors;
    "paxos-quorum", "exactly so many": quorum = |phase, acceptors, quorums| acceptors == quorums.size(phase) && acceptors < quorums.acceptors;

    "paxos-count", "of this ballot or an earlier one": counts = |reply, current| {
        if reply <= current { Allow(CountPromise) } else { Refuse(StaleReply) }
    };
    "paxos-count", "of an earlier ballot": counts = |reply, current| {
        if reply < current { Allow(CountPromise) } else { Refuse(StaleReply) }
    };
    "paxos-count", "of this round or an earlier one": counts = |reply, current| {
        if reply.round <= current.round { Allow(CountPromise) } else { Refuse(StaleReply) }
    };
    "paxos-count", "of this node": counts = |reply, current| {
        if reply.node == current.node { Allow(CountPromise) } else { Refuse(StaleReply) }
    };
    "paxos-count", "none counts": counts = |_, _| Refuse(StaleReply);
    "paxos-count", "only the first counts": counts_once = |_, heard| {
        if heard.is_empty() { Allow(CountPromise) } else { Refuse(RepeatedPromise) }
    };
    "paxos-count", "not the one that was heard last": counts_once = |from, heard| {
        if heard.last() == Some(&from) { Refuse(RepeatedPromise) } else { Allow(CountPromise) }
    };
    "paxos-count", "not the one that was heard first": counts_once = |from, heard| {
        if heard.first() == Some(&from) { Refuse(RepeatedPromise) } else { Allow(CountPromise) }
    };
    "paxos-count", "who was heard counts, who was not does not": counts_once = |from, heard| {
        if heard.contains(&from) || heard.is_empty() { Allow(CountPromise) } else { Refuse(RepeatedPromise) }
    };
    "paxos-count", "in the order of their names": counts_once = |from, heard| {
        if heard.iter().all(|it| *it < from) { Allow(CountPromise) } else { Refuse(RepeatedPromise) }
    };

    "paxos-phase-1", "always": must_prepare = |_, _| true;
    "paxos-phase-1", "only the first time": must_prepare = |_, prepared| prepared.is_none();
    "paxos-phase-1", "only the first round": must_prepare = |ballot, _| ballot.round <= 1;
    "paxos-phase-1", "every round but the first": must_prepare = |ballot, prepared| ballot.round > 1 && prepared != Some(ballot);
    "paxos-phase-1", "a round is enough": must_prepare = |ballot, prepared| prepared.is_none_or(|it| it.round + 1 < ballot.round);
    "paxos-phase-1", "the wrong way round": must_prepare = |ballot, prepared| prepared == Some(ballot);

    "paxos-learner", "of one round": vote_counts = |vote, towards| vote.round == towards.round;
    "paxos-learner", "of one node": vote_counts = |vote, towards| vote.node == towards.node;
    "paxos-learner", "never": vote_counts = |_, _| false;
    "paxos-learner", "this ballot or a later one": vote_counts = |vote, towards| vote >= towards;
    "paxos-learner", "this ballot or an earlier one": vote_counts = |vote, towards| vote <= towards;
    "paxos-learner", "a later one": vote_counts = |vote, towards| vote > towards;
    "paxos-learner", "only what the first node proposed": vote_counts = |vote, towards| vote == towards && vote.node == NodeId(0);

    "paxos-restart", "a round less is promised": recall_promised = |written| written.map(|it| Ballot::new(it.round - 1, it.node));
    "paxos-restart", "the promise, if it is of a later round": recall_promised = |written| written.filter(|it| it.round > 1);
    "paxos-restart", "the vote, if it is of a later round": recall_accepted = |vote| vote.round > 1;
    "paxos-restart", "the vote of the first round": recall_accepted = |vote| vote.round <= 1;
    "paxos-restart", "the votes for the first node": recall_accepted = |vote| vote.node == NodeId(0);

    "paxos-hole", "always nothing": fill_hole = |_| Some(Entry::noop());
    "paxos-hole", "leave it": fill_hole = |bound| bound.cloned();
    "paxos-hole", "leave all": fill_hole = |_| None;
    "paxos-hole", "nothing, where something binds": fill_hole = |bound| bound.is_none().then(Entry::noop);
}
