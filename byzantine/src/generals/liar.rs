//! Traitors: generals that take the loyal step, and say something else.

use std::fmt;

use quorate_protocol::{Context, Input, NodeId, Outbox};
use serde::{Deserialize, Serialize};

use super::message::{Message, Order};
use super::node::General;
use super::rules::GeneralsRule;
use crate::retell;

/// Kind of a lie.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Lie {
    /// Sends nothing.
    Silent,
    /// Says the opposite of what he got.
    SaysOther,
    /// Says what he got to generals with an even id, and the opposite to the others.
    Equivocates,
    /// Says that he got the order to attack.
    ClaimsReceipt,
    /// Says in each message what a list has for it. As silence counts as the order to retreat, the
    /// lists are all lies there are.
    ByList {
        /// One bit for each message that he sends, in the order of paths and recipients; 1 is to
        /// attack. Messages beyond the 64th say retreat.
        attacks: u64,
    },
}

impl Lie {
    /// The kinds with a name, without the lists.
    pub const NAMED: [Lie; 4] = [Lie::Silent, Lie::SaysOther, Lie::Equivocates, Lie::ClaimsReceipt];

    fn rule(self) -> GeneralsRule {
        match self {
            Lie::Silent => GeneralsRule::LieSilent,
            Lie::SaysOther => GeneralsRule::LieSayOther,
            Lie::Equivocates => GeneralsRule::LieEquivocate,
            Lie::ClaimsReceipt => GeneralsRule::LieClaimReceipt,
            Lie::ByList { .. } => GeneralsRule::LieByList,
        }
    }
}

impl fmt::Display for Lie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Lie::Silent => f.write_str("silent"),
            Lie::SaysOther => f.write_str("says-other"),
            Lie::Equivocates => f.write_str("equivocates"),
            Lie::ClaimsReceipt => f.write_str("claims-receipt"),
            Lie::ByList { attacks } => write!(f, "list {attacks:b}"),
        }
    }
}

/// The step of a traitor: the loyal one, with other messages.
pub(super) fn step(
    general: &mut General,
    cx: &Context<'_, General>,
    lie: Lie,
    input: Input<General>,
    out: &mut Outbox<General>,
) {
    let mut loyal = retell::inner(out);
    general.loyal(cx, input, &mut loyal);
    let sends = retell::all_but_sends(&loyal, out);
    let mut because = out.because(lie.rule());
    for (to, Message::Say { path, order }) in sends {
        let order = match lie {
            Lie::Silent => continue,
            Lie::SaysOther => order.other(),
            Lie::Equivocates if to.0.is_multiple_of(2) => order,
            Lie::Equivocates => order.other(),
            Lie::ClaimsReceipt => Order::Attack,
            Lie::ByList { attacks } => listed(attacks, place(cx, &path, to)),
        };
        because.send(to, Message::Say { path, order });
    }
}

fn listed(attacks: u64, place: usize) -> Order {
    if place < 64 && attacks >> place & 1 == 1 { Order::Attack } else { Order::Retreat }
}

/// The place of a message in the list of a traitor: by the length of its path, by the path, and by
/// its recipient.
fn place(cx: &Context<'_, General>, path: &[NodeId], to: NodeId) -> usize {
    let mut paths = vec![vec![cx.config.commander()]];
    let mut place = 0;
    if cx.me != cx.config.commander() {
        paths[0].push(cx.me);
    }
    loop {
        for known in &paths {
            for general in cx.config.generals.iter().filter(|general| !known.contains(general)) {
                if known == path && *general == to {
                    return place;
                }
                place += 1;
            }
        }
        if paths.first().is_none_or(|first| first.len() >= path.len()) {
            return place;
        }
        paths = longer(cx, &paths);
    }
}

/// The paths with one more relay before this general.
fn longer(cx: &Context<'_, General>, paths: &[Vec<NodeId>]) -> Vec<Vec<NodeId>> {
    let mut longer = Vec::new();
    for path in paths {
        for general in cx.config.generals.iter().filter(|general| !path.contains(general)) {
            let mut path = path.clone();
            path.insert(path.len() - 1, *general);
            longer.push(path);
        }
    }
    longer
}
