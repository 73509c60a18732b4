//! Each decision broken once, as in the reports that `BUGS.md` of the project lists: the schedule
//! loses a write under the broken decision, and none by the book.

use quorate_lab::sim::{Delivery, Fault};
use quorate_protocol::Ruling::Allow;
use quorate_replication::primary_backup::{BY_THE_BOOK, Message, Mode, PrimaryBackupRule, Rulebook};

use super::{ANN, B, BOB, Cluster, P, cluster, crash, cut_off_primary, ms, read, write};

/// Plays a schedule under a broken rulebook and by the book. Returns the broken invariant of each.
fn both(rules: Rulebook, play: fn(&mut Cluster)) -> [Option<&'static str>; 2] {
    [rules, BY_THE_BOOK].map(|rules| {
        let mut cluster = cluster(Mode::Synchronous, rules);
        play(&mut cluster);
        cluster.run_for(ms(400)).err().map(|violation| violation.broken.invariant)
    })
}

const LOST: [Option<&str>; 2] = [Some("NoLostWrite"), None];

fn ask(cluster: &mut Cluster, command: quorate_replication::primary_backup::Command) {
    cluster.inject_request(ANN, P, command).unwrap();
}

/// Messages from the primary to its backup that carry writes are lost; probes and pings arrive.
fn lose_writes(cluster: &mut Cluster) {
    cluster.intercept(|flying| match flying.message {
        Message::Ship { .. } | Message::Transfer { .. } => Delivery::Drop,
        _ => Delivery::Random,
    });
}

/// elasticsearch #7572, #16658.
#[test]
fn acks_without_the_cut_off() {
    let rules = Rulebook {
        may_ack: |mode, has_backup, confirmed, suspects| {
            BY_THE_BOOK.may_ack(mode, has_backup, confirmed || suspects, suspects)
        },
        ..BY_THE_BOOK
    };
    let play: fn(&mut Cluster) = |cluster| {
        cut_off_primary(cluster);
        cluster.run_for(ms(60)).unwrap();
        ask(cluster, write("1"));
    };
    assert_eq!(both(rules, play), LOST);
}

/// redis #6062: an answer of the successor counts as if it came from the backup.
#[test]
fn acks_while_replaced() {
    let rules = Rulebook { counts: |_, _| Allow(PrimaryBackupRule::CountStored), ..BY_THE_BOOK };
    let play: fn(&mut Cluster) = |cluster| {
        // The primary and the monitor do not reach each other.
        cluster.inject(Fault::Link { from: P, to: super::M, up: false }).unwrap();
        cluster.inject(Fault::Link { from: super::M, to: P, up: false }).unwrap();
        cluster.run_for(ms(150)).unwrap();
        cluster.inject_request(BOB, B, write("2")).unwrap();
        cluster.run_for(ms(10)).unwrap();
        ask(cluster, write("1"));
    };
    assert_eq!(both(rules, play), LOST);
}

/// kubeblocks #10753, redis #1297.
#[test]
fn empty_primary_returns() {
    let rules = Rulebook { boot_as_primary: |_| Allow(PrimaryBackupRule::Resume), ..BY_THE_BOOK };
    let play: fn(&mut Cluster) = |cluster| {
        ask(cluster, write("1"));
        cluster.run_for(ms(40)).unwrap();
        cluster.inject(Fault::Wipe(P)).unwrap();
        // The violation is one of this very step.
        cluster.inject_at(cluster.now(), Fault::Restart(P));
    };
    assert_eq!(both(rules, play), LOST);
}

/// patroni #1412.
#[test]
fn cancel_is_commit() {
    let rules = Rulebook {
        visible_when: |mode, has_backup, confirmed, gave_up| {
            BY_THE_BOOK.visible_when(mode, has_backup, confirmed || gave_up, gave_up)
        },
        ..BY_THE_BOOK
    };
    let play: fn(&mut Cluster) = |cluster| {
        lose_writes(cluster);
        ask(cluster, write("1"));
        cluster.run_for(ms(105)).unwrap();
        cluster.inject_request(BOB, P, read()).unwrap();
        cluster.run_for(ms(10)).unwrap();
        cluster.inject(crash(P)).unwrap();
    };
    assert_eq!(both(rules, play), LOST);
}

/// stolon #514.
#[test]
fn restart_is_commit() {
    let rules = Rulebook { recover: Some, ..BY_THE_BOOK };
    let play: fn(&mut Cluster) = |cluster| {
        lose_writes(cluster);
        ask(cluster, write("1"));
        cluster.run_for(ms(5)).unwrap();
        cluster.inject(crash(P)).unwrap();
        cluster.inject(Fault::Restart(P)).unwrap();
        cluster.inject_request(BOB, P, read()).unwrap();
        cluster.run_for(ms(30)).unwrap();
        cluster.inject(crash(P)).unwrap();
    };
    assert_eq!(both(rules, play), LOST);
}

/// GitHub, incident of 21 October 2018: both sides serve.
#[test]
fn promote_without_fence() {
    let rules = Rulebook { may_promote: |_, _| Allow(PrimaryBackupRule::Promote), ..BY_THE_BOOK };
    let play: fn(&mut Cluster) = |cluster| {
        // Without a backup the primary serves alone.
        cluster.inject(crash(B)).unwrap();
        cluster.run_for(ms(200)).unwrap();
        ask(cluster, write("1"));
        cluster.run_for(ms(10)).unwrap();
        // The backup returns, and the primary is cut off before it has sent its state.
        cut_off_primary(cluster);
        cluster.inject(Fault::Restart(B)).unwrap();
    };
    assert_eq!(both(rules, play), LOST);
}
