//! Each well-known bug is one overridden method: it breaks an invariant under a schedule that the book survives.

use quorate_lab::sim::{CrashMoment, Fate, Fault, Halt};
use quorate_lease::{
    ByTheBook, Command, LeaseId, LeaseRule, Message, Rulebook, Sequencer, Settings, Standing, Terms, Token,
};
use quorate_protocol::Ruling::{self, Allow};
use quorate_protocol::{Duration, LocalTime, NodeId, Time};

use crate::common::{A, B, C, CLIENT, Cluster, Q, S, at, ms, scandal, settings, start, write};

macro_rules! bug {
    ($name:ident { $($method:tt)* }) => {
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
        struct $name;

        impl Rulebook for $name {
            $($method)*
        }
    };
}

bug!(HeartbeatOnly {
    fn grants(&self, standing: Standing, asks: NodeId) -> Ruling<LeaseRule> {
        ByTheBook.grants(Standing { ended: standing.ended || standing.suspected, ..standing }, asks)
    }
});
bug!(CountsFromReply {
    fn counts_from(&self, _: Time, received: Time) -> Time {
        received
    }
});
bug!(NoDriftMargin {
    fn holder_term(&self, terms: &Terms) -> Duration {
        terms.granter()
    }
});
bug!(WallClock {
    fn clock(&self, now: LocalTime) -> Time {
        now.wall
    }
});
bug!(RestartGrantsAtOnce {
    fn quarantine(&self, _: &Terms) -> Duration {
        Duration::ZERO
    }
});
bug!(CheckThenAct {
    fn checks_again(&self) -> bool {
        false
    }
});
bug!(TokenNotChecked {
    fn admits(&self, _: Option<Token>, _: Sequencer) -> Ruling<LeaseRule> {
        Allow(LeaseRule::AcceptWrite)
    }
});
bug!(TokenRandom {
    fn token(&self, grants: u64) -> Token {
        Token(grants.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40)
    }
});
bug!(CheckNotAtomic {
    fn writes_where_it_checks(&self) -> bool {
        false
    }
});
bug!(UnlockOthers {
    fn releases(&self, _: Token, _: Time, _: Token, _: Time) -> Ruling<LeaseRule> {
        Allow(LeaseRule::TakeRelease)
    }
});
bug!(ReleaseIgnoresRenewal {
    fn releases(&self, granted: Token, _: Time, named: Token, sent: Time) -> Ruling<LeaseRule> {
        ByTheBook.releases(granted, Time::ZERO, named, sent)
    }
});
bug!(FailedRenewalExtends {
    fn until_after_denial(&self, until: Time, now: Time, terms: &Terms) -> Time {
        until.max(now + terms.holder())
    }
});
bug!(NoLockDelay {
    fn lock_delay(&self, _: Duration) -> Duration {
        Duration::ZERO
    }
});

/// What a schedule comes to: nothing, or the name of the invariant that broke.
type End = Result<(), &'static str>;

/// Everybody is asked to act every 10 ms until then.
fn act_until<R: Rulebook>(world: &mut Cluster<R>, until: u64) -> Result<(), Halt> {
    while world.now() < at(until) {
        world.run_for(ms(10))?;
        for node in [A, B, C] {
            if world.status(node) == Some(quorate_lab::sim::Status::Up) {
                world.prompt(CLIENT, node, Command::Act)?;
            }
        }
    }
    Ok(())
}

/// The link between Q and A is cut, for a moment or for good.
fn flash_cut<R: Rulebook>() -> End {
    let mut world = start::<R>(settings());
    world.run_until(at(500)).unwrap();
    world.inject(Fault::Partition(vec![vec![A]])).unwrap();
    scandal(act_until(&mut world, 1200))
}

/// Every answer to A takes 200 ms, and then A is cut off.
fn slow_answer<R: Rulebook>() -> End {
    let mut world = start::<R>(settings());
    world.intercept(|passing| match passing.message {
        Message::Granted { lease: LeaseId::Primary, .. } if passing.to == A => Fate::Take(ms(200)),
        _ => Fate::Chance,
    });
    world.run_until(at(500)).unwrap();
    world.inject(Fault::Link { from: A, to: Q, up: false }).unwrap();
    scandal(act_until(&mut world, 1200))
}

/// A's clock is as slow and Q's as fast as the bound allows.
fn drifting<R: Rulebook>() -> End {
    let mut world = start::<R>(settings());
    world.inject(Fault::Drift { node: A, ppm: -10_000 }).unwrap();
    world.inject(Fault::Drift { node: Q, ppm: 10_000 }).unwrap();
    world.run_until(at(500)).unwrap();
    world.inject(Fault::Partition(vec![vec![A]])).unwrap();
    let mut result = world.run_until(at(740)).map_err(Halt::from);
    while result.is_ok() && world.now() < at(775) {
        result = world.run_for(Duration::from_micros(100)).map_err(Halt::from);
        for node in [A, B] {
            result = result.and_then(|()| world.prompt(CLIENT, node, Command::Act));
        }
    }
    scandal(result)
}

