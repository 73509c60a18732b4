//! `disk`: a story that begins in the middle, with something on the nodes' disks.

use super::orders::Orders;
use super::play::Play;
use super::problem::Problem;
use super::protocol::Protocol;
use super::show::Printer;
use super::words::Words;
use crate::sim::{Setup, World};

/// What a world is made of. While nothing has happened in it, it can be made anew.
pub(super) struct Opening<P: Protocol> {
    pub(super) setup: Setup<P::Machine>,
    pub(super) invariants: P::Invariants,
}

impl<P: Protocol> Opening<P> {
    /// The world at its beginning.
    pub(super) fn world(&self, orders: &Orders) -> World<P::Machine, P::Invariants> {
        let mut world = self.setup.clone().start_under(self.invariants.clone());
        orders.govern(&mut world);
        world
    }
}

impl<P: Protocol> Play<P> {
    /// `disk`: the world begins anew, with that on a node's disk.
    pub(super) fn disk(&mut self, mut words: Words<'_>) -> Result<(), Problem> {
        self.may_go_on()?;
        if let Some(usage) = &P::DISK {
            words.set_usage(usage);
        }
        let names = self.names();
        let node = words.node(&names)?;
        let disk = names.scope(|| P::disk(&mut words, &names))?;
        words.finish()?;
        let Some(mut opening) = self.opening.take() else {
            return Err(Problem::refused("the story has begun; say what is on disk right behind the cluster"));
        };
        opening.setup = opening.setup.disk(node, disk);
        self.world = opening.world(&self.orders);
        self.printer = Printer::new(P::IMPLIED);
        self.opening = Some(opening);
        self.note_boot()
    }
}
