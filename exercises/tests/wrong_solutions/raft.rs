//! Wrong answers about voters, leaders and followers.

use RaftRule::*;
use quorate_exercises::prelude::*;
use quorate_exercises::raft::*;

fn ruled(may: bool, yes: RaftRule, no: RaftRule) -> Ruling<RaftRule> {
    if may { Allow(yes) } else { Refuse(no) }
}

fn plus(index: LogIndex, more: u64) -> LogIndex {
    LogIndex(index.0 + more)
}

mistakes! {
    "raft-vote", "the last term alone": up_to_date = |candidate, mine| candidate.term >= mine.term;
    "raft-vote", "the length alone": up_to_date = |candidate, mine| candidate.index >= mine.index;
    "raft-vote", "the length before the term": up_to_date = |candidate, mine| (candidate.index, candidate.term) >= (mine.index, mine.term);
    "raft-vote", "strictly ahead": up_to_date = |candidate, mine| (candidate.term, candidate.index) > (mine.term, mine.index);
    "raft-vote", "the wrong way round": up_to_date = |candidate, mine| (candidate.term, candidate.index) <= (mine.term, mine.index);
    "raft-vote", "equal logs alone": up_to_date = |candidate, mine| candidate == mine;
    "raft-vote", "any log will do": up_to_date = |_, _| true;
    "raft-vote", "no log will do": up_to_date = |_, _| false;
    "raft-vote", "always yes": vote = |_, _, _| Allow(GrantVote);
    "raft-vote", "always no": vote = |_, _, _| Refuse(RefuseVoteGiven);
    "raft-vote", "whoever asks, whatever was voted": vote = |_, candidate, me| BY_THE_BOOK.vote(candidate, Voter { vote: None, ..me });
    "raft-vote", "only terms that are new": vote = |_, candidate, me| match candidate.term > me.term {
        true => BY_THE_BOOK.vote(candidate, me),
        false => Refuse(RefuseVoteStaleTerm),
    };
    "raft-vote", "only for whom it has voted": vote = |_, candidate, me| match me.vote == Some(candidate.node) {
        true => BY_THE_BOOK.vote(candidate, me),
        false => Refuse(RefuseVoteGiven),
    };
    "raft-vote", "for anybody but the one it voted for": vote = |_, candidate, me| match me.vote == Some(candidate.node) {
        true => Refuse(RefuseVoteGiven),
        false => BY_THE_BOOK.vote(candidate, Voter { vote: None, ..me }),
    };
    "raft-vote", "whatever the term": vote = |_, candidate, me| BY_THE_BOOK.vote(Candidate { term: me.term, ..candidate }, me);
    "raft-vote", "whatever the log": vote = |_, candidate, me| BY_THE_BOOK.vote(candidate, Voter { last: Position::new(0, 0), ..me });
    "raft-vote", "not while it hears a leader": vote = |_, candidate, me| match me.hears_leader || me.vote.is_none() {
        true => Refuse(RefuseVoteGiven),
        false => BY_THE_BOOK.vote(candidate, me),
    };

    "raft-elected", "half is enough": majority = |count, of| count * 2 >= of;
    "raft-elected", "anybody is enough": majority = |count, _| count > 0;
    "raft-elected", "everybody": majority = |count, of| count == of;
    "raft-elected", "one more than a majority": majority = |count, of| count > of / 2 + 1;
    "raft-elected", "less than half": majority = |count, of| count * 2 < of;
    "raft-elected", "a third": majority = |count, of| count * 3 >= of;
    "raft-elected", "two": majority = |count, of| count >= 2.min(of);
    "raft-elected", "one of the groups": elected = |_, votes, membership| membership
        .groups().any(|group| BY_THE_BOOK.majority(group.iter().filter(|it| votes.contains(it)).count(), group.len()));
    "raft-elected", "the first of the groups": elected = |_, votes, membership| membership
        .groups().take(1).all(|group| BY_THE_BOOK.majority(group.iter().filter(|it| votes.contains(it)).count(), group.len()));
    "raft-elected", "the last of the groups": elected = |_, votes, membership| membership
        .groups().last().is_some_and(|group| BY_THE_BOOK.majority(group.iter().filter(|it| votes.contains(it)).count(), group.len()));
    "raft-elected", "whoever the votes are from": elected = |_, votes, membership| membership
        .groups().all(|group| BY_THE_BOOK.majority(votes.len(), group.len()));
    "raft-elected", "two votes of whomever": elected = |_, votes, _| votes.len() >= 2;
    "raft-elected", "always": elected = |_, _, _| true;
    "raft-elected", "never": elected = |_, _, _| false;
    "raft-elected", "no vote counts": counts_vote = |_, _| Refuse(IgnoreStale);
    "raft-elected", "votes of this term or an earlier one": counts_vote = |answer, standing| match answer.term <= standing.term {
        true => BY_THE_BOOK.counts_vote(Election { term: standing.term, ..answer }, standing),
        false => Refuse(IgnoreStale),
    };
    "raft-elected", "votes of an earlier term alone": counts_vote = |answer, standing| ruled(answer.term < standing.term, CountVote, IgnoreStale);
    "raft-elected", "votes in pre-votes alone": counts_vote = |answer, standing| match standing.kind {
        ElectionKind::PreVote => BY_THE_BOOK.counts_vote(answer, standing),
        ElectionKind::Vote => Refuse(IgnoreStale),
    };
    "raft-elected", "votes in votes alone": counts_vote = |answer, standing| match standing.kind {
        ElectionKind::Vote => BY_THE_BOOK.counts_vote(answer, standing),
        ElectionKind::PreVote => Refuse(IgnoreStale),
    };

    "raft-append", "always yes": matches = |_, _| Allow(AppendEntries);
    "raft-append", "always no": matches = |_, _| Refuse(RefuseMissing);
    "raft-append", "nothing there is fine": matches = |previous, mine| ruled(mine.is_none_or(|it| it == previous.term), AppendEntries, RefuseConflicting);
    "raft-append", "anything there is fine": matches = |_, mine| ruled(mine.is_some(), AppendEntries, RefuseMissing);
    "raft-append", "an earlier term is fine": matches = |previous, mine| ruled(mine.is_some_and(|it| it <= previous.term), AppendEntries, RefuseConflicting);
    "raft-append", "a later term is fine": matches = |previous, mine| ruled(mine.is_some_and(|it| it >= previous.term), AppendEntries, RefuseConflicting);
    "raft-append", "another term is fine": matches = |previous, mine| ruled(mine.is_some_and(|it| it != previous.term), AppendEntries, RefuseConflicting);
    "raft-append", "only behind another entry": matches = |previous, mine| ruled(previous.index.0 > 0 && mine == Some(previous.term), AppendEntries, RefuseMissing);
    "raft-append", "at the beginning whatever is there": matches = |previous, mine| ruled(previous.index.0 <= 1 || mine == Some(previous.term), AppendEntries, RefuseMissing);
    "raft-append", "a stale leader hears nothing": answers_stale_leader = || false;

    "raft-truncate", "nothing ever goes": truncates = |_| None;
    "raft-truncate", "all behind the conflict": truncates = |overlap| overlap.conflict.map(LogIndex::next);
    "raft-truncate", "the last entry alone": truncates = |overlap| overlap.conflict.map(|_| overlap.last);
    "raft-truncate", "one too many": truncates = |overlap| overlap.conflict.map(LogIndex::previous);
    "raft-truncate", "all behind the one that matches": truncates = |overlap| Some(overlap.previous.next());
    "raft-truncate", "what the append does not cover": truncates = |overlap| {
        overlap.conflict.or((overlap.last > overlap.covered()).then(|| overlap.covered().next()))
    };
    "raft-truncate", "only a conflict at the first": truncates = |overlap| overlap.conflict.filter(|it| *it == overlap.previous.next());
    "raft-truncate", "only a conflict at the last": truncates = |overlap| overlap.conflict.filter(|it| *it == overlap.last);
    "raft-truncate", "the log's end is acknowledged": acknowledges = |overlap| overlap.last.max(overlap.covered());
    "raft-truncate", "only what matched is acknowledged": acknowledges = |overlap| overlap.previous;
    "raft-truncate", "one more is acknowledged": acknowledges = |overlap| overlap.covered().next();
    "raft-truncate", "the count is acknowledged": acknowledges = |overlap| LogIndex(overlap.count);
    "raft-truncate", "nothing is acknowledged": acknowledges = |_| LogIndex(0);

    "raft-follower-commit", "whatever the leader has": follower_commit = |commit, leader, _| commit.max(leader);
    "raft-follower-commit", "up to the end of the log": follower_commit = |commit, leader, overlap| commit.max(leader.min(overlap.last.max(overlap.covered())));
    "raft-follower-commit", "nothing": follower_commit = |commit, _, _| commit;
    "raft-follower-commit", "all that is covered": follower_commit = |commit, _, overlap| commit.max(overlap.covered());
    "raft-follower-commit", "one more": follower_commit = |commit, leader, overlap| commit.max(plus(leader, 1).min(overlap.covered()));
    "raft-follower-commit", "what the leader has, down as well as up": follower_commit = |_, leader, overlap| leader.min(overlap.covered());
    "raft-follower-commit", "the lower of both": follower_commit = |commit, leader, overlap| commit.min(leader.min(overlap.covered()));
    "raft-follower-commit", "the higher of leader and covered": follower_commit = |commit, leader, overlap| commit.max(leader.max(overlap.covered()));
    "raft-follower-commit", "only full appends": follower_commit = |commit, leader, overlap| match overlap.count {
        0 => commit,
        _ => commit.max(leader.min(overlap.covered())),
    };

    "raft-commit", "nothing": leader_commit = |commit, _, _, _| commit;
    "raft-commit", "everything": leader_commit = |commit, replicated, _, _| commit.max(replicated);
    "raft-commit", "this term or an earlier one": leader_commit = |commit, replicated, current, term_at| {
        if replicated > commit && term_at(replicated) <= Some(current) { replicated } else { commit }
    };
    "raft-commit", "an earlier term alone": leader_commit = |commit, replicated, current, term_at| {
        if replicated > commit && term_at(replicated) < Some(current) { replicated } else { commit }
    };
    "raft-commit", "the next is of this term": leader_commit = |commit, replicated, current, term_at| {
        if replicated > commit && term_at(commit.next()) == Some(current) { replicated } else { commit }
    };
    "raft-commit", "the last that is committed is of this term": leader_commit = |commit, replicated, current, term_at| {
        if replicated > commit && term_at(commit) == Some(current) { replicated } else { commit }
    };
    "raft-commit", "one less": leader_commit = |commit, replicated, current, term_at| {
        commit.max(BY_THE_BOOK.leader_commit(commit, replicated, current, term_at).previous())
    };
    "raft-commit", "one more": leader_commit = |commit, replicated, current, term_at| {
        if term_at(replicated) == Some(current) { replicated.next().max(commit) } else { commit }
    };
    "raft-commit", "one at a time, of whatever term": leader_commit = |commit, replicated, _, _| {
        if replicated > commit { commit.next() } else { commit }
    };

    "raft-durable", "the vote is kept over terms": vote_after_step_down = |_, _, vote| vote;
    "raft-durable", "the vote is always gone": vote_after_step_down = |_, _, _| None;
    "raft-durable", "the vote is kept into a new term alone": vote_after_step_down = |before, after, vote| vote.filter(|_| after > before);

    "raft-answers", "always": counts_answer = |_, _| Allow(CountAck);
    "raft-answers", "never": counts_answer = |_, _| Refuse(IgnoreStale);
    "raft-answers", "this term or an earlier one": counts_answer = |answer, current| ruled(answer <= current, CountAck, IgnoreStale);
    "raft-answers", "an earlier term": counts_answer = |answer, current| ruled(answer < current, CountAck, IgnoreStale);
    "raft-answers", "this term or the one before": counts_answer = |answer, current| ruled(answer.0 + 1 >= current.0, CountAck, IgnoreStale);
    "raft-answers", "the latest letter": matched_after_ack = |_, acknowledged| acknowledged;
    "raft-answers", "as before": matched_after_ack = |matched, _| matched;
    "raft-answers", "the lower": matched_after_ack = |matched, acknowledged| matched.min(acknowledged);
    "raft-answers", "one more": matched_after_ack = |matched, acknowledged| plus(matched.max(acknowledged), 1);
    "raft-answers", "one less": matched_after_ack = |matched, acknowledged| matched.max(acknowledged).previous();
    "raft-answers", "one at a time beyond": matched_after_ack = |matched, acknowledged| if acknowledged > matched { acknowledged } else { plus(matched, 1) };

    "raft-backtrack", "one too far": next_after_refusal = |conflict, last| last.map_or(conflict.first.next(), |it| plus(it, 2));
    "raft-backtrack", "behind the follower's first": next_after_refusal = |conflict, last| last.map_or(conflict.first.next(), LogIndex::next);
    "raft-backtrack", "two behind the leader's last": next_after_refusal = |conflict, last| last.map_or(conflict.first, |it| plus(it, 2));
    "raft-backtrack", "the leader's last, or never mind": next_after_refusal = |conflict, last| last.map_or(plus(conflict.first, 3), LogIndex::next);
    "raft-backtrack", "every refusal": heeds_refusal = |_, _, _| Allow(BackUp);
    "raft-backtrack", "no refusal": heeds_refusal = |_, _, _| Refuse(IgnoreOldRefusal);
    "raft-backtrack", "refusals of what is known": heeds_refusal = |refused, matched, _| ruled(refused <= matched, BackUp, IgnoreOldRefusal);
    "raft-backtrack", "refusals at what is known, too": heeds_refusal = |refused, matched, probing| ruled(refused >= matched && probing.is_none_or(|it| it == refused), BackUp, IgnoreOldRefusal);
    "raft-backtrack", "only while it is looking": heeds_refusal = |refused, matched, probing| ruled(refused > matched && probing == Some(refused), BackUp, IgnoreOldRefusal);
    "raft-backtrack", "not while it is looking": heeds_refusal = |refused, matched, probing| ruled(refused > matched && probing.is_none(), BackUp, IgnoreOldRefusal);
    "raft-backtrack", "other questions' refusals": heeds_refusal = |refused, matched, probing| ruled(refused > matched && probing.is_none_or(|it| it != refused), BackUp, IgnoreOldRefusal);
    "raft-backtrack", "whatever it has asked": heeds_refusal = |refused, matched, _| ruled(refused > matched, BackUp, IgnoreOldRefusal);

    "raft-apply-once", "always": applies = |_| true;
    "raft-apply-once", "never": applies = |_| false;
    "raft-apply-once", "only again": applies = |before| before;

    "raft-pre-vote", "always": pre_vote = |_, _, _| Allow(GrantPreVote);
    "raft-pre-vote", "never": pre_vote = |_, _, _| Refuse(RefusePreVoteLeader);
    "raft-pre-vote", "although it leads": pre_vote = |_, candidate, me| BY_THE_BOOK.pre_vote(candidate, Voter { leads: false, ..me });
    "raft-pre-vote", "although it hears a leader": pre_vote = |_, candidate, me| BY_THE_BOOK.pre_vote(candidate, Voter { hears_leader: false, ..me });
    "raft-pre-vote", "only while it hears a leader": pre_vote = |_, _, me| match me.hears_leader {
        true => Allow(GrantPreVote),
        false => Refuse(RefusePreVoteLeader),
    };
    "raft-pre-vote", "whatever the log": pre_vote = |_, candidate, me| BY_THE_BOOK.pre_vote(candidate, Voter { last: Position::new(0, 0), ..me });
    "raft-pre-vote", "whatever the term": pre_vote = |_, candidate, me| BY_THE_BOOK.pre_vote(candidate, Voter { term: Term(0), ..me });
    "raft-pre-vote", "the very term, too": pre_vote = |_, candidate, me| match candidate.term == me.term {
        true => BY_THE_BOOK.pre_vote(Candidate { term: Term(me.term.0 + 1), ..candidate }, me),
        false => BY_THE_BOOK.pre_vote(candidate, me),
    };
    "raft-pre-vote", "only terms that are over": pre_vote = |_, candidate, me| match candidate.term <= me.term {
        true => Allow(GrantPreVote),
        false => Refuse(RefusePreVoteStaleTerm),
    };
    "raft-pre-vote", "only logs that are ahead": pre_vote = |_, candidate, me| match candidate.last == me.last {
        true => Refuse(RefusePreVoteOutdated),
        false => BY_THE_BOOK.pre_vote(candidate, me),
    };
    "raft-pre-vote", "and begins to wait anew": pre_vote_restarts_timeout = || true;
    "raft-pre-vote", "begins to wait anew after a no": refusal_restarts_timeout = || true;

    "raft-check-quorum", "always stays": keeps_leading = |_| Allow(KeepLeading);
    "raft-check-quorum", "never stays": keeps_leading = |_| Refuse(LoseQuorum);
    "raft-check-quorum", "stays if nobody hears it": keeps_leading = |heard| ruled(!heard, KeepLeading, LoseQuorum);
    "raft-check-quorum", "heeds every candidate": considers_candidate = |_, _| Allow(AdoptHigherTerm);
    "raft-check-quorum", "heeds none": considers_candidate = |_, _| Refuse(DisregardCandidate);
    "raft-check-quorum", "heeds only those who were sent": considers_candidate = |_, transfer| ruled(transfer, AdoptHigherTerm, DisregardCandidate);
    "raft-check-quorum", "not even those who were sent": considers_candidate = |hears, _| ruled(!hears, AdoptHigherTerm, DisregardCandidate);
    "raft-check-quorum", "obeys whoever led": obeys_timeout_now = |_, _| Allow(ObeyTimeoutNow);
    "raft-check-quorum", "obeys nobody": obeys_timeout_now = |_, _| Refuse(IgnoreStale);
    "raft-check-quorum", "obeys leaders of the past": obeys_timeout_now = |sent, current| ruled(sent < current, ObeyTimeoutNow, IgnoreStale);
    "raft-check-quorum", "only while it hears a leader": considers_candidate = |hears, _| ruled(hears, AdoptHigherTerm, DisregardCandidate);

    "raft-install", "always": installs = |_, _| Allow(InstallSnapshot);
    "raft-install", "never": installs = |_, _| Refuse(IgnoreOldSnapshot);
    "raft-install", "as much as is committed": installs = |last, commit| ruled(last >= commit, InstallSnapshot, IgnoreOldSnapshot);
    "raft-install", "less than is committed": installs = |last, commit| ruled(last < commit, InstallSnapshot, IgnoreOldSnapshot);
    "raft-install", "only before anything is committed": installs = |_, commit| ruled(commit.0 == 0, InstallSnapshot, IgnoreOldSnapshot);
    "raft-install", "much more than is committed": installs = |last, commit| ruled(last.0 > commit.0 + 10, InstallSnapshot, IgnoreOldSnapshot);
    "raft-install", "the snapshot's term": term_after_snapshot = |_, snapshot| snapshot;
    "raft-install", "a new term": term_after_snapshot = |current, _| Term(current.0 + 1);
    "raft-install", "keeps the log": keeps_log_behind_snapshot = |_, _| true;
    "raft-install", "never keeps the log": keeps_log_behind_snapshot = |_, _| false;
    "raft-install", "keeps a log that is long enough": keeps_log_behind_snapshot = |_, mine| mine.is_some();
    "raft-install", "the lower term": term_after_snapshot = |current, snapshot| current.min(snapshot);

    "raft-members", "change at any time": may_change = |_, _| Allow(StartChange);
    "raft-members", "never change": may_change = |_, _| Refuse(RefuseChangePending);
    "raft-members", "one at a time is enough": may_change = |pending, _| ruled(!pending, StartChange, RefuseChangePending);
    "raft-members", "an entry of its term is enough": may_change = |_, own| ruled(own, StartChange, RefuseChangeTooEarly);
    "raft-members", "only before its term": may_change = |pending, own| ruled(!pending && !own, StartChange, RefuseChangeTooEarly);
    "raft-members", "only while another goes on": may_change = |pending, own| ruled(pending && own, StartChange, RefuseChangePending);
    "raft-members", "a vote at once": may_promote = |_, _| true;
    "raft-members", "never a vote": may_promote = |_, _| false;
    "raft-members", "less than the limit": may_promote = |lacks, limit| lacks < limit;
    "raft-members", "more than the limit": may_promote = |lacks, limit| lacks > limit;
    "raft-members", "nothing lacks": may_promote = |lacks, _| lacks == 0;
    "raft-members", "counts itself always": leader_counts_itself = |_| true;
    "raft-members", "counts itself never": leader_counts_itself = |_| false;
    "raft-members", "counts itself when it may not": leader_counts_itself = |is_voter| !is_voter;
    "raft-members", "stands whatever the lists say": may_campaign = |_, _| Allow(ElectionTimeout);
    "raft-members", "never stands": may_campaign = |_, _| Refuse(WaitWithoutVote);
    "raft-members", "stands by the newest list": may_campaign = |newest, _| ruled(newest, ElectionTimeout, WaitWithoutVote);
    "raft-members", "stands by an earlier list": may_campaign = |_, earlier| ruled(earlier, ElectionTimeout, WaitWithoutVote);
    "raft-members", "counts by what is committed": configured_up_to = |_, commit| commit;
    "raft-members", "leaves both lists at once": leaves_joint = |_| true;
    "raft-members", "never leaves both lists": leaves_joint = |_| false;
    "raft-members", "no vote while it knows of none": votes_without_vote = || false;
    "raft-members", "stands by both lists": may_campaign = |newest, earlier| ruled(newest && earlier, ElectionTimeout, WaitWithoutVote);

    "raft-read", "notes at once": notes_read = |_| Allow(NoteReadIndex);
    "raft-read", "never notes": notes_read = |_| Refuse(ReadTooEarly);
    "raft-read", "notes too early alone": notes_read = |own| ruled(!own, NoteReadIndex, ReadTooEarly);
    "raft-read", "answers at once": serves_read = |_, _, _| true;
    "raft-read", "never answers": serves_read = |_, _, _| false;
    "raft-read", "answers when confirmed": serves_read = |confirmed, _, _| confirmed;
    "raft-read", "answers when applied": serves_read = |_, applied, index| applied >= index;
    "raft-read", "answers when more is applied": serves_read = |confirmed, applied, index| confirmed && applied > index;
    "raft-read", "answers when less is applied": serves_read = |confirmed, applied, index| confirmed && applied < index;
    "raft-read", "answers when that much is applied": serves_read = |confirmed, applied, index| confirmed && applied == index;
    "raft-read", "answers when either": serves_read = |confirmed, applied, index| confirmed || applied >= index;
    "raft-read", "answers when not confirmed": serves_read = |confirmed, applied, index| !confirmed && applied >= index;
}
