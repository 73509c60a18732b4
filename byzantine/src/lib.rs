//! Agreement among nodes of which some lie, as pure state machines.
//!
//! Most protocols assume that a node does what it should, or stops. A *Byzantine* node does
//! anything: it sends different things to different nodes, things that are not so, or nothing. It
//! may be a bug, a broken disk, or an attacker. This crate contains three protocols that bear such
//! nodes, for any driver of [`quorate_protocol`]. Every decision is one method of a rulebook, and
//! every effect cites the rule that it follows from.
//!
//! | machine | what it does | needs |
//! |---|---|---|
//! | [`generals::General`] | oral messages OM(m): all loyal generals obey one order | 3m+1 generals, a synchronous network |
//! | [`broadcast::Broadcast`] | reliable broadcast: all honest nodes accept one value, or none does | 3f+1 nodes |
//! | [`pbft::Pbft`] | one history of clients' requests at all honest replicas, and a new primary when one lies | 3f+1 replicas, seals; time for progress only |
//!
//! # Why a third
//!
//! A node cannot wait for more than n-f answers, as f nodes may be silent. Of the n-f that answer,
//! f may lie, because the silent ones may have been honest and slow. The rest, n-2f, must outnumber
//! the liars, so n > 3f. Another view of the same: two quorums of 2f+1 among 3f+1 have f+1 nodes in
//! common, one more than there are liars.
//!
//! # Liars
//!
//! Each machine has a module of lies. A node lies if its configuration says so, as in
//! `config.lying(Lie::Equivocating)`; the driver gives each node a configuration of its own, so
//! honest nodes do not know who lies. A liar takes the honest step, and sends something else. It
//! cannot make the seal of another ([`Sealed`]). Invariants speak of honest nodes only.
//!
//! # Example
//!
//! Four generals, of which one is a traitor, by hand; drivers with faults, clocks and traces are in
//! `quorate-lab`:
//!
//! ```
//! use quorate_byzantine::generals::{Command, General, Lie, Order, Settings};
//! use quorate_protocol::{ClientId, Constants, Effect, Input, Machine, NodeId, Outbox, RequestId};
//!
//! let generals: Vec<NodeId> = (0..4).map(NodeId).collect();
//! let config = Settings::new(generals.clone(), 1).build()?;
//! let mut constants = Constants::new(config.clone());
//! // The commander tells half of them the opposite.
//! constants.configure(NodeId(0), config.lying(Lie::Equivocates));
//! let cx = |node| constants.of(node, ());
//! let mut out = Outbox::new();
//! let mut nodes: Vec<General> = generals.iter().map(|node| General::boot(&cx(*node), &(), &mut
//! out)).collect();
//!
//! let ticket = RequestId { client: ClientId(0), number: 1 };
//! let command = Command::Give { order: Order::Attack };
//! let mut inputs = vec![(NodeId(0), Input::Request { ticket, command })];
//! while let Some((node, input)) = inputs.pop() {
//!     out.clear();
//!     nodes[node.index()].step(&cx(node), input, &mut out);
//!     inputs.extend(out.drain().filter_map(|effect| match effect {
//!         Effect::Send { to, message } => Some((to, Input::Deliver { from: node, message })),
//!         _ => None,
//!     }));
//! }
//! let obeyed: Vec<_> = nodes[1..].iter().map(General::order).collect();
//! assert_eq!(obeyed, [Some(Order::Retreat); 3]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod broadcast;
mod config;
pub mod generals;
pub mod pbft;
mod retell;
mod sealed;

pub use config::ConfigWithLie;
pub use sealed::{Claims, Sealed};
