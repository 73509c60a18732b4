//! Client contract of sagas. They are not isolated, so no order of the requests need explain the
//! answers; but what clients were told must add up to what the services hold in the end.

use std::collections::{BTreeMap, BTreeSet};

use quorate_protocol::{
    ClientEvent, ClientEventKind, Invariant, InvariantSummary, InvariantViolation, NodeId, RequestId, StepView,
    Unexplained,
};
use quorate_transactions::Row;
use quorate_transactions::saga::Saga;
use quorate_transactions::two_phase::{Change, Command, Reply};

use super::AnswerStats;

/// Invariant: each request has one answer, and the rows hold the changes of exactly those requests
/// that were answered with success. So what was undone is undone to the last unit.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct SagaAnswers {
    checked: AnswerStats,
    opening: i64,
    /// The rows of the services that are up.
    rows: BTreeMap<NodeId, BTreeMap<Row, i64>>,
}

/// A request, with its answer: whether the saga was carried out.
struct Asked<'a> {
    changes: &'a BTreeMap<NodeId, Change>,
    /// The place of the first answer among the events, and whether it reports success.
    answer: Option<(usize, bool)>,
}

impl SagaAnswers {
    /// Contract for services whose rows begin with so much and hold these amounts in the end.
    pub fn of_rows(opening: i64, rows: BTreeMap<NodeId, BTreeMap<Row, i64>>) -> SagaAnswers {
        SagaAnswers { opening, rows, ..SagaAnswers::default() }
    }

    /// Counts of checked histories and operations.
    pub fn answer_stats(&self) -> AnswerStats {
        self.checked
    }

    /// Compares the rows with the changes that clients were told of.
    fn add_up(&self, asked: &BTreeMap<RequestId, Asked<'_>>) -> Result<(), Unexplained> {
        let mut open: BTreeSet<(NodeId, &Row)> = BTreeSet::new();
        let mut sums: BTreeMap<(NodeId, &Row), (i64, usize)> = BTreeMap::new();
        for Asked { changes, answer } in asked.values() {
            for (&node, Change { row, by }) in *changes {
                let Some((place, done)) = *answer else {
                    open.insert((node, row));
                    continue;
                };
                let (sum, last) = sums.entry((node, row)).or_insert((self.opening, place));
                *sum = sum.saturating_add(if done { *by } else { 0 });
                *last = place.max(*last);
            }
        }
        for ((node, row), (sum, place)) in sums {
            let Some(rows) = self.rows.get(&node).filter(|_| !open.contains(&(node, row))) else { continue };
            let amount = rows.get(row).copied().unwrap_or(self.opening);
            if amount != sum {
                let detail = format!("{row} at {node} is {amount}, and the answers make it {sum}");
                return Err(Unexplained { place, broken: InvariantViolation::new("AnswersAddUp", detail) });
            }
        }
        Ok(())
    }
}

/// All requests of a history. No request has two different answers.
fn asked(events: &[ClientEvent<Saga>]) -> Result<BTreeMap<RequestId, Asked<'_>>, Unexplained> {
    let mut all: BTreeMap<RequestId, Asked<'_>> = BTreeMap::new();
    for (place, ClientEvent { ticket, kind, .. }) in events.iter().enumerate() {
        let reply = match kind {
            ClientEventKind::Invocation(Command::Transact { changes }) => {
                all.insert(*ticket, Asked { changes, answer: None });
                continue;
            }
            ClientEventKind::Response { reply, .. } => reply,
        };
        let done = match reply {
            Reply::Committed { .. } => true,
            Reply::Aborted { .. } | Reply::Invalid => false,
            Reply::Overtaken | Reply::NotTheCoordinator { .. } => continue,
        };
        let Some(asked) = all.get_mut(ticket) else { continue };
        let (_, before) = *asked.answer.get_or_insert((place, done));
        if before != done {
            let word = |done| if done { "carried out" } else { "undone" };
            let detail = format!("{ticket} was told that it is {}, and then {}", word(before), word(done));
            return Err(Unexplained { place, broken: InvariantViolation::new("AnsweredOnce", detail) });
        }
    }
    Ok(all)
}

impl Invariant<Saga> for SagaAnswers {
    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![
            InvariantSummary::new("AnsweredOnce", "No request has two different final answers."),
            InvariantSummary::new(
                "AnswersAddUp",
                "The rows hold the changes of exactly those requests whose clients were told of success.",
            ),
        ]
    }

    fn check(&mut self, seen: &StepView<'_, Saga>) -> Result<(), InvariantViolation> {
        self.opening = seen.constants.config().opening;
        match seen.machine() {
            Some(machine) => {
                let rows = machine.rows().map(|(row, amount)| (row.clone(), amount)).collect();
                self.rows.insert(seen.node, rows);
            }
            // A crash can leave a step on disk that no machine shows yet.
            None => {
                self.rows.remove(&seen.node);
            }
        }
        Ok(())
    }

    fn conclude(&mut self, events: &[ClientEvent<Saga>]) -> Result<(), Unexplained> {
        let asked = asked(events)?;
        self.add_up(&asked)?;
        let operations = asked.values().filter(|asked| asked.answer.is_some()).count() as u64;
        self.checked += AnswerStats { histories: 1, operations, undecided: 0 };
        Ok(())
    }
}