/// A is cut off, and somebody sets its clock back.
fn jumping<R: Rulebook>() -> End {
    let mut world = start::<R>(settings());
    world.run_until(at(500)).unwrap();
    world.inject(Fault::Partition(vec![vec![A]])).unwrap();
    world.inject(Fault::Jump { node: A, nanos: -300_000_000 }).unwrap();
    scandal(act_until(&mut world, 1200))
}

/// Q restarts while A is cut off.
fn restart<R: Rulebook>() -> End {
    let mut world = start::<R>(settings());
    world.run_until(at(500)).unwrap();
    world.inject(Fault::Partition(vec![vec![A]])).unwrap();
    world.inject(Fault::Crash { node: Q, moment: CrashMoment::BetweenSteps }).unwrap();
    world.inject(Fault::Restart(Q)).unwrap();
    scandal(act_until(&mut world, 1200))
}

/// A is paused while it works, for longer than its term.
fn paused<R: Rulebook>(command: &Command) -> End {
    let mut world = start::<R>(Settings { work: ms(20), ..settings() });
    world.run_until(at(500)).unwrap();
    let run = |world: &mut Cluster<R>| {
        world.prompt(CLIENT, A, command.clone())?;
        world.inject(Fault::Pause(A))?;
        act_until(world, 900)?;
        world.prompt(CLIENT, B, write("by B"))?;
        act_until(world, 1000)?;
        world.inject(Fault::Resume(A))?;
        act_until(world, 1100)
    };
    scandal(run(&mut world))
}

/// A's write is checked just before B's arrives.
fn interleaved<R: Rulebook>() -> End {
    let mut world = start::<R>(settings());
    world.run_until(at(500)).unwrap();
    world.intercept(|passing| match passing.message {
        Message::Write { .. } => Fate::Hold,
        _ => Fate::Chance,
    });
    let run = |world: &mut Cluster<R>| {
        world.prompt(CLIENT, A, write("by A"))?;
        act_until(world, 510)?;
        world.inject(Fault::Partition(vec![vec![A]]))?;
        act_until(world, 900)?;
        world.prompt(CLIENT, B, write("by B"))?;
        world.run_for(ms(5))?;
        world.inject(Fault::Heal)?;
        // Both arrive in one instant, B's first: checks and writes may interleave.
        world.inject(Fault::Pause(S))?;
        world.release(|passing| passing.from == B);
        world.release(|_| true);
        world.run_for(ms(5))?;
        world.inject(Fault::Resume(S))?;
        act_until(world, 1000)
    };
    scandal(run(&mut world))
}

/// B's release, which took long, arrives when A has been primary again for a while.
fn late_release<R: Rulebook>() -> End {
    let mut world = start::<R>(settings());
    world.run_until(at(500)).unwrap();
    let run = |world: &mut Cluster<R>| {
        world.intercept(|passing| match passing.message {
            Message::Release { .. } => Fate::Hold,
            _ => Fate::Chance,
        });
        world.prompt(CLIENT, A, Command::Release { successor: None })?;
        world.run_for(ms(2))?;
        world.intercept_none();
        act_until(world, 700)?;
        world.inject(Fault::Partition(vec![vec![B]]))?;
        world.release(|_| true);
        act_until(world, 1200)
    };
    scandal(run(&mut world))
}

/// A releases, crashes at once, restarts, and is renewed before the release arrives.
fn release_overtaken<R: Rulebook>() -> End {
    let mut world = start::<R>(settings());
    world.run_until(at(520)).unwrap();
    let run = |world: &mut Cluster<R>| {
        world.intercept(|passing| match passing.message {
            Message::Release { .. } => Fate::Hold,
            _ => Fate::Chance,
        });
        world.prompt(CLIENT, A, Command::Release { successor: Some(B) })?;
        world.inject(Fault::Crash { node: A, moment: CrashMoment::BetweenSteps })?;
        world.inject(Fault::Restart(A))?;
        world.run_for(ms(5))?;
        world.release(|_| true);
        act_until(world, 1200)
    };
    scandal(run(&mut world))
}

/// Q denies A, again and again, in answers to questions that A asked before its grant.
fn denied<R: Rulebook>() -> End {
    let mut world = start::<R>(settings());
    world.run_until(at(500)).unwrap();
    let run = |world: &mut Cluster<R>| {
        world.inject(Fault::Crash { node: Q, moment: CrashMoment::BetweenSteps })?;
        world.inject(Fault::Restart(Q))?;
        act_until(world, 700)?;
        world.inject(Fault::Link { from: A, to: Q, up: false })?;
        act_until(world, 1200)
    };
    scandal(run(&mut world))
}

