//! Claims about health checks, reports and planned absence by hand, and the decisions broken.

use quorate_lab::sim::{Delivery, Fault, RunError};
use quorate_protocol::NodeId;
use quorate_protocol::Ruling::Allow;
use quorate_time::balancer::{
    BY_THE_BOOK, BalancerRule, Command, ConfigError, Health, Message, Probes, Reply, Rulebook, Settings,
};

use super::{ANN, Cluster, LB, OS, S1, S2, S3, ask, cluster, crash, ms, replies, settings};

fn health(world: &Cluster) -> Vec<Health> {
    world.machine(LB).unwrap().health().into_values().collect()
}

/// Has a request delivered at once. Returns the invariant that breaks.
fn try_inject(world: &mut Cluster, to: NodeId, command: Command) -> Result<(), &'static str> {
    world.inject_request(ANN, to, command).map_err(|error| match error {
        RunError::Violation(violation) => violation.broken.invariant,
        error => panic!("{error}"),
    })
}

/// SEEDS 13: three unanswered probes, and nothing is sent to that server until it answers.
#[test]
fn a_silent_server_is_not_sent_to() {
    let mut world = cluster(BY_THE_BOOK, settings());
    crash(&mut world, S1);
    world.run_for(ms(3500)).unwrap();
    assert_eq!(health(&world), [Health::Healthy; 3], "two misses prove nothing");
    world.run_for(ms(1000)).unwrap();
    assert_eq!(health(&world), [Health::TakenForDead, Health::Healthy, Health::Healthy]);
    for _ in 0..4 {
        world.inject_request(ANN, LB, ask(false)).unwrap();
    }
    world.run_for(ms(500)).unwrap();
    let (two, three) = (Reply::Done { server: S2 }, Reply::Done { server: S3 });
    let mut all = replies(&world);
    all.sort_unstable();
    assert_eq!(all, [two, two, three, three]);
    world.inject(Fault::Restart(S1)).unwrap();
    world.run_for(ms(1500)).unwrap();
    assert_eq!(health(&world), [Health::Healthy; 3]);
}

/// SEEDS 15, 16: a report is believed at once.
#[test]
fn a_report_needs_no_probes() {
    let mut world = cluster(BY_THE_BOOK, settings());
    crash(&mut world, S1);
    world.inject_request(ANN, OS, Command::Died { server: S1 }).unwrap();
    world.inject_request(ANN, OS, Command::Unplugged { server: S2 }).unwrap();
    world.run_for(ms(10)).unwrap();
    assert_eq!(health(&world), [Health::ReportedDown, Health::ReportedDown, Health::Healthy]);
    world.run_for(ms(1500)).unwrap();
    assert_eq!(health(&world), [Health::ReportedDown, Health::Healthy, Health::Healthy], "S2 answers a later probe");
}

/// A report that is false has a way back: the answer to a probe that was sent after it. An answer
/// to one that was sent before proves nothing.
#[test]
fn a_false_report_is_refuted_by_a_later_probe() {
    let mut world = cluster(BY_THE_BOOK, settings());
    world.intercept(|flying| match flying.message {
        Message::Alive { .. } => Delivery::Hold,
        _ => Delivery::Random,
    });
    world.run_for(ms(1000)).unwrap();
    world.inject_request(ANN, OS, Command::Died { server: S1 }).unwrap();
    world.run_for(ms(10)).unwrap();
    world.release(|_| true);
    world.run_for(ms(10)).unwrap();
    assert_eq!(health(&world)[0], Health::ReportedDown, "the probe was sent before the report");
    world.intercept(|_| Delivery::Random);
    world.run_for(ms(1000)).unwrap();
    assert_eq!(health(&world)[0], Health::Healthy);
}

/// A balancer that restarts counts its rounds from 1 again.
#[test]
fn an_answer_to_a_balancer_of_a_former_life_is_late() {
    let mut world = cluster(BY_THE_BOOK, Settings { misses: 1, ..settings() });
    world.intercept(|flying| match flying.message {
        Message::Alive { .. } => Delivery::Hold,
        _ => Delivery::Random,
    });
    world.run_for(ms(1000)).unwrap();
    crash(&mut world, LB);
    world.inject(Fault::Restart(LB)).unwrap();
    for server in [S1, S2, S3] {
        crash(&mut world, server);
    }
    world.run_for(ms(1100)).unwrap();
    world.release(|_| true);
    world.run_for(ms(900)).unwrap();
    assert_eq!(health(&world), [Health::TakenForDead; 3], "round 2 of the former life is not this one");
}

