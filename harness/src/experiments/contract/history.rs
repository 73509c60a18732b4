//! Operation histories: from the answers that clients received to a history that a linearizability
//! checker can decide.

use std::collections::{BTreeMap, BTreeSet};
use std::num::{NonZeroU64, NonZeroUsize};

use quorate_lab::linearizability::{CallId, History, Limits, Model, Refutation, Verdict, check, steps};
use quorate_protocol::{ClientEvent, ClientEventKind, ClientId, InvariantViolation, Machine, RequestId, Unexplained};

use super::{AnswerStats, Contract, Op, Return};

/// Request that is an operation, with its answers. Positions index the client events.
pub(super) struct Asked<'a, M: Machine, C: Contract<M>> {
    ticket: RequestId,
    command: &'a M::Command,
    operation: Op<M, C>,
    place: usize,
    answers: Vec<(usize, Return<M, C>)>,
}

impl<'a, M: Machine, C: Contract<M>> Asked<'a, M, C> {
    /// All operations, in invocation order.
    pub(super) fn all(events: &'a [ClientEvent<M>]) -> Result<Vec<Self>, Unexplained> {
        let mut all: Vec<Self> = Vec::new();
        let mut known: BTreeMap<RequestId, usize> = BTreeMap::new();
        for (place, ClientEvent { ticket, kind: word, .. }) in events.iter().enumerate() {
            match word {
                ClientEventKind::Invocation(command) => {
                    if let Some(operation) = C::operation(command) {
                        known.insert(*ticket, all.len());
                        all.push(Asked { ticket: *ticket, command, operation, place, answers: Vec::new() });
                    }
                }
                ClientEventKind::Response { reply, .. } => {
                    if let Some(asked) = known.get(ticket).map(|index| &mut all[*index]) {
                        asked.record_reply(place, reply)?;
                    }
                }
            }
        }
        Ok(all)
    }

    fn record_reply(&mut self, place: usize, reply: &M::Reply) -> Result<(), Unexplained> {
        let Some(returned) = C::returned(self.command, reply) else { return Ok(()) };
        let is_new = |before: &(usize, _)| format!("{:?}", before.1) != format!("{returned:?}");
        let contradicts = |before: &(usize, _)| is_new(before) && !C::may_differ(&self.operation, &before.1, &returned);
        if self.answers.iter().any(contradicts) {
            let words = |returned| C::object().words(&self.operation, Some(returned));
            let before: Vec<String> = self.answers.iter().map(|(_, before)| words(before)).collect();
            let detail =
                format!("{} got the reply '{}', and then '{}'", self.ticket, before.join("', '"), words(&returned));
            return Err(Unexplained { place, broken: InvariantViolation::new("AnsweredOnce", detail) });
        }
        if self.answers.iter().all(is_new) {
            self.answers.push((place, returned));
        }
        Ok(())
    }

    /// Number of its different answers.
    pub(super) fn answered(&self) -> u64 {
        self.answers.len() as u64
    }

    fn is_owed(&self, all: &[Self]) -> bool {
        all.iter().flat_map(|asked| &asked.answers).any(|(_, returned)| C::owed_to(&self.operation, returned))
    }
}

/// Limits of the linearizability check: far above what a history of a random run needs at a few
/// steps per call.
pub(super) const LIMITS: Limits = Limits {
    steps: const { NonZeroU64::new(2_000_000).unwrap() },
    configurations: const { NonZeroUsize::new(500_000).unwrap() },
};

