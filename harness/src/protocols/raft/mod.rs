//! Raft in scenarios: `cluster raft …`, `put n1 x 8`, `expect committed 2 x 8`.
//!
//! The replicated state machine is a key-value store. A scenario may begin with existing logs, as
//! the figures of the paper do: `disk` sets the log that a node finds when it boots.

mod assertions;
mod cluster;

use quorate_lab::script::{
    Args, ClusterSpec, Protocol, ProtocolAssertion, RulebookOf, ScenarioRequest, ScriptProblem, Usage,
};
use quorate_protocol::{Invariant, InvariantSummary, InvariantViolation, Names, NodeId, StepView, Variant};
use quorate_raft::{
    Command, Config, ConfigChange, Disk, Invariants, KeyValue, KeyValueCommand, KeyValueQuery, Raft, invariants,
};

use super::roles::refused;
use crate::experiments::SingleCopyKv;
use crate::protocols::{RaftMachine, RaftOf};

/// Invariants.
type Watched = (Invariants<KeyValue>, SingleStoreAnswers);

/// Invariant that all answers are those of one store, enabled if the scenario's clients behave as
/// [`SingleCopyKv`] assumes: one request after another.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct SingleStoreAnswers(Option<SingleCopyKv>);

impl<M: Variant<Reference = Raft<KeyValue>>> Invariant<M> for SingleStoreAnswers {
    fn summaries(&self) -> Vec<InvariantSummary> {
        self.0.as_ref().map(Invariant::<M>::summaries).unwrap_or_default()
    }

    fn check(&mut self, seen: &StepView<'_, M>) -> Result<(), InvariantViolation> {
        self.0.as_mut().map_or(Ok(()), |store| store.check(seen))
    }
}

impl<M: RaftMachine<KeyValue>> Protocol for RaftOf<M> {
    type Machine = M;
    type Invariants = Watched;