/// Requests at five sixths of the capacity of three servers, with one of them dead. Returns the
/// requests that were done, or the invariant that breaks.
fn overload(rules: Rulebook, probes: Probes) -> Result<usize, &'static str> {
    let config = Settings { interval: ms(200), misses: 2, work: ms(100), room: 100, probes, ..settings() };
    let mut world = cluster(rules, config);
    crash(&mut world, S1);
    for _ in 0..200 {
        try_inject(&mut world, LB, ask(true))?;
        world.run_for(ms(40)).map_err(|violation| violation.broken.invariant)?;
    }
    world.run_for(ms(5000)).map_err(|violation| violation.broken.invariant)?;
    Ok(replies(&world).iter().filter(|reply| matches!(reply, Reply::Done { .. })).count())
}

/// SEEDS 19: moved load makes live servers look dead.
#[test]
fn all_look_dead_and_are_sent_to_all_the_same() {
    let believes = Rulebook { fail_open: |_, _, _| false, ..BY_THE_BOOK };
    assert_eq!(overload(BY_THE_BOOK, Probes::Queued), Ok(200));
    assert_eq!(overload(believes, Probes::Queued), Err("NeverNobody"));
    assert_eq!(overload(believes, Probes::Aside), Ok(200), "probes that do not wait show who is alive");
}

#[test]
fn a_full_server_refuses_and_another_is_asked() {
    let mut world = cluster(BY_THE_BOOK, Settings { room: 1, ..settings() });
    for _ in 0..4 {
        world.inject_request(ANN, LB, ask(false)).unwrap();
    }
    world.run_for(ms(50)).unwrap();
    assert_eq!(replies(&world), [Reply::Overloaded]);
    world.run_for(ms(100)).unwrap();
    assert_eq!(replies(&world).len(), 4);
}

#[test]
fn only_what_is_safe_is_repeated() {
    let lost = |rules: Rulebook, repeatable| {
        let mut world = cluster(rules, settings());
        crash(&mut world, S1);
        world.inject_request(ANN, LB, ask(repeatable)).unwrap();
        world.run_for(ms(5000)).map_err(|violation| violation.broken.invariant)?;
        Ok(replies(&world))
    };
    assert_eq!(lost(BY_THE_BOOK, false), Ok(vec![Reply::InDoubt]));
    assert_eq!(lost(BY_THE_BOOK, true), Ok(vec![Reply::Done { server: S2 }]));
    let careless = Rulebook { may_repeat: |_| Allow(BalancerRule::Repeat), ..BY_THE_BOOK };
    assert_eq!(lost(careless, false), Err("RepeatedIfSafe"));
}

/// S1 has the request when it is given up, so nobody can say that nothing was done.
#[test]
fn a_refusal_after_a_doubt_is_a_doubt() {
    let mut world = cluster(BY_THE_BOOK, Settings { room: 1, work: ms(5000), probes: Probes::Aside, ..settings() });
    for repeatable in [false, false, false] {
        world.inject_request(ANN, LB, ask(repeatable)).unwrap();
    }
    world.run_for(ms(10)).unwrap();
    crash(&mut world, S1);
    world.inject(Fault::Restart(S1)).unwrap();
    world.inject_request(ANN, LB, ask(true)).unwrap();
    world.run_for(ms(10)).unwrap();
    world.inject(Fault::Link { from: S1, to: LB, up: false }).unwrap();
    world.run_for(ms(4500)).unwrap();
    assert_eq!(replies(&world), [Reply::InDoubt, Reply::InDoubt], "S2 and S3 have refused, and S1 works on it");
}

#[test]
fn a_share_of_nothing_never_opens() {
    let mut world = cluster(BY_THE_BOOK, Settings { panic: 0, misses: 1, ..settings() });
    for server in [S1, S2, S3] {
        crash(&mut world, server);
    }
    world.run_for(ms(3500)).unwrap();
    assert_eq!(health(&world), [Health::TakenForDead; 3]);
    assert_eq!(try_inject(&mut world, LB, ask(false)), Ok(()), "it is refused, as the settings want it");
    assert_eq!(world.machine(LB).unwrap().waiting(), 0);
}

/// A balancer that has just started does not know who is absent.
#[test]
fn a_server_that_was_not_heard_yet_does_not_count_as_one_that_remains() {
    let mut world = cluster(BY_THE_BOOK, Settings { keep: 2, ..settings() });
    world.inject_request(ANN, S1, Command::Drain).unwrap();
    world.run_for(ms(100)).unwrap();
    assert_eq!(replies(&world), [Reply::Drained]);
    world.inject(Fault::Pause(S1)).unwrap();
    crash(&mut world, LB);
    world.inject(Fault::Restart(LB)).unwrap();
    world.inject_request(ANN, S2, Command::Drain).unwrap();
    world.run_for(ms(2000)).unwrap();
    assert_eq!(replies(&world), [Reply::Drained], "S3 alone is known to be in service");
}