/// Checks the operations of a run for linearizability.
pub(super) fn check_history<M: Machine, C: Contract<M>>(
    events: &[ClientEvent<M>],
    all: &[Asked<'_, M, C>],
) -> Result<AnswerStats, Unexplained> {
    let clients = ClientHistory::of(events, all);
    let report = check(&C::object(), &clients.history, LIMITS);
    let operations = clients.history.calls().iter().filter(|call| call.answered.is_some()).count() as u64;
    match report.verdict {
        Verdict::Linearizable { .. } => Ok(AnswerStats { histories: 1, operations, undecided: 0 }),
        Verdict::Unknown { .. } => Ok(AnswerStats { histories: 1, operations, undecided: 1 }),
        Verdict::NotLinearizable(refutation) => Err(clients.unexplained(&refutation)),
    }
}

/// The operations of a run as a history.
pub(super) fn history<M: Machine, C: Contract<M>>(
    events: &[ClientEvent<M>],
    all: &[Asked<'_, M, C>],
) -> History<C::Object> {
    ClientHistory::of(events, all).history
}

/// History, with the origin of its calls and events.
struct ClientHistory<M: Machine, C: Contract<M>> {
    history: History<C::Object>,
    /// Request of each call.
    tickets: Vec<RequestId>,
    /// Position of each event among the client events.
    places: Vec<usize>,
}

impl<M: Machine, C: Contract<M>> ClientHistory<M, C> {
    fn of(client_events: &[ClientEvent<M>], all: &[Asked<'_, M, C>]) -> Self {
        // Each call with its request and its answer, if any; and all events by position, the
        // invocation of a call before its answer.
        let mut calls: Vec<(usize, Option<usize>)> = Vec::new();
        let mut events: Vec<(usize, usize)> = Vec::new();
        for (index, asked) in all.iter().enumerate() {
            for (number, (place, _)) in asked.answers.iter().enumerate() {
                events.extend([(asked.place, calls.len()), (*place, calls.len())]);
                calls.push((index, Some(number)));
            }
            if asked.answers.is_empty() && asked.is_owed(all) {
                events.push((asked.place, calls.len()));
                calls.push((index, None));
            }
        }
        events.sort_unstable();
        let mut clients: Self = ClientHistory { history: History::new(), tickets: Vec::new(), places: Vec::new() };
        let mut lanes = Lanes::after(all.iter().map(|asked| asked.ticket.client));
        let mut begun: Vec<Option<(CallId, ClientId)>> = vec![None; calls.len()];
        for (place, number) in events {
            let (index, answer) = calls[number];
            let (asked, at) = (&all[index], client_events[place].at);
            let recorded = match begun[number] {
                None => {
                    let lane = lanes.take(asked.ticket.client);
                    clients.tickets.push(asked.ticket);
                    let call = clients.history.invoke(lane, asked.operation.clone(), at);
                    call.map(|call| begun[number] = Some((call, lane)))
                }
                Some((call, lane)) => {
                    lanes.free(lane);
                    match answer.map(|answer| asked.answers[answer].1.clone()) {
                        Some(returned) => clients.history.ok(call, returned, at),
                        None => Ok(()),
                    }
                }
            };
            debug_assert_eq!(recorded, Ok(()), "client events are in order");
            clients.places.push(place);
        }
        clients
    }

    fn unexplained(&self, refutation: &Refutation) -> Unexplained {
        let (object, history) = (C::object(), &self.history);
        let place = self.places.get(refutation.prefix).copied().unwrap_or_default();
        let Some(&culprit) = refutation.unplaced.first() else {
            return Unexplained {
                place,
                broken: InvariantViolation::new("Linearizable", "no order of the requests explains the replies"),
            };
        };
        let call = history.call(culprit);
        let words = object.words(&call.op, call.returned());
        let steps = steps(&object, history, &refutation.order, refutation.prefix);
        let holds = steps.last().map_or_else(|| object.initial(&object.key(&call.op)), |step| step.state.clone());
        let detail = format!(
            "{} got the reply '{words}', but after the earlier replies the state is: {}",
            self.tickets[culprit.index()],
            object.show(&holds)
        );
        Unexplained { place, broken: InvariantViolation::new("Linearizable", detail) }
    }
}

/// Logical clients ("lanes") of a history.
///
/// A client that gives up a call sends its next request while the abandoned call may still be
/// answered, so one client may need several lanes.
struct Lanes {
    busy: BTreeSet<ClientId>,
    spare: u32,
}

impl Lanes {
    fn after(clients: impl Iterator<Item = ClientId>) -> Self {
        Lanes { busy: BTreeSet::new(), spare: clients.map(|client| client.0 + 1).max().unwrap_or_default() }
    }

    fn take(&mut self, client: ClientId) -> ClientId {
        let spares = (self.spare..).map(ClientId);
        let lane = [client].into_iter().chain(spares).find(|lane| !self.busy.contains(lane)).unwrap_or(client);
        self.busy.insert(lane);
        lane
    }

    fn free(&mut self, lane: ClientId) {
        self.busy.remove(&lane);
    }
}
