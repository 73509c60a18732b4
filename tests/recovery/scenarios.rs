//! Recovery in all scenarios: every restarted node shows the state that it had persisted.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::marker::PhantomData;

use quorate::catalogue;
use quorate::lab::script::{
    Args, ClusterSpec, OwnConfigs, Protocol, ProtocolAssertion, Registry, RunOptions, ScenarioRequest, ScriptProblem,
    Usage, run_scenario,
};
use quorate::protocol::{Constants, Machine, Names, NodeId};
use quorate::protocols::{
    BalancerTarget, ChannelTarget, LeaseCacheTarget, LeaseMajorityTarget, LeasePushedTarget, LeaseRaftTarget,
    LeaseStoreTarget, LeaseTarget, LockTarget, MultiPaxosTarget, OutboxTarget, PaxosCommitTarget, PaxosTarget,
    PbftTarget, PrimaryBackupTarget, RaftTarget, RedlockTarget, RegisterTarget, SagaTarget, SnowflakeTarget,
    ThreePhaseTarget, TrueTimeTarget, TwoPhaseTarget,
};

use crate::checker::{Counts, check};

/// Wrapper of a protocol that records the parsed cluster lines and disks.
struct Overheard<P>(PhantomData<P>);

/// Parsed cluster lines and disks, in order: a replay is parsed later.
struct Said<M: Machine> {
    configs: Vec<M::Config>,
    /// Of each cluster line, the nodes that have a configuration of their own.
    own: Vec<Vec<(NodeId, M::Config)>>,
    disks: Vec<M::Disk>,
}

/// Thread-local storage for it, one for each kind of machine.
trait Kept: Protocol {
    fn said<T>(look: impl FnOnce(&mut Said<Self::Machine>) -> T) -> T;
}

macro_rules! kept {
    ($($script:ty),+) => {
        $(impl Kept for $script {
            fn said<T>(look: impl FnOnce(&mut Said<Self::Machine>) -> T) -> T {
                thread_local! {
                    static SAID: RefCell<Said<<$script as Protocol>::Machine>> =
                        const { RefCell::new(Said { configs: Vec::new(), own: Vec::new(), disks: Vec::new() }) };
                }
                SAID.with_borrow_mut(look)
            }
        })+
    };
}

kept!(
    PaxosTarget,
    MultiPaxosTarget,
    RaftTarget,
    LeaseTarget,
    LeaseMajorityTarget,
    LeaseStoreTarget,
    LeaseCacheTarget,
    LeasePushedTarget,
    LeaseRaftTarget,
    LockTarget,
    RedlockTarget,
    TwoPhaseTarget,
    PaxosCommitTarget,
    OutboxTarget,
    ThreePhaseTarget,
    SagaTarget,
    RegisterTarget,
    PrimaryBackupTarget,
    PbftTarget,
    ChannelTarget,
    BalancerTarget,
    TrueTimeTarget,
    SnowflakeTarget
);

impl<P: Kept> Protocol for Overheard<P> {
    type Machine = P::Machine;
    type Invariants = P::Invariants;

    const NAME: &'static str = P::NAME;
    const CLUSTER: Usage = P::CLUSTER;
    const REQUESTS: &'static [Usage] = P::REQUESTS;
    const ASSERTIONS: &'static [Usage] = P::ASSERTIONS;
    const DISK: Option<Usage> = P::DISK;
    const HIDDEN_FACTS: &'static [&'static str] = P::HIDDEN_FACTS;

    fn cluster_spec(args: &mut Args<'_>) -> Result<ClusterSpec<Self>, ScriptProblem> {
        let ClusterSpec { nodes, config, invariants } = P::cluster_spec(args)?;
        P::said(|said| said.configs.push(config.clone()));
        Ok(ClusterSpec { nodes, config, invariants })
    }

    fn own_configs(
        args: &mut Args<'_>,
        names: &Names,
        config: &<P::Machine as Machine>::Config,
    ) -> Result<OwnConfigs<Self>, ScriptProblem> {
        let own = P::own_configs(args, names, config)?;
        P::said(|said| said.own.push(own.clone()));
        Ok(own)
    }

    fn rulebooks() -> Vec<(&'static str, <P::Machine as Machine>::Rulebook)> {
        P::rulebooks()
    }

    fn request(name: &str, args: &mut Args<'_>, names: &Names) -> Result<ScenarioRequest<P::Machine>, ScriptProblem> {
        P::request(name, args, names)
    }

    fn disk(args: &mut Args<'_>, names: &Names) -> Result<<P::Machine as Machine>::Disk, ScriptProblem> {
        let disk = P::disk(args, names)?;
        P::said(|said| said.disks.push(disk.clone()));
        Ok(disk)
    }

    fn assertion(name: &str, args: &mut Args<'_>, names: &Names) -> Result<ProtocolAssertion<Self>, ScriptProblem> {
        P::assertion(name, args, names)
    }
}

