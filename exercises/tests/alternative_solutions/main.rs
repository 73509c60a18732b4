//! Fairness of the graders: alternative solutions, correct but unlike the reference solutions,
//! pass.
//!
//! Each file is an alternative solution with different data structures, a different but legal order
//! of messages, eager or lazy retries, everything or as little as possible on disk. If one fails,
//! its grader requires more than the exercise does.

#[macro_use]
#[path = "../course/answers.rs"]
mod answers;
mod attack;
mod raft;

use quorate_exercises::grading::GradingVerdict;

answers! {
    "retry-safely" machinist "network/machinist.rs"
    "at-most-once" archivist "network/archivist.rs"
    "lamport-clock" hurried "network/hurried.rs"
    "majority" contrarian "network/contrarian.rs"
    "paxos-ballots" leaper "paxos/leaper.rs"
    "paxos-promise" taciturn "paxos/taciturn.rs"
    "paxos-promise" obliging "paxos/obliging.rs"
    "paxos-accept" terse "paxos/terse.rs"
    "paxos-value" sorter "paxos/sorter.rs"
    "raft-vote" once "raft/once.rs"
    "raft-elected" sceptic "raft/sceptic.rs"
    "raft-commit" climber "raft/climber.rs"
    "raft-backtrack" cautious "raft/cautious.rs"
    "lease-deadline" early "lease/early.rs"
    "lease-drift" rounder "lease/rounder.rs"
    "lease-denial" pessimist "lease/pessimist.rs"
    "lease-restart" patient "lease/patient.rs"
    "lease-fence" thousands "lease/thousands.rs"
    "lock-validity" hasty "lock/hasty.rs"
    "lock-majority" frugal "lock/frugal.rs"
    "lock-queue" counter "lock/counter.rs"
    "lock-belief" drifter "lock/rounder.rs"
    "txn-vote" subtracter "transactions/subtracter.rs"
    "txn-decide" counter_down "transactions/counter_down.rs"
    "txn-again" leaper_of_lives "transactions/leaper.rs"
    "txn-instance" sprinter "transactions/sprinter.rs"
    "txn-one-write" reverser "transactions/reverser.rs"
    "txn-let-go" named "transactions/named.rs"
    "register-order" gaps "register/gaps.rs"
    "register-session" ahead "register/ahead.rs"
    "liar-orders" tally "liars/tally.rs"
    "liar-broadcast" divider "liars/divider.rs"
    "sealed-token" rebuilder "liars/rebuilder.rs"
    "time-rto" doubler "time/doubler.rs"
    "time-masters" sweeper "time/sweeper.rs"
    "time-ids" stepper "time/stepper.rs"
    "time-phi" accountant "time/accountant.rs"
    "time-phi" minus_one "time/minus_one.rs"
    "time-hybrid" latest "time/latest.rs"
    "time-hybrid" chooser "time/chooser.rs"
    "build-paxos" historian "paxos/historian.rs"
    "build-paxos" impatient "paxos/impatient.rs"
    "build-paxos" clerk "paxos/clerk.rs"
    "build-paxos" tabulator "paxos/tabulator.rs"
    "build-redlock" notary "lock/notary.rs"
    "build-two-phase" bookkeeper "transactions/bookkeeper.rs"
    "build-ap-register" postman "register/postman.rs"
    "build-lease" careful "lease/careful.rs"
    "build-lease" scribe "lease/scribe.rs"
    "test-one-leader" gossip "test/gossip.rs"
    "test-one-chosen" recounter "test/recounter.rs"
    "test-one-holder" registrar "test/registrar.rs"
    "test-one-outcome" notary_of_outcomes "test/notary.rs"
    "test-handed-on" diarist "test/diarist.rs"
    "test-no-older-read" timekeeper "test/timekeeper.rs"
}

#[test]
fn every_student_passes_whatever_the_fresh_cases() {
    let mut failed = Vec::new();
    for (id, grade) in ALL {
        for fresh in answers::fresh_seeds(2) {
            match grade(fresh).verdict {
                GradingVerdict::Passed => {}
                GradingVerdict::Failed(broke) => failed.push(format!(
                    "{id} in \"{}\", seed {:?}: {}, {}",
                    broke.case, broke.seed, broke.what, broke.detail
                )),
                other => failed.push(format!("{id}: {other:?}")),
            }
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}
