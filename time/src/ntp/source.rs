//! A time server: it reads its own reference, and remembers nothing.

use quorate_protocol::{NodeId, Time};

use super::host::{Cx, Out};
use super::message::Message;
use super::offset::Offset;
use super::rules::NtpRule;

/// Answers a request. The wall clock of a source is its reference, right or wrong.
pub(crate) fn asked(cx: &Cx<'_>, from: NodeId, sent: Time, out: &mut Out) {
    let now = cx.now.wall;
    out.because(NtpRule::Respond).why(format_args!("it is {now}")).send(
        from,
        Message::Response {
            sent,
            receive_timestamp: now,
            transmit_timestamp: now,
            stratum: cx.config.stratum,
            dispersion: Offset::from(cx.config.source_error),
        },
    );
}
