//! Unit cases for the decisions of granters and holders.

use quorate_lease::{Drift, LONGEST, LeaseId, LeaseState, Mode, Rulebook, Sequencer, Terms, Token};
use quorate_protocol::{Duration, LocalTime, NodeId, Time};

use super::values::Scale;
use super::{EITHER, LAST, UnitCases, ask, majorities};
use crate::course::Exercise;
use crate::grading::{Failed, Grading};

/// Tests the decisions of an exercise about leases.
pub(in crate::grade) fn lease(rules: Rulebook, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
    let ask: Option<fn(Rulebook, &mut UnitCases)> = match exercise.id {
        "lease-deadline" => Some(deadline),
        "lease-drift" => Some(drift),
        "lease-denial" => Some(denial),
        "lease-grant" => Some(grant),
        "lease-restart" => Some(restart),
        "lease-release" => Some(release),
        "lease-act" => Some(act),
        "lease-fence" => Some(fence),
        "lease-fenced-store" => Some(fenced_store),
        "lease-majority" => Some(majority),
        "lease-cache" => Some(cache),
        "lease-failover" => Some(failover),
        "lease-reads" => Some(reads),
        _ => None,
    };
    UnitCases::put(grading, LAST, ask.map(|ask| move |cases: &mut UnitCases| ask(rules, cases)))
}

/// Tests, before any run, decisions that could stop the progress of time: if an expired term does
/// not count as expired, or an unobstructed write does not take effect, a timer is due again at
/// once.
pub(in crate::grade) fn standstills(rules: Rulebook, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
    let ask: fn(Rulebook, &mut UnitCases) = match exercise.id {
        "lease-deadline" => |rules, cases| {
            for scale in cases.scales_to_the_end() {
                for until in moments(scale) {
                    for now in moments(scale).filter(|now| *now >= until) {
                        ask!(
                            cases,
                            rules.may_act(until, now),
                            |ruling| !ruling.allows(),
                            "a holder acts only before the end of its term"
                        );
                    }
                }
            }
        },
        "lease-grant" => |rules, cases| {
            for scale in cases.scales_to_the_end() {
                for expires in moments(scale) {
                    for now in moments(scale).filter(|now| *now > expires) {
                        ask!(
                            cases,
                            rules.has_ended(expires, now),
                            |ended| ended,
                            "a grant has ended once the clock is past its end"
                        );
                    }
                }
            }
        },
        "lease-cache" => |rules, cases| {
            let (holders_left, quarantined) = (0, false);
            ask!(
                cases,
                rules.may_write(holders_left, quarantined),
                |ruling| ruling.allows(),
                "the write need not wait for anything"
            );
        },
        _ => return Ok(()),
    };
    UnitCases::put(grading, "whether time passes", Some(|cases: &mut UnitCases| ask(rules, cases)))
}

const NODES: [NodeId; 3] = [NodeId(1), NodeId(2), NodeId(3)];

/// Five times: a nanosecond apart, or far apart.
fn moments(scale: Scale) -> impl Iterator<Item = Time> + Clone {
    (1..=5).map(move |moment| Time::from_nanos(scale.at(moment)))
}

fn tokens(scale: Scale) -> impl Iterator<Item = Token> {
    (1..=4).map(move |token| Token(scale.at(token)))
}

fn marks(scale: Scale) -> impl Iterator<Item = Option<Token>> {
    tokens(scale).map(Some).chain([None])
}

/// Terms of many lengths, each the longest that is safe; most are not round numbers, and some are
/// random.
fn all_terms(cases: &mut UnitCases) -> Vec<Terms> {
    let spans = [1_000, 999_983, 100_000_000, 300_000_007, 60_000_000_000];
    let drifts = [0, 1, 50, 1_000, 10_007, 100_000];
    let plain = spans.into_iter().flat_map(|span| drifts.map(|ppm| (span, ppm)));
    let longest = u64::try_from(LONGEST.as_nanos()).unwrap_or(u64::MAX);
    let drawn: Vec<u64> = cases.drawn(longest);
    let drawn = drawn.into_iter().zip(cases.drawn(900_000)).map(|(span, ppm)| (span, ppm as u32));
    let terms = |(span, ppm)| Terms::longest(Duration::from_nanos(span), Drift::from_ppm(ppm).ok()?).ok();
    plain.chain(drawn).filter_map(terms).collect()
}

fn deadline(rules: Rulebook, cases: &mut UnitCases) {
    for scale in cases.scales_to_the_end() {
        for monotonic in moments(scale) {
            for wall in moments(scale) {
                let now = LocalTime { monotonic, wall };
                ask!(
                    cases,
                    rules.clock(now),
                    |time| time == monotonic,
                    "terms are counted on the monotonic clock, which is never set"
                );
            }
        }
        for sent in moments(scale) {
            for received in moments(scale).filter(|received| *received >= sent) {
                ask!(
                    cases,
                    rules.counts_from(sent, received),
                    |from| from <= sent,
                    "the grant may have been made right after the request was sent"
                );
            }
        }
        for until in moments(scale) {
            for now in moments(scale) {
                ask!(
                    cases,
                    rules.may_act(until, now),
                    |ruling| ruling.allows() == (now < until),
                    "a holder acts only before the end of its term"
                );
            }
        }
    }
}

