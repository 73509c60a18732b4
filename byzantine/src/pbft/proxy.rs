//! The proxy: a client of the replicas, on behalf of clients outside the cluster (§4.1).

use std::collections::BTreeMap;

use quorate_protocol::{ClientId, Context, NodeId, Outbox, RequestId};

use super::message::{Fact, Message, Report, Timer};
use super::node::Pbft;
use super::request::{Executed, Reply, Request};
use super::rules::PbftRule;
use crate::sealed::Sealed;

type Cx<'a> = Context<'a, Pbft>;
type Out = Outbox<Pbft>;

/// A request that has no answer yet.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Open {
    pub(crate) request: Sealed<Request>,
    /// View and result that each replica reports.
    pub(crate) reports: BTreeMap<NodeId, (u64, i64)>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Proxy {
    /// The view whose primary is asked first.
    pub(crate) view: u64,
    pub(crate) open: BTreeMap<RequestId, Open>,
    /// The newest answered request of each client.
    pub(crate) answered: BTreeMap<ClientId, Executed>,
}

impl Proxy {
    /// Handles a client's request: seals it, and sends it to the primary.
    pub(crate) fn ask(&mut self, cx: &Cx<'_>, ticket: RequestId, amount: i64, out: &mut Out) {
        match self.answered.get(&ticket.client) {
            Some(Executed { number, total }) if *number == ticket.number => {
                out.because(PbftRule::AnswerFromRecord).reply(ticket, Reply::Total { total: *total });
                return;
            }
            Some(Executed { number, .. }) if *number > ticket.number => {
                out.because(PbftRule::Overtaken)
                    .why(format_args!("{} has asked for {number} since", ticket.client))
                    .reply(ticket, Reply::Overtaken);
                return;
            }
            _ => {}
        }
        if self.open.contains_key(&ticket) {
            self.late(cx, ticket, out);
            return;
        }
        let request = Request { ticket, amount, proxy: cx.me };
        let sealed = Sealed::new(cx, request);
        let primary = cx.config.primary(self.view);
        out.because(PbftRule::Ask)
            .why(format_args!("{primary} is the primary of view {}", self.view))
            .emit(Fact::Asked { request })
            .arm(Timer::Retry { ticket }, cx.config.retry)
            .send(primary, Message::Request { request: sealed.clone() });
        self.open.insert(ticket, Open { request: sealed, reports: BTreeMap::new() });
    }

    /// Sends a request to all replicas.
    pub(crate) fn late(&mut self, cx: &Cx<'_>, ticket: RequestId, out: &mut Out) {
        let Some(open) = self.open.get(&ticket) else {
            out.because(PbftRule::LateReply).why(format_args!("{ticket} is answered"));
            return;
        };
        let mut because = out.because(PbftRule::AskAll);
        because.why(format_args!("{ticket} has no answer")).arm(Timer::Retry { ticket }, cx.config.retry);
        for &replica in &cx.config.replicas {
            because.send(replica, Message::Request { request: open.request.clone() });
        }
    }

    /// Counts a replica's report.
    pub(crate) fn report(&mut self, cx: &Cx<'_>, report: &Report, out: &mut Out) {
        let Report { view, ticket, total, replica } = *report;
        let Some(open) = self.open.get_mut(&ticket) else {
            out.because(PbftRule::LateReply).why(format_args!("{ticket} is not open"));
            return;
        };
        open.reports.insert(replica, (view, total));
        let same = open.reports.values().filter(|(_, reported)| *reported == total);
        let (count, needed) = (same.clone().count(), cx.rules.reports(cx.config.faults()));
        if count < needed {
            out.because(PbftRule::CountReply).why(format_args!("{count} of {needed} report {total} for {ticket}"));
            return;
        }
        // The least view is no later than one in which an honest replica is.
        self.view = same.map(|(view, _)| *view).min().unwrap_or(self.view);
        self.open.remove(&ticket);
        let newest = self.answered.entry(ticket.client).or_insert(Executed { number: 0, total });
        if newest.number < ticket.number {
            *newest = Executed { number: ticket.number, total };
        }
        out.because(PbftRule::Answer)
            .why(format_args!("{count} report {total} for {ticket}"))
            .emit(Fact::Answered { ticket, total })
            .disarm(Timer::Retry { ticket })
            .reply(ticket, Reply::Total { total });
    }
}

/// Redirects a client that asks a replica.
pub(crate) fn redirect(cx: &Cx<'_>, ticket: RequestId, out: &mut Out) {
    let mut because = out.because(PbftRule::NotMyRole);
    if let Some(&proxy) = cx.config.proxies.first() {
        because.why(format_args!("{proxy} asks for clients")).reply(ticket, Reply::AskProxy { proxy });
    }
}

/// Whether a claim is refused: another has sealed it, or its author has no such role. Cites that.
pub(crate) fn refuse_seal(cx: &Cx<'_>, by: NodeId, claimed: NodeId, has_role: bool, out: &mut Out) -> bool {
    let holds = cx.rules.seal_holds(by, claimed);
    if !holds {
        out.because(PbftRule::BadSeal).why(format_args!("it claims to come from {claimed}, and {by} has sealed it"));
    } else if !has_role {
        out.because(PbftRule::NotMyRole).why(format_args!("{claimed} does not send this"));
    }
    !holds || !has_role
}
