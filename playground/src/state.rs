//! The state of a session as a response says it.

use quorate_lab::env::Status;
use quorate_lab::script::{MessageKind, Registry, Snapshot};
use quorate_lab::trace::EventKind;

use crate::actions::actions;
use crate::live::Live;
use crate::requests::requests_of;
use crate::response::{BranchState, ClockReading, CommandState, Invariant, Message, Node, State, Timer, Violation};
use crate::tree::Tree;

/// The state at the place of the tree, after its run was collected.
pub(crate) fn state_of(registry: &Registry, tree: &Tree, live: &Live) -> Option<State> {
    let look = live.run.snapshot()?;
    let branch = tree.branch();
    let header = &live.document.header;
    let requests = requests_of(registry, &header.protocol);
    let actions = actions(&live.run, &look, requests);
    let commands = branch.lines.iter().enumerate();
    Some(State {
        title: header.title.clone(),
        protocol: header.protocol.clone(),
        seed: header.seed,
        now: look.now.as_nanos(),
        manual: look.manual,
        branch: branch.name.clone(),
        branches: branches(tree),
        commands: commands
            .map(|(index, line)| CommandState { line: line.text.clone(), events: branch.events.get(index).copied() })
            .collect(),
        at: tree.place.commands,
        steps: tree.place.steps,
        events: live.document.events.len(),
        can_undo: tree.place.commands > 1 || tree.place.steps.is_some(),
        can_redo: tree.place.commands < branch.lines.len(),
        again: live.run.is_again(),
        nodes: nodes(&look),
        violation: violation(live, &look),
        invariants: invariants(&look),
        in_flight: messages(&look),
        timers: timers(&look),
        clients: look.clients,
        cuts: look.cuts.into_iter().map(|(from, to)| [from, to]).collect(),
        filters: look.filters,
        actions,
    })
}

fn branches(tree: &Tree) -> Vec<BranchState> {
    let state = |branch: &crate::tree::Branch| BranchState {
        name: branch.name.clone(),
        parent: branch.parent.clone(),
        at: branch.at,
        commands: branch.lines.len(),
        violation: branch.violation.clone(),
    };
    tree.branches.iter().map(state).collect()
}

fn nodes(look: &Snapshot) -> Vec<Node> {
    let node = |node: &quorate_lab::script::NodeState| Node {
        name: node.name.clone(),
        status: match node.status {
            Status::Up => "up",
            Status::Paused => "paused",
            Status::Down => "down",
        },
        rules: node.rules.clone(),
        lie: node.lie.clone(),
        lies: node.lies.clone(),
        clock: ClockReading { monotonic: node.clock.monotonic.as_nanos(), wall: node.clock.wall.as_nanos() },
    };
    look.nodes.iter().map(node).collect()
}

fn messages(look: &Snapshot) -> Vec<Message> {
    let message = |message: &quorate_lab::script::MessageUnderWay| Message {
        id: message.id,
        from: message.from.clone(),
        to: message.to.clone(),
        kind: match message.kind {
            MessageKind::Message => "message",
            MessageKind::Request => "request",
            MessageKind::Reply => "reply",
        },
        name: message.payload.name.clone(),
        body: message.payload.body.clone(),
        sent: message.sent.map(|sent| sent.as_nanos()),
        due: message.due.map(|due| due.as_nanos()),
        select: message.select.clone(),
    };
    look.under_way.iter().map(message).collect()
}

fn timers(look: &Snapshot) -> Vec<Timer> {
    let timer = |timer: &quorate_lab::script::TimerState| Timer {
        node: timer.node.clone(),
        name: timer.name.clone(),
        armed: timer.armed.map(|armed| armed.as_nanos()),
        due: timer.due.as_nanos(),
    };
    look.timers.iter().map(timer).collect()
}

fn invariants(look: &Snapshot) -> Vec<Invariant> {
    let broken = look.violation.as_ref().map(|violation| &violation.broken);
    let state = |state: &quorate_lab::script::InvariantState| Invariant {
        name: state.summary.name,
        holds: state.holds,
        says: broken.filter(|broken| broken.invariant == state.summary.name).map(|broken| broken.detail.clone()),
    };
    look.invariants.iter().map(state).collect()
}

fn violation(live: &Live, look: &Snapshot) -> Option<Violation> {
    let broken = &look.violation.as_ref()?.broken;
    let is_violation = |event: &quorate_lab::trace::Event| matches!(event.what, EventKind::Violation { .. });
    let event = live.document.events.iter().rposition(is_violation);
    Some(Violation { invariant: broken.invariant, says: broken.detail.clone(), event })
}