fn drift(rules: Rulebook, cases: &mut UnitCases) {
    for terms in all_terms(cases) {
        let (terms, longest) = (&terms, terms.holder());
        ask!(
            cases,
            rules.holder_term(terms),
            |span| span <= longest,
            "in the worst case of clock drift the granter's term ends earlier"
        );
        // The order of two roundings makes a difference of about a nanosecond.
        ask!(
            cases,
            rules.holder_term(terms),
            |span| span + Duration::from_nanos(2) >= longest,
            "a longer term is safe"
        );
    }
}

fn denial(rules: Rulebook, cases: &mut UnitCases) {
    let all = all_terms(cases);
    for scale in cases.few_scales() {
        for terms in &all {
            for until in moments(scale) {
                for now in moments(scale) {
                    ask!(
                        cases,
                        rules.until_after_denial(until, now, terms),
                        |end| end <= until,
                        "a refusal extends nothing"
                    );
                }
            }
        }
    }
}

fn grant(rules: Rulebook, cases: &mut UnitCases) {
    for scale in cases.scales_to_the_end() {
        for expires in moments(scale) {
            for now in moments(scale) {
                ask!(
                    cases,
                    rules.has_ended(expires, now),
                    |ended| ended == (now > expires),
                    "a grant binds its granter until the clock is past its end"
                );
            }
        }
    }
    for scale in cases.scales_to_the_end() {
        for written in moments(scale) {
            for read in moments(scale) {
                ask!(
                    cases,
                    rules.granted_at(written, read),
                    |at| at == read,
                    "a granter counts from its own clock's reading"
                );
            }
        }
    }
    for own in [1, 10, 30].map(Duration::from_secs) {
        let granted = Duration::from_secs(10);
        ask!(
            cases,
            rules.binds_for(granted, own),
            |span| span == granted,
            "a grant binds for the term that was granted"
        );
    }
    let drawn = cases.drawn(u64::MAX).into_iter().map(Duration::from_nanos);
    for configured in [0, 1, 100].map(Duration::from_millis).into_iter().chain(drawn) {
        ask!(
            cases,
            rules.lock_delay(configured),
            |span| span == configured,
            "a lease stays free for the configured lock-delay"
        );
    }
    for standing in standings() {
        for asks in NODES {
            let is_holder = standing.holder == Some(asks);
            let runs = standing.holder.is_some() && !standing.ended;
            let waits = standing.delayed && !is_holder;
            let may = !standing.quarantined && if runs { is_holder } else { !waits && standing.turn == Some(asks) };
            ask!(
                cases,
                rules.grants(standing, asks),
                |ruling| ruling.allows() == may,
                "the answer must be the first of the page's five rulings that applies"
            );
        }
    }
}

/// All combinations of lease states. There is a delay only after a grant that ended.
fn standings() -> impl Iterator<Item = LeaseState> {
    let nodes = || NODES.map(Some).into_iter().chain([None]);
    (0..16_u32).flat_map(move |bits| {
        let bit = move |place: u32| bits >> place & 1 == 1;
        nodes().flat_map(move |holder| nodes().map(move |turn| (holder, turn))).filter_map(move |(holder, turn)| {
            let (ended, suspected, quarantined, delayed) = (bit(0), bit(1), bit(2), bit(3));
            let is_possible = if holder.is_some() { ended || !delayed } else { !ended && !suspected && !delayed };
            is_possible.then_some(LeaseState { holder, ended, suspected, quarantined, delayed, turn })
        })
    })
}

fn restart(rules: Rulebook, cases: &mut UnitCases) {
    for terms in all_terms(cases) {
        let (terms, safe) = (&terms, terms.quarantine());
        ask!(
            cases,
            rules.quarantine(terms),
            |span| span >= safe,
            "in the worst case of clock drift a holder's term has not ended by then"
        );
        ask!(cases, rules.quarantine(terms), |span| span <= 2 * safe, "so long a wait is not needed");
    }
}

fn release(rules: Rulebook, cases: &mut UnitCases) {
    for scale in cases.scales_to_the_end() {
        for granted in tokens(scale) {
            for named in tokens(scale).filter(|named| *named <= granted) {
                for renewed_for in moments(scale) {
                    for sent in moments(scale) {
                        let frees = named == granted && sent > renewed_for;
                        ask!(
                            cases,
                            rules.releases(granted, renewed_for, named, sent),
                            |ruling| ruling.allows() == frees,
                            "a release ends the newest grant, if it was sent after the request of its renewal"
                        );
                    }
                }
            }
        }
    }
}

fn act(rules: Rulebook, cases: &mut UnitCases) {
    ask!(cases, rules.checks_again(), |checks| checks, "the work may have taken longer than the lease");
}

