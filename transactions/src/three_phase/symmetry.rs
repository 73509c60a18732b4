//! Permutation of node ids (symmetry reduction): participants are interchangeable, except for the
//! order in which they take over, which the durations of their timers make.

use quorate_protocol::{Permutation, Permute, no_node_ids};

use super::coordinator::{Coordinator, Open, Stage};
use super::disk::Disk;
use super::message::{Message, Progress, Timer};
use super::node::ThreePhase;
use super::participant::{Doubt, Part, Participant};

no_node_ids!(Progress, Timer);

impl Permute for ThreePhase {
    fn permuted(&self, by: &Permutation) -> Self {
        ThreePhase { coordinator: self.coordinator.permuted(by), participant: self.participant.permuted(by) }
    }
}

impl Permute for Coordinator {
    fn permuted(&self, by: &Permutation) -> Self {
        Coordinator { open: self.open.permuted(by), ..self.clone() }
    }
}

impl Permute for Open {
    fn permuted(&self, by: &Permutation) -> Self {
        let stage = match &self.stage {
            Stage::Voting(votes) => Stage::Voting(votes.permuted(by)),
            Stage::PreCommitting(acks) => Stage::PreCommitting(acks.permuted(by)),
            Stage::Recovering => Stage::Recovering,
        };
        Open { ticket: self.ticket, participants: self.participants.permuted(by), stage }
    }
}

impl Permute for Participant {
    fn permuted(&self, by: &Permutation) -> Self {
        Participant { doubts: self.doubts.permuted(by), ..self.clone() }
    }
}

impl Permute for Doubt {
    fn permuted(&self, by: &Permutation) -> Self {
        let part = match &self.part {
            Part::Following => Part::Following,
            Part::Asking(states) => Part::Asking(states.permuted(by)),
            Part::Moving(acks) => Part::Moving(acks.permuted(by)),
            Part::Recovering(uncertain) => Part::Recovering(uncertain.permuted(by)),
        };
        Doubt { prepared: self.prepared.permuted(by), progress: self.progress, part }
    }
}

impl Permute for Disk {
    fn permuted(&self, by: &Permutation) -> Self {
        Disk { begun: self.begun.permuted(by), prepared: self.prepared.permuted(by), ..self.clone() }
    }
}

impl Permute for Message {
    fn permuted(&self, by: &Permutation) -> Self {
        let mut renamed = self.clone();
        if let Message::Prepare { participants, .. } = &mut renamed {
            *participants = participants.permuted(by);
        }
        renamed
    }
}