#[test]
fn a_late_report_is_about_a_former_life() {
    let late = |rules: Rulebook| {
        let mut world = cluster(rules, settings());
        world.intercept(|flying| match flying.message {
            Message::Report { .. } => Delivery::Hold,
            _ => Delivery::Random,
        });
        crash(&mut world, S1);
        world.inject_request(ANN, OS, Command::Died { server: S1 }).unwrap();
        world.inject(Fault::Restart(S1)).unwrap();
        world.run_for(ms(1500)).unwrap();
        world.release(|_| true);
        world.run_for(ms(10)).map_err(|violation| violation.broken.invariant)?;
        Ok(health(&world)[0])
    };
    assert_eq!(late(BY_THE_BOOK), Ok(Health::Healthy));
    let any = Rulebook { believes: |_, _| Allow(BalancerRule::BelieveReport), ..BY_THE_BOOK };
    assert_eq!(late(any), Err("OnlyNewReports"));
}

/// SEEDS 48: nothing is left when a server says that it is drained, and nobody waits for its pause.
#[test]
fn a_planned_absence_delays_nobody() {
    let leave = |rules: Rulebook| {
        let mut world = cluster(rules, settings());
        world.inject_request(ANN, LB, ask(false)).unwrap();
        world.run_for(ms(10)).unwrap();
        try_inject(&mut world, S1, Command::Drain)?;
        world.run_for(ms(200)).map_err(|violation| violation.broken.invariant)?;
        assert_eq!(replies(&world), [Reply::Done { server: S1 }, Reply::Drained]);
        world.inject(Fault::Pause(S1)).unwrap();
        for _ in 0..4 {
            world.inject_request(ANN, LB, ask(false)).unwrap();
        }
        world.run_for(ms(300)).unwrap();
        assert_eq!(replies(&world).len(), 6, "all are answered during the pause");
        world.inject(Fault::Resume(S1)).unwrap();
        world.inject_request(ANN, S1, Command::Return).unwrap();
        world.run_for(ms(1100)).unwrap();
        Ok(health(&world)[0])
    };
    assert_eq!(leave(BY_THE_BOOK), Ok(Health::Healthy));
    let hasty = Rulebook { drained: |_, _| Allow(BalancerRule::Drained), ..BY_THE_BOOK };
    assert_eq!(leave(hasty), Err("DrainedIsEmpty"));
}

/// SEEDS 49: servers that are restarted leave one after the other.
#[test]
fn enough_servers_remain() {
    let all_leave = |rules: Rulebook| {
        let mut world = cluster(rules, Settings { keep: 2, ..settings() });
        for server in [S1, S2] {
            world.inject_request(ANN, server, Command::Drain).unwrap();
        }
        world.run_for(ms(500)).map_err(|violation| violation.broken.invariant)?;
        let before = health(&world);
        crash(&mut world, S1);
        world.inject(Fault::Restart(S1)).unwrap();
        world.run_for(ms(1500)).unwrap();
        Ok([before, health(&world)])
    };
    use Health::{Healthy, Leaving};
    assert_eq!(all_leave(BY_THE_BOOK), Ok([vec![Leaving, Healthy, Healthy], vec![Healthy, Leaving, Healthy]]));
    let all = Rulebook { may_leave: |_, _| Allow(BalancerRule::MayLeave), ..BY_THE_BOOK };
    assert_eq!(all_leave(all), Err("EnoughRemain"));
}

#[test]
fn settings_that_make_no_sense_are_refused_with_the_value() {
    let refused = |settings: Settings| settings.build().unwrap_err();
    assert_eq!(refused(Settings::new(LB, Vec::new())), ConfigError::NoServers);
    assert_eq!(refused(Settings::new(S1, vec![S1])), ConfigError::TwoRoles { node: S1 });
    assert_eq!(refused(Settings { keep: 3, ..settings() }), ConfigError::KeepsTooMany { keep: 3, servers: 3 });
    assert!(Settings::new(LB, vec![S1]).build().is_ok(), "a single server may leave");
    assert_eq!(refused(Settings { panic: 101, ..settings() }).to_string(), "a share of 101 % is above 100 %");
    assert_eq!(refused(Settings { misses: 0, ..settings() }), ConfigError::Zero);
}
