//! Rows of `docs/NETWORKS.md`.

use super::Row;

#[rustfmt::skip]
pub(super) const NETWORKS: &[Row] = &[
    (&[3, 4, 5, 6, 7, 8, 9, 10], "six reasons why no answer comes, side by side, and one thing that the client sees", "six-silences"),
    (&[2], "a reliable channel from an unreliable network: it sends again, drops repeats, restores the order", "reliable-from-unreliable"),
    (&[2], "what it cannot remove is delay", "loss-becomes-delay"),
    (&[1], "a checksum turns corruption into loss", "corruption-is-caught"),
    (&[1], "up to some errors only: two that cancel out go unnoticed", "corruption-goes-unnoticed"),
    (&[1], "a stronger checksum notices them", "corruption-a-stronger-sum"),
    (&[12], "acknowledged by the network is not processed by the application", "acknowledged-is-not-processed"),
    (&[12], "the application's own answer, and a doubt where there is none", "ask-the-application"),
    (&[11, 18], "one timeout, too short and too long in the same run", "timeout-too-short-and-too-long"),
    (&[22, 24], "the timeout follows the round trips that are measured, but not those of repeats", "a-repeat-is-no-sample"),
    (&[24], "who hears nothing asks ever less often", "timeouts-double"),
    (&[], "where requests wait: at the sender, on the way, and before the application", "a-full-window-queues"),
    (&[], "flow control: a receiver without room acknowledges nothing", "no-room-no-acknowledgement"),
    (&[], "once in a connection is not once", "twice-in-two-connections"),
    (&[], "a sender remembers one answer for each client", "an-older-request-is-overtaken"),
    (&[], "a segment of a connection that is gone", "segment-of-a-former-life"),
    (&[], "sequence numbers begin again", "numbers-begin-again"),
    (&[], "a connection on which nothing is said is still open", "silence-ends-nothing"),
    (&[13], "a balancer stops sending to a server that leaves its probes unanswered", "balancer-taken-for-dead"),
    (&[15], "the operating system says that a process has died, and nobody waits for a timeout (HBase)", "balancer-told-by-the-system"),
    (&[16], "the switch says that a cable is out", "balancer-switch-port"),
    (&[19], "moved load makes the next server look dead, until nobody is left", "balancer-cascade"),
    (&[19], "a server that refuses what is too much ends the cascade", "balancer-cascade-sheds"),
    (&[48], "a garbage collection as a planned absence: announced, drained, and nobody waits for it", "balancer-planned-absence"),
    (&[49], "objects that live for a short time only, and restarts one after the other", "balancer-rolling-restart"),
    (&[], "when all servers look dead, rather the probes are wrong: all are sent to", "balancer-fail-open"),
    (&[], "a report of a former life", "balancer-late-report"),
    (&[], "a report that is false, and its way back", "balancer-false-report"),
    (&[], "requests and answers that are late, or come twice", "balancer-late-and-repeated"),
];