fn fence(rules: Rulebook, cases: &mut UnitCases) {
    // A token may be up to a thousand times the number of grants, so the random numbers leave room
    // for that.
    for grants in (1..=1_000).chain(cases.drawn(1 << 40)) {
        let (this, next) = (rules.token(grants), rules.token(grants + 1));
        cases.note(this < next, "a later grant has a higher token", || {
            format!("grant {grants} has {this:?}, and the one after it {next:?}")
        });
    }
    for scale in cases.scales_to_the_end() {
        for highest in marks(scale) {
            for token in tokens(scale) {
                for mode in [Mode::Exclusive, Mode::Shared] {
                    let shown = Sequencer { lease: LeaseId::Primary, mode, token };
                    let may = mode == Mode::Exclusive && highest <= Some(token);
                    ask!(
                        cases,
                        rules.admits(highest, shown),
                        |ruling| ruling.allows() == may,
                        "a resource accepts exclusive tokens that are not below any accepted one"
                    );
                }
            }
        }
    }
}

fn fenced_store(rules: Rulebook, cases: &mut UnitCases) {
    for scale in cases.scales_to_the_end() {
        ask!(
            cases,
            rules.marks_first(),
            |first| first,
            "a replica that does not know the new holder accepts writes of the old one"
        );
        for mark in marks(scale) {
            for token in tokens(scale) {
                ask!(
                    cases,
                    rules.stores(mark, token),
                    |ruling| ruling.allows() == (mark <= Some(token)),
                    "a replica refuses exactly the tokens below its mark"
                );
            }
        }
    }
}

fn majority(rules: Rulebook, cases: &mut UnitCases) {
    majorities(cases, &|count, of| rules.majority(count, of));
    for current in EITHER {
        for heard_before in EITHER {
            ask!(
                cases,
                rules.counts(current, heard_before),
                |ruling| ruling.allows() == (current && !heard_before),
                "a reply counts only in its own ballot, and only once"
            );
        }
    }
    for me in NODES {
        for reported in NODES.map(Some).into_iter().chain([None]) {
            ask!(
                cases,
                rules.leaves_open(reported, me),
                |open| open == reported.is_none_or(|owner| owner == me),
                "a valid lease excludes every other node"
            );
        }
    }
    for same in EITHER {
        ask!(
            cases,
            rules.release_frees(same),
            |ruling| ruling.allows() == same,
            "a release ends the lease of exactly the ballot that it names"
        );
    }
}

fn cache(rules: Rulebook, cases: &mut UnitCases) {
    let many: Vec<usize> = cases.drawn(1_000_000).into_iter().filter_map(|left| usize::try_from(left).ok()).collect();
    for quarantined in EITHER {
        for holders_left in (0..=4).chain(many.iter().copied()) {
            ask!(
                cases,
                rules.may_write(holders_left, quarantined),
                |ruling| ruling.allows() == (holders_left == 0 && !quarantined),
                "a write waits for every lease that is valid, or may be valid"
            );
        }
    }
    for write_waits in EITHER {
        ask!(
            cases,
            rules.lends(write_waits),
            |ruling| ruling.allows() != write_waits,
            "a lease on a datum is granted, but not while a write waits for it"
        );
    }
}

fn failover(rules: Rulebook, cases: &mut UnitCases) {
    for scale in cases.scales_to_the_end() {
        for began_to_lead in moments(scale) {
            for applied in moments(scale) {
                ask!(
                    cases,
                    rules.leader_counts_from(began_to_lead, applied),
                    |from| from == began_to_lead.max(applied),
                    "a leader counts from the first moment at which it was leader and knew the lease"
                );
            }
        }
    }
}

fn reads(rules: Rulebook, cases: &mut UnitCases) {
    for one in EITHER {
        for other in EITHER {
            let (trusting, sent_by_leader) = (one, other);
            ask!(
                cases,
                rules.withholds_vote(trusting, sent_by_leader),
                |withholds| withholds == (trusting && !sent_by_leader),
                "the promise to the leader withholds the vote from all candidates except in a transfer by the leader"
            );
            let (lease_runs, own_term_applied) = (one, other);
            ask!(
                cases,
                rules.reads_alone(lease_runs, own_term_applied),
                |ruling| ruling.allows() == (lease_runs && own_term_applied),
                "a leader reads alone only with a valid lease and an applied entry of its own term"
            );
        }
    }
    let drawn = cases.drawn(1 << 60).into_iter().map(Duration::from_nanos);
    for trust in [1, 200, 5_000].map(Duration::from_millis).into_iter().chain(drawn) {
        ask!(
            cases,
            rules.distrust_after_restart(trust),
            |span| span >= trust,
            "a promise from before the crash may still be valid"
        );
    }
    ask!(
        cases,
        rules.lays_down_for_transfer(),
        |first| first,
        "a transfer elects the successor regardless of promises to the leader"
    );
}
