//! The assumption of three-phase commit, for drivers that let any timer fire.

use quorate_protocol::NodeId;

use super::message::Timer;
use super::node::ThreePhase;

/// Whether a timer may fire in a network in which silence means a crash, given the machines that
/// are up: a participant takes over only if the coordinator is down, or was, and no other
/// participant has taken over (Skeen 1981 §3).
///
/// Any participant may be the first, so that they stay interchangeable; by the timers it is the
/// first one that is up. The driver sees to it that no message is under way when a timer fires.
pub fn silence_means_a_crash(machines: &[Option<ThreePhase>], node: NodeId, timer: &Timer) -> bool {
    let (Timer::Silent { txn }, Some(Some(machine))) = (timer, machines.get(node.index())) else { return true };
    let is_led = || machines.iter().flatten().any(|other| other.leads(*txn) || other.has_taken_over(*txn));
    machine.is_recovering(*txn) || machine.has_taken_over(*txn) || !is_led()
}
