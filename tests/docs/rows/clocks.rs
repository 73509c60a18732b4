//! Rows of `docs/CLOCKS.md`.

use super::Row;

#[rustfmt::skip]
pub(super) const CLOCKS: &[Row] = &[
    (&[41], "a reading is an interval of 200 ms: what lies within it has no order, and its microseconds say nothing", "reading-is-an-interval"),
    (&[42], "TrueTime: the earliest and the latest time that it may be; the width grows since the last poll", "truetime-interval-grows"),
    (&[44], "commit wait: who begins after a commit was told has the larger stamp, on whichever server", "truetime-commit-wait"),
    (&[44], "intervals that overlap have no order; stamps at their ends do, if the commit waits", "truetime-overlap-has-no-order"),
    (&[36], "a time master that is off by twelve years is outvoted, as long as one of three lies", "truetime-master-off-by-years"),
    (&[36], "the time that most masters agree on need not be the true one", "truetime-most-popular-time"),
    (&[35], "the exactness ends where the delay of the network begins: the round trip belongs to the error", "truetime-slow-answers"),
    (&[], "cut off from the masters by a firewall: the error says so, and the server stops", "truetime-cut-off"),
    (&[38], "a clock that drifts more than it may is found out, and its server leaves", "truetime-clock-leaves"),
    (&[], "a transaction keeps its stamp over a restart; the reading of the time is lost", "truetime-restart-keeps-stamp"),
    (&[28], "NTP: a clock follows three servers with GPS behind them; four timestamps say by how much", "ntp-round-trip"),
    (&[35], "an asymmetric path: the clock is off by half the asymmetry, and nobody can measure it", "ntp-asymmetric-path"),
    (&[36], "a time server that is off by two hours is outvoted by two others", "ntp-server-off-by-hours"),
    (&[36], "two of three servers that are wrong alike are a majority, and are believed", "ntp-two-of-three-wrong"),
    (&[77], "clocks jump by an administrator's hand or a large step of NTP; a slew makes no jump", "ntp-slew-and-step"),
    (&[33], "an offset above 1000 s: NTP refuses and stops, or jumps", "ntp-panic"),
    (&[34], "a firewall cuts a host off from the time, and nobody notices but the bound of its error", "ntp-firewall"),
    (&[25], "eight uses of clocks: four are durations, four are points in time", "ntp-eight-uses"),
    (&[], "a wait of one second while the wall clock is set back by an hour", "ntp-wait-and-set-back"),
    (&[77], "a step of NTP in the middle of a measurement, on each of the two clocks", "ntp-step-in-a-measurement"),
    (&[37], "the time on a page does not contain the hour for which the lid was closed", "ntp-lid-and-time-on-page"),
    (&[45], "Snowflake: each generator has ids of its own, since its worker number is its own", "snowflake-parts-of-an-id"),
    (&[45], "ids grow roughly, and not by cause and effect", "snowflake-not-causal"),
    (&[43], "one counter gives transaction ids that follow causality, and everybody waits for it", "snowflake-one-counter"),
    (&[], "a tick whose ids are used up", "snowflake-sequence-used-up"),
    (&[], "a clock that goes back: wait a little, or refuse", "snowflake-clock-goes-back"),
    (&[30], "a leap second: a minute of 61 seconds, one of 59, and the smear", "snowflake-leap-second"),
    (&[], "a wait that must not end in an earlier tick", "snowflake-wait-and-back"),
    (&[], "a restart must not forget the last tick", "snowflake-restart"),
    (&[45], "a worker number changes hands at a tick, and no clock has to be right for that", "snowflake-number-changes-hands"),
    (&[], "a smaller number begins in the next tick", "snowflake-smaller-number"),
    (&[], "a clock before the epoch makes no id", "snowflake-before-the-epoch"),
];

#[rustfmt::skip]
pub(super) const USES: &[Row] = &[
    (&[25], "1. the timeout of a request: **monotonic**; a wall clock that is set back makes a second into an hour", "ntp-wait-and-set-back"),
    (&[25], "2. a percentile of response times: **monotonic**; on the wall clock a response may take less than no time", "ntp-eight-uses"),
    (&[25], "3. requests per second over five minutes: **monotonic**; a step of NTP makes the five minutes longer or shorter", "ntp-step-in-a-measurement"),
    (&[25], "4. the time on a site: **monotonic**, which stands still while the machine is suspended", "ntp-lid-and-time-on-page"),
    (&[25], "5. the date of publication: **wall**, as right as the servers that most agree on", "ntp-server-off-by-hours"),
    (&[25], "6. the moment of a reminder: **wall**, read again when it is due: the clock may have been stepped since", "ntp-slew-and-step"),
    (&[25], "7. the expiry of a cache entry on another node: **wall** with a bound, since a monotonic clock means nothing there", "pushed-clocks-at-the-bound"),
    (&[25], "8. the timestamp of a log line: **wall**, an interval: what lies within it has no order", "reading-is-an-interval"),
];

#[rustfmt::skip]
pub(super) const PAUSES: &[Row] = &[
    (&[47], "a garbage collection takes minutes: the clock goes on, and the lease holds", "garbage-collection-of-minutes"),
    (&[51, 52, 53, 54], "steal time, a disk, paging, Ctrl-Z: what counts is how long a pause is", "pauses-of-all-kinds"),
    (&[37, 55], "a laptop's lid: a lease was counted on a clock that stood still, and two are primary", "lid-two-primaries"),
    (&[37, 50], "a live migration makes two primaries, and the fence holds", "migration-fence-holds"),
    (&[127], "a granter that is suspended is slow, and that is safe", "suspended-granter"),
];