/// Runs the scenarios of a protocol, and compares the views after restarts with their traces.
fn plays<P: Kept>(counts: &mut Counts) {
    let registry = Registry::new().with::<Overheard<P>>();
    let line = format!("cluster {} ", P::NAME);
    for scenario in catalogue::all().iter().filter(|scenario| scenario.text().lines().any(|it| it.starts_with(&line))) {
        // This bug is one of a variant, which is another machine.
        if scenario.text().contains("rules=prepare-carries-value") {
            continue;
        }
        P::said(|said| *said = Said { configs: Vec::new(), own: Vec::new(), disks: Vec::new() });
        let run_result = run_scenario(scenario.text(), &registry, RunOptions::default())
            .unwrap_or_else(|failure| panic!("{}: {failure}", scenario.path()));
        let document = run_result.document;
        let place = |name: &str| document.header.nodes.iter().position(|node| node == name);
        let named = scenario
            .text()
            .lines()
            .filter_map(|line| line.trim_start_matches('(').strip_prefix("disk ")?.split(' ').next());
        let nodes = named.map(|name| NodeId(place(name).expect("the node is in the cluster") as u32));
        let Said::<P::Machine> { configs, mut own, disks } = P::said(|said| Said {
            configs: std::mem::take(&mut said.configs),
            own: std::mem::take(&mut said.own),
            disks: std::mem::take(&mut said.disks),
        });
        let given: BTreeMap<NodeId, _> = nodes.zip(disks).collect();
        let rules =
            scenario.text().lines().find_map(|it| it.strip_prefix(&line)?.split("rules=").nth(1)?.split(' ').next());
        let known =
            |name: &str| P::rulebooks().into_iter().find(|(id, _)| *id == name).expect("there is such a rulebook").1;
        let mut constants = Constants::<P::Machine>::under(configs[0].clone(), rules.map(known).unwrap_or_default());
        own.swap_remove(0).into_iter().for_each(|(node, config)| constants.configure(node, config));
        *counts += check::<P::Machine>(&document, &constants, &given)
            .unwrap_or_else(|wrong| panic!("{}: {wrong}", scenario.path()));
    }
}

#[test]
fn every_scenario_that_crashes() {
    let mut counts = Counts::default();
    plays::<PaxosTarget>(&mut counts);
    plays::<MultiPaxosTarget>(&mut counts);
    plays::<RaftTarget>(&mut counts);
    plays::<LeaseTarget>(&mut counts);
    plays::<LeaseMajorityTarget>(&mut counts);
    plays::<LeaseStoreTarget>(&mut counts);
    plays::<LeaseCacheTarget>(&mut counts);
    plays::<LeasePushedTarget>(&mut counts);
    plays::<LeaseRaftTarget>(&mut counts);
    plays::<LockTarget>(&mut counts);
    plays::<RedlockTarget>(&mut counts);
    plays::<TwoPhaseTarget>(&mut counts);
    plays::<PaxosCommitTarget>(&mut counts);
    plays::<OutboxTarget>(&mut counts);
    plays::<ThreePhaseTarget>(&mut counts);
    plays::<SagaTarget>(&mut counts);
    plays::<RegisterTarget>(&mut counts);
    plays::<PrimaryBackupTarget>(&mut counts);
    plays::<PbftTarget>(&mut counts);
    plays::<ChannelTarget>(&mut counts);
    plays::<BalancerTarget>(&mut counts);
    plays::<TrueTimeTarget>(&mut counts);
    plays::<SnowflakeTarget>(&mut counts);
    assert!(counts.restarts >= 20 && counts.records > 500, "{counts:?}");
}