    const NAME: &'static str = Self::NAME;
    const CLUSTER: Usage = Usage {
        form: "cluster raft nodes=3 [voters=n1,n2] [learners=n3] [election=150ms..300ms] [heartbeat=50ms] [pre-vote=on] \
               [check-quorum=on] [probes=on] [snapshot-every=100 snapshot-keep=0 snapshot-chunk=8] [window=8] [batch=256] \
               [promotion-lag=16] [command-limit=1048576] [session-replies=64] [watch=one-store]",
        says: "Raft: a leader replicates a log, here that of a key-value store (Ongaro and Ousterhout 2014)",
    };
    const REQUESTS: &'static [Usage] = &[
        Usage { form: "put NODE KEY VALUE [client=c1]", says: "a client sets a value" },
        Usage { form: "append NODE KEY VALUE [client=c1]", says: "a client adds to the end of a value" },
        Usage { form: "delete NODE KEY [client=c1]", says: "a client deletes a value" },
        Usage {
            form: "cas NODE KEY EXPECTED|none VALUE|none [client=c1]",
            says: "a client sets a value if the present one is as expected, or deletes it (compare and set)",
        },
        Usage { form: "get NODE KEY [client=c1]", says: "a client reads a value, without a log entry" },
        Usage { form: "add-learner NODE NEW [client=c1]", says: "a client adds a node without a vote" },
        Usage { form: "add-voter NODE LEARNER [client=c1]", says: "a client promotes a learner to a voter" },
        Usage { form: "remove-member NODE OLD [client=c1]", says: "a client removes a node from the cluster" },
        Usage {
            form: "replace-voters NODE A,B,C [client=c1]",
            says: "a client replaces the voters by these, with joint consensus",
        },
        Usage { form: "transfer NODE TO [client=c1]", says: "a client asks the leader to transfer its leadership" },
    ];
    const ASSERTIONS: &'static [Usage] = &[
        Usage {
            form: "leader [NODE] [term=N]",
            says: "a node (this one) leads; among several leaders the one of the newest term counts",
        },
        Usage { form: "no-leader", says: "no node believes that it leads" },
        Usage {
            form: "committed INDEX [KEY VALUE] [term=N] [node=X]",
            says: "a node (this one) knows that the entry at the index is committed (and sets this value)",
        },
        Usage {
            form: "uncommitted INDEX [node=X]",
            says: "no node (or not this one) knows that an entry at the index is committed",
        },
        Usage {
            form: "log NODE 1,1,4|none",
            says: "the terms of the entries in the node's log, as in the paper's figures",
        },
        Usage {
            form: "same-logs",
            says: "all nodes that are up have the same log, apart from what snapshots have replaced",
        },
        Usage { form: "value KEY VALUE|none [node=X]", says: "every store that is up (this one) has this value" },
    ];
    const DISK: Option<Usage> = Some(Usage {
        form: "disk NODE [log=1,1,4 | log=1,1:x=8] [term=N] [vote=X]",
        says: "the terms of the entries in a node's log, with the values that they set; the current term defaults to that of the last entry",
    });
    const HIDDEN_FACTS: &'static [&'static str] = &["Applied", "ConfigurationCommitted"];

    fn warnings(config: &Config) -> Vec<String> {
        config.warning().iter().map(ToString::to_string).collect()
    }

    fn rulebooks() -> Vec<(&'static str, RulebookOf<Self>)> {
        quorate_bugs::rulebooks::<M>().into_iter().map(|book| (book.id(), book.rules)).collect()
    }

    fn cluster_spec(args: &mut Args<'_>) -> Result<ClusterSpec<Self>, ScriptProblem> {
        let (nodes, settings) = cluster::settings(args)?;
        let config = settings.build().map_err(|error| refused(&nodes, &error))?;
        let answers = match args.option("watch") {
            None => SingleStoreAnswers(None),
            Some("one-store") => SingleStoreAnswers(Some(SingleCopyKv::default())),
            Some(other) => return Err(ScriptProblem::unknown("additional invariant", other, ["one-store"])),
        };
        Ok(ClusterSpec { nodes, config, invariants: (invariants(), answers) })
    }

    fn request(name: &str, args: &mut Args<'_>, names: &Names) -> Result<ScenarioRequest<M>, ScriptProblem> {
        let to = Some(args.node(names)?);
        let command = match name {
            "get" => Command::Read(KeyValueQuery::Get { key: key(args)? }),
            "add-learner" => Command::ChangeMembership(ConfigChange::AddLearner(args.node(names)?)),
            "add-voter" => Command::ChangeMembership(ConfigChange::AddVoter(args.node(names)?)),
            "remove-member" => Command::ChangeMembership(ConfigChange::Remove(args.node(names)?)),
            "replace-voters" => {
                let voters = cluster::nodes(args.need("the new voters")?, names)?;
                Command::ChangeMembership(ConfigChange::Replace { voters })
            }
            "transfer" => Command::TransferLeadership(args.node(names)?),
            _ => Command::Apply(change(name, args)?),
        };
        Ok(ScenarioRequest { to, command })
    }

    fn disk(args: &mut Args<'_>, names: &Names) -> Result<Disk<KeyValue>, ScriptProblem> {
        cluster::disk(args, names)
    }

    fn assertion(name: &str, args: &mut Args<'_>, names: &Names) -> Result<ProtocolAssertion<Self>, ScriptProblem> {
        assertions::read(name, args, names)
    }
}

fn key(args: &mut Args<'_>) -> Result<String, ScriptProblem> {
    args.text("a key").map(str::to_owned)
}

/// Reads a value to be stored. `none` stands for no value everywhere, so it cannot be one.
fn value(args: &mut Args<'_>) -> Result<String, ScriptProblem> {
    let refused = "'none' stands for no value and cannot be stored; use 'delete', or store another word";
    unless_none(args.text("a value")?).ok_or_else(|| ScriptProblem::bad(refused))
}

/// Reads a request that changes the store.
fn change(name: &str, args: &mut Args<'_>) -> Result<KeyValueCommand, ScriptProblem> {
    let key = key(args)?;
    Ok(match name {
        "put" => KeyValueCommand::Put { key, value: value(args)? },
        "append" => KeyValueCommand::Append { key, value: value(args)? },
        "delete" => KeyValueCommand::Delete { key },
        _ => {
            let expected = unless_none(args.text("the expected value")?);
            KeyValueCommand::CompareAndSet { key, expected, value: unless_none(args.text("a value, or none")?) }
        }
    })
}

/// Parses a value, or `none` for no value.
fn unless_none(text: &str) -> Option<String> {
    (text != "none").then(|| text.to_owned())
}

/// Looks up nodes by name; an id is the position among `nodes`.
fn named(nodes: &[String], some: &[&str]) -> Result<Vec<NodeId>, ScriptProblem> {
    let names = Names::new(nodes.iter().map(String::as_str), [""; 0]);
    some.iter()
        .map(|name| names.node(name).ok_or_else(|| ScriptProblem::unknown("node", name, nodes.to_vec())))
        .collect()
}
