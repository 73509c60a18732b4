//! A time master: it reads its own reference, and remembers nothing.

use quorate_protocol::{NodeId, Time};

use super::message::Message;
use super::rules::TrueTimeRule;
use super::server::{Cx, Out};
use crate::Interval;

/// Answers a poll. The wall clock of a master is its GPS receiver or atomic clock.
pub(crate) fn asked(cx: &Cx<'_>, from: NodeId, sent: Time, out: &mut Out) {
    let reading = Interval::around(cx.now.wall, cx.config.master_error);
    out.because(TrueTimeRule::Answer).why(format_args!("{reading}")).send(from, Message::Tell { sent, reading });
}
