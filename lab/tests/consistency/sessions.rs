//! The session guarantees of Terry et al. (1994), each broken, and convergence.

use quorate_lab::consistency::{Level, Outcome, Pattern, Undecided};

use super::{Script, broken};

/// Levels above the session guarantees, which need all of them.
const ABOVE: [Level; 4] = [Level::Linearizable, Level::Sequential, Level::CausalMemory, Level::Causal];

fn session_levels(script: &Script) -> Vec<Level> {
    let judgement = script.judge();
    let broken = broken(&judgement);
    assert!(ABOVE.iter().all(|level| broken.contains(level)), "{judgement}");
    broken.into_iter().filter(|level| Level::SESSION.contains(level)).collect()
}

#[test]
fn read_your_writes_is_broken_alone() {
    let mut script = Script::default();
    let write = script.write(0, 'x', 1);
    let read = script.read(0, 'x', 0);
    assert_eq!(session_levels(&script), [Level::ReadYourWrites]);
    let judgement = script.judge();
    let witness = judgement.witness(Level::ReadYourWrites).unwrap();
    assert_eq!((witness.first, witness.second, witness.pattern), (write, read, Pattern::Older));
    assert_eq!(
        witness.why,
        "client 0's read of 0 from x returns an older value than client 0's write of 1 to x before it"
    );
}

#[test]
fn a_newer_value_than_the_own_write_keeps_read_your_writes() {
    let mut script = Script::default();
    script.write(0, 'x', 1);
    script.write(1, 'x', 2);
    script.read(0, 'x', 2);
    assert!(script.judge().holds(Level::ReadYourWrites));
}

#[test]
fn monotonic_reads_is_broken_alone() {
    let mut script = Script::default();
    script.write(0, 'x', 1);
    let new = script.read(1, 'x', 1);
    let old = script.read(1, 'x', 0);
    assert_eq!(session_levels(&script), [Level::MonotonicReads]);
    let judgement = script.judge();
    let witness = judgement.witness(Level::MonotonicReads).unwrap();
    assert_eq!((witness.first, witness.second), (new, old));
    assert_eq!(
        witness.why,
        "client 1's read of 0 from x returns an older value than client 1's read of 1 from x before it"
    );
}

/// Terry et al. 1994: the library's new version is there, and the version it depends on is not.
#[test]
fn monotonic_writes_is_broken_alone() {
    let mut script = Script::default();
    let first = script.write(0, 'x', 1);
    script.write(0, 'y', 2);
    script.read(1, 'y', 2);
    let read = script.read(1, 'x', 0);
    assert_eq!(session_levels(&script), [Level::MonotonicWrites]);
    let judgement = script.judge();
    let witness = judgement.witness(Level::MonotonicWrites).unwrap();
    assert_eq!((witness.first, witness.second), (first, read));
}

/// Terry et al. 1994: a reply is there, and the article that it replies to is not.
#[test]
fn writes_follow_reads_is_broken_alone() {
    let mut script = Script::default();
    let article = script.write(0, 'x', 1);
    script.read(1, 'x', 1);
    script.write(1, 'y', 2);
    script.read(2, 'y', 2);
    let read = script.read(2, 'x', 0);
    assert_eq!(session_levels(&script), [Level::WritesFollowReads]);
    let judgement = script.judge();
    let witness = judgement.witness(Level::WritesFollowReads).unwrap();
    assert_eq!((witness.first, witness.second), (article, read));
    assert_eq!(
        witness.why,
        "client 1's write of 2 to y came after client 0's write of 1 to x; client 2's read of 0 from x follows a read \
         of the later one, and returns an older value"
    );
}

/// On one register, a step back is one of the reader or of the replicas: it cannot be seen which.
#[test]
fn two_writes_of_one_session_in_reverse_break_both_guarantees() {
    let mut script = Script::default();
    script.write(0, 'x', 1);
    script.write(0, 'x', 2);
    script.read(1, 'x', 2);
    script.read(1, 'x', 1);
    assert_eq!(session_levels(&script), [Level::MonotonicReads, Level::MonotonicWrites]);
}

#[test]
fn copies_that_differ_in_the_end_do_not_converge() {
    let mut script = Script::default();
    script.write(0, 'x', 1);
    script.write(1, 'x', 2);
    assert_eq!(script.judge().outcome(Level::Convergent), &Outcome::Undecided(Undecided::NoLastReads));
    let first = script.read(0, 'x', 1);
    let second = script.read(1, 'x', 2);
    let judgement = script.judge();
    let witness = judgement.witness(Level::Convergent).unwrap();
    assert_eq!((witness.first, witness.second, witness.pattern), (first, second, Pattern::Diverged));
    // Later reads that agree show that the copies converged.
    script.read(0, 'x', 2);
    assert!(script.judge().holds(Level::Convergent));
}
