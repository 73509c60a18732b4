//! Permutation of node ids (symmetry reduction): replicas that take no requests are
//! interchangeable. Those that do are not, because the writer's id decides ties.

use quorate_protocol::{Permutation, Permute};

use super::app::{App, Known};
use super::majority::{Operation, Phase};
use super::node::Register;
use super::replica::{Asked, Origin, Replica, What};

impl Permute for Register {
    fn permuted(&self, by: &Permutation) -> Self {
        Register { replica: self.replica.permuted(by), app: self.app.permuted(by) }
    }
}

impl Permute for Replica {
    fn permuted(&self, by: &Permutation) -> Self {
        Replica {
            copies: self.copies.permuted(by),
            operations: self.operations.permuted(by),
            waiting: self.waiting.permuted(by),
            ..self.clone()
        }
    }
}

impl Permute for App {
    fn permuted(&self, by: &Permutation) -> Self {
        App { session: self.session.permuted(by), ..self.clone() }
    }
}

impl Permute for Known {
    fn permuted(&self, by: &Permutation) -> Self {
        let Known { wrote, read, saw, seen } = self;
        Known { wrote: wrote.permuted(by), read: read.permuted(by), saw: saw.permuted(by), seen: seen.permuted(by) }
    }
}

impl Permute for Operation {
    fn permuted(&self, by: &Permutation) -> Self {
        let phase = match &self.phase {
            Phase::Asking(reported) => Phase::Asking(reported.permuted(by)),
            Phase::Storing(version, counted) => Phase::Storing(version.permuted(by), counted.permuted(by)),
        };
        Operation { asked: self.asked.permuted(by), phase }
    }
}

impl Permute for Asked {
    fn permuted(&self, by: &Permutation) -> Self {
        let origin = match self.origin {
            Origin::Client => Origin::Client,
            Origin::App(app) => Origin::App(app.permuted(by)),
        };
        let what = match &self.what {
            What::Read { token } => What::Read { token: token.permuted(by) },
            What::Write { value, saw, seen } => {
                What::Write { value: value.clone(), saw: saw.permuted(by), seen: seen.permuted(by) }
            }
        };
        Asked { origin, what, ..self.clone() }
    }
}
