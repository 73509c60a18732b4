//! A reporter: the operating system of a server, which outlives its process, or a switch.

use std::collections::BTreeMap;

use quorate_protocol::{NodeId, RequestId};

use super::message::{Cause, Command, Message, Reply};
use super::node::{Cx, Out};
use super::rules::BalancerRule;

#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Reporter {
    /// The life of each process that has started, as far as it has heard.
    lives: BTreeMap<NodeId, u64>,
}

impl Reporter {
    /// Notes that a process has started.
    pub(crate) fn started(&mut self, server: NodeId, life: u64, out: &mut Out) {
        let known = self.lives.entry(server).or_default();
        *known = life.max(*known);
        out.because(BalancerRule::Register).why(format_args!("{server} is in life {known}"));
    }

    /// Reports what has been noticed.
    pub(crate) fn asked(&self, cx: &Cx<'_>, ticket: RequestId, command: &Command, out: &mut Out) {
        let (server, cause) = match command {
            Command::Unplugged { server } => (*server, Cause::Link),
            Command::Died { server } => match self.lives.get(server) {
                Some(life) => (*server, Cause::Process { life: *life }),
                None => {
                    out.because(BalancerRule::UnknownProcess).reply(ticket, Reply::Unknown);
                    return;
                }
            },
            _ => {
                out.because(BalancerRule::WrongRole).reply(ticket, Reply::WrongNode);
                return;
            }
        };
        out.because(BalancerRule::ReportDown)
            .send(cx.config.balancer, Message::Report { server, cause })
            .reply(ticket, Reply::Reported);
    }
}