/// A resource that cannot check: A's write is late by less than the lock-delay.
fn in_flight<R: Rulebook>() -> (End, Option<String>) {
    let mut world = start::<R>(Settings { lock_delay: ms(400), ..settings() });
    world.run_until(at(500)).unwrap();
    world.intercept(|passing| match passing.message {
        Message::Write { .. } if passing.from == A => Fate::Take(ms(500)),
        _ => Fate::Chance,
    });
    let run = |world: &mut Cluster<R>| {
        world.prompt(CLIENT, A, write("by A"))?;
        world.run_for(ms(1))?;
        world.inject(Fault::Crash { node: A, moment: CrashMoment::BetweenSteps })?;
        // Fewer writes than the resource remembers of a client, or A's would be refused as overtaken.
        for _ in 0..20 {
            world.run_for(ms(50))?;
            world.prompt(CLIENT, B, write("by B"))?;
        }
        Ok(())
    };
    let result = run(&mut world);
    (scandal(result), world.machine(S).unwrap().value().map(ToString::to_string))
}

const DUAL: End = Err("AtMostOnePrimary");
const LATE: End = Err("TokensNeverDecrease");

#[test]
fn a_flash_cut_makes_two_primaries_without_leases() {
    assert_eq!((flash_cut::<HeartbeatOnly>(), flash_cut::<ByTheBook>()), (DUAL, Ok(())));
}

#[test]
fn a_term_counts_from_the_question() {
    assert_eq!((slow_answer::<CountsFromReply>(), slow_answer::<ByTheBook>()), (DUAL, Ok(())));
}

#[test]
fn equal_terms_are_broken_by_drift() {
    assert_eq!((drifting::<NoDriftMargin>(), drifting::<ByTheBook>()), (DUAL, Ok(())));
}

#[test]
fn the_wall_clock_makes_two_primaries() {
    assert_eq!((jumping::<WallClock>(), jumping::<ByTheBook>()), (DUAL, Ok(())));
}

#[test]
fn a_restarted_granter_waits() {
    assert_eq!((restart::<RestartGrantsAtOnce>(), restart::<ByTheBook>()), (DUAL, Ok(())));
}

#[test]
fn a_check_before_a_pause_is_no_check() {
    let work = Command::WorkAndAct;
    assert_eq!((paused::<CheckThenAct>(&work), paused::<ByTheBook>(&work)), (DUAL, Ok(())));
}

#[test]
fn a_late_write_needs_a_fence_with_ordered_tokens() {
    let late = write("by A");
    assert_eq!((paused::<TokenNotChecked>(&late), paused::<ByTheBook>(&late)), (LATE, Ok(())));
    assert_eq!(paused::<TokenRandom>(&late), LATE);
}

#[test]
fn a_fence_checks_and_writes_in_one_step() {
    assert_eq!((interleaved::<CheckNotAtomic>(), interleaved::<ByTheBook>()), (LATE, Ok(())));
}

#[test]
fn a_release_frees_only_its_own_grant() {
    assert_eq!((late_release::<UnlockOthers>(), late_release::<ByTheBook>()), (DUAL, Ok(())));
}

#[test]
fn a_release_that_was_overtaken_by_a_renewal_frees_nothing() {
    assert_eq!((release_overtaken::<ReleaseIgnoresRenewal>(), release_overtaken::<ByTheBook>()), (DUAL, Ok(())));
}

#[test]
fn a_refused_renewal_extends_nothing() {
    assert_eq!((denied::<FailedRenewalExtends>(), denied::<ByTheBook>()), (DUAL, Ok(())));
}

#[test]
fn a_lock_delay_lets_late_writes_arrive_first() {
    #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
    struct CannotCheck;
    impl Rulebook for CannotCheck {
        fn admits(&self, _: Option<Token>, _: Sequencer) -> Ruling<LeaseRule> {
            Allow(LeaseRule::AcceptWrite)
        }
    }
    bug!(CannotCheckNorWait {
        fn admits(&self, _: Option<Token>, _: Sequencer) -> Ruling<LeaseRule> {
            Allow(LeaseRule::AcceptWrite)
        }
        fn lock_delay(&self, _: Duration) -> Duration {
            Duration::ZERO
        }
    });
    assert_eq!(in_flight::<CannotCheck>(), (Ok(()), Some("by B".into())));
    assert_eq!(in_flight::<CannotCheckNorWait>().0, LATE);
    assert_eq!(in_flight::<NoLockDelay>().0, Ok(()), "a resource that checks needs no delay");
}
