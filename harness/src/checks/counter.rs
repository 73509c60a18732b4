//! Schedules of Raft searches as scenarios. Searches replicate a counter; scenarios replicate a
//! key-value store, so an addition becomes an append to a value.

use quorate_lab::env::Deployment;
use quorate_lab::script::{ExportError, Registry, Schedule};
use quorate_lab::trace::Recording;
use quorate_raft::{Add, Command, Counter, KeyValueCommand};

use crate::protocols::{RaftMachine, RaftTarget, Target, ToScenario, under_rules};

/// Returns the schedule of a path that ends in a violation.
pub(super) fn schedule<M: RaftMachine<Counter>>(
    setup: &Deployment<M>,
    path: &Recording<M>,
) -> Result<Schedule, ExportError> {
    let line = setup.names.scope(|| RaftTarget::line(&setup.names, setup.constants.config()));
    let line = under_rules(line, setup.constants.name());
    Schedule::transcribe(path, line, &RaftTarget::add_variants(Registry::new().with::<RaftTarget>()), |to, command| {
        match in_store(command) {
            Some(command) => RaftTarget::phrase(to, &command),
            None => Err(format!("the scenario language has no command for the counter request {command:?}")),
        }
    })
}

fn in_store(command: &Command<Counter>) -> Option<Command<quorate_raft::KeyValue>> {
    match command {
        Command::Apply(Add(amount)) => {
            Some(Command::Apply(KeyValueCommand::Append { key: "count".to_owned(), value: format!("+{amount}") }))
        }
        Command::ChangeMembership(change) => Some(Command::ChangeMembership(change.clone())),
        Command::TransferLeadership(to) => Some(Command::TransferLeadership(*to)),
        Command::Read(_) => None,
    }
}
