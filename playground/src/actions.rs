//! The actions that are possible next, each as a command.

use quorate_lab::env::Status;
use quorate_lab::script::{CommandLine, InteractiveRun, NodeState, Snapshot, Usage};

use crate::requests::requests_to;
use crate::response::{Action, On};

/// Largest number of nodes for which links have actions of their own.
const LINKED_MAX: usize = 9;

/// Everything that can be done next.
pub(crate) fn actions(run: &InteractiveRun, look: &Snapshot, requests: &[Usage]) -> Vec<Action> {
    if let Some(violation) = &look.violation {
        let line = match look.violation_expected {
            true => "continue".to_owned(),
            false => format!("expect violation={}", violation.broken.invariant),
        };
        let says = if look.violation_expected { "go on without this invariant" } else { "say that this is expected" };
        return vec![action(&line, says, On::Cluster)];
    }
    let mut actions = of_cluster(look);
    for (index, node) in look.nodes.iter().enumerate() {
        actions.extend(of_node(node));
        if node.status == Status::Up {
            let number = run.events();
            let asked = requests_to(run, look, requests, index, number);
            actions.extend(asked.into_iter().map(|(line, says)| action(&line, says, On::Node(node.name.clone()))));
        }
    }
    actions.extend(of_messages(look));
    for timer in look.timers.iter().filter(|timer| look.can_fire(timer)) {
        let (node, name) = (timer.node.clone(), timer.name.clone());
        let line = CommandLine::new("fire").word(&node).word(&name).to_string();
        actions.push(action(&line, "let the timer fire now", On::Timer { node, name }));
    }
    actions.extend(of_links(look));
    actions
}

fn action(line: &str, says: &str, on: On) -> Action {
    Action { line: line.to_owned(), says: says.to_owned(), on }
}

fn of_cluster(look: &Snapshot) -> Vec<Action> {
    let mut actions = Vec::new();
    if look.has_next {
        actions.push(action("step", "the next event", On::Cluster));
    }
    if look.under_way.iter().any(|message| message.due.is_some()) {
        actions.push(action("run", "until no message is in flight", On::Cluster));
    }
    actions.push(action("run 10ms", "let 10 ms pass", On::Cluster));
    if !look.cuts.is_empty() {
        actions.push(action("heal", "restore all links", On::Cluster));
    }
    actions
}

fn of_node(node: &NodeState) -> Vec<Action> {
    let faults: &[(&str, &str)] = match node.status {
        Status::Up => &[
            ("crash", "crash it: it keeps its disk"),
            ("pause", "pause it, without its notice"),
            ("suspend", "suspend its machine: its monotonic clock stands still"),
            ("wipe", "crash it and erase its disk"),
        ],
        Status::Paused => &[("resume", "let it go on"), ("crash", "crash it: it keeps its disk")],
        Status::Down => &[("restart", "restart it from its disk"), ("wipe", "erase its disk")],
    };
    let on = || On::Node(node.name.clone());
    faults.iter().map(|(command, says)| action(&format!("{command} {}", node.name), says, on())).collect()
}

fn of_messages(look: &Snapshot) -> impl Iterator<Item = Action> + '_ {
    look.under_way.iter().filter(|message| look.can_deliver(message)).filter_map(|message| {
        let select = message.select.as_ref()?;
        Some(action(&format!("inflight deliver {select}"), "deliver it now", On::Message(message.id)))
    })
}

fn of_links(look: &Snapshot) -> Vec<Action> {
    let names: Vec<&String> = look.nodes.iter().map(|node| &node.name).collect();
    if names.len() > LINKED_MAX {
        return Vec::new();
    }
    let pairs = names.iter().flat_map(|from| names.iter().map(move |to| (*from, *to))).filter(|(from, to)| from != to);
    let link = |(from, to): (&String, &String)| {
        let is_cut = look.cuts.iter().any(|(sender, receiver)| (sender, receiver) == (from, to));
        let (command, says) = if is_cut { ("join", "restore this link") } else { ("cut", "cut this direction") };
        action(&format!("{command} {from} {to}"), says, On::Link([from.clone(), to.clone()]))
    };
    pairs.map(link).collect()
}
