//! Random runs of a register that needs majorities, for watchers of its reads.

use quorate_bugs::NamedRulebookOf;
use quorate_harness::TargetError;
use quorate_harness::experiments::{AnswerStats, Planned, RunParameters, SimTarget, Watched};
use quorate_harness::protocols::RegisterTarget;
use quorate_lab::sim::{Coverage, World};
use quorate_replication::register::{Mode, Register};

/// Target: runs of a replicated register, all in consistent mode.
pub(super) struct MajorityRegister;

impl SimTarget for MajorityRegister {
    type Machine = Register;
    type Invariants = <RegisterTarget as SimTarget>::Invariants;

    const NAME: &'static str = <RegisterTarget as SimTarget>::NAME;
    const GOAL: &'static str = RegisterTarget::GOAL;

    fn plan(rules: impl Into<NamedRulebookOf<Register>>, run: &RunParameters) -> Result<Planned<Self>, TargetError> {
        RegisterTarget::plan_in(Mode::Consistent, rules, run)
    }

    fn reached(world: &World<Register, Watched<Self>>) -> bool {
        RegisterTarget::reached(world)
    }

    fn answer_stats(invariants: &Self::Invariants) -> AnswerStats {
        RegisterTarget::answer_stats(invariants)
    }

    fn coverage(coverage: &Coverage<Register>) -> Vec<(u64, &'static str)> {
        RegisterTarget::coverage(coverage)
    }
}
