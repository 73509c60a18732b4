//! Assertions about the present state of the run.

use quorate_protocol::{Invariant, Machine, Names, NodeId};

use super::{Assertion, Field, at_path, owned, read_out, reads};
use crate::env::Status;
use crate::plural;
use crate::script::args::{Args, node, whole};
use crate::script::problem::ScriptProblem;
use crate::sim::World;
use crate::trace::{Lane, TypedEvent, humanize, json};

/// A condition on the present state of the run.
#[derive(Debug)]
pub(super) enum Condition {
    Status { node: NodeId, up: bool },
    View { node: NodeId, fields: Vec<Field> },
    Held(usize),
}

impl Condition {
    /// Parses the words after the first option.
    pub(super) fn read(key: &str, value: &str, args: &mut Args<'_>, names: &Names) -> Result<Self, ScriptProblem> {
        Ok(match key {
            "up" | "down" => Condition::Status { node: node(names, value)?, up: key == "up" },
            "held" => Condition::Held(whole(value, "a number of messages")?),
            _ => {
                let node = node(names, value)?;
                let fields: Vec<Field> = args.remaining_options().map(owned).collect();
                if fields.is_empty() {
                    return Err(ScriptProblem::Missing {
                        what: "a field of the state",
                        usage: "expect state=NODE PATH=VALUE …",
                    });
                }
                Condition::View { node, fields }
            }
        })
    }
}

impl<M: Machine, I: Invariant<M>> Assertion<M, I> for Condition {
    fn says(&self) -> String {
        match self {
            Condition::Status { node, up: true } => format!("{node} to be up"),
            Condition::Status { node, up: false } => format!("{node} to be down"),
            Condition::Held(count) => plural(*count as u64, "held message"),
            Condition::View { node, fields } => {
                let fields: Vec<String> = fields.iter().map(|(path, text)| format!("{path} {text}")).collect();
                format!("the state of {node} to have {}", fields.join(" and "))
            }
        }
    }

    fn see(&mut self, _: Option<Lane>, _: &TypedEvent<M>) {}

    fn holds(&self, world: &World<M, I>) -> Result<(), String> {
        match self {
            Condition::Status { node, up } => match world.status(*node) {
                Some(status) if (status == Status::Up) == *up && status != Status::Paused => Ok(()),
                Some(Status::Up) => Err("it is up".to_owned()),
                Some(Status::Paused) => Err("it is paused".to_owned()),
                Some(Status::Down) | None => Err("it is down".to_owned()),
            },
            Condition::Held(count) if world.held() == *count => Ok(()),
            Condition::Held(_) => Err(format!("{} are held", world.held())),
            Condition::View { node, fields } => {
                let Some(view) = world.view(*node) else { return Err("it is down".to_owned()) };
                let view = json(&view);
                for (path, text) in fields {
                    match at_path(&view, path) {
                        Some(value) if reads(value, text) => {}
                        Some(value) => return Err(format!("its {path} is {}", read_out(value))),
                        None => return Err(format!("its state is: {}", humanize(&view))),
                    }
                }
                Ok(())
            }
        }
    }
}
