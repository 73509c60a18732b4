//! Random runs: losses, duplicates, delays and crashes violate no invariant, and once all faults
//! have ended, every client is answered. Together the runs cover every rule.

use std::collections::BTreeSet;

use quorate_paxos::invariants::Observable;
use quorate_paxos::multi::{self, MultiPaxos, Rhythm};
use quorate_paxos::{Command, Config, Paxos, PaxosRule, Reply, Timer, Value};
use quorate_protocol::{Machine, NodeId, RequestId, Rule};

use crate::cluster::{A, B, C, Cluster, L, M, X, Y, Z, apart};

/// The splitmix64 generator.
struct Rng(u64);

impl Rng {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % sides as u64) as usize
    }
}

/// Delivers one message, or injects one fault.
fn happen<N>(cluster: &mut Cluster<N>, rng: &mut Rng)
where
    N: Observable + Machine<Clock = (), Rule = PaxosRule>,
{
    let flying = cluster.flying.len();
    let nodes = cluster.nodes().count();
    match rng.roll(100) {
        0..75 if flying > 0 => {
            let envelope = cluster.flying.remove(rng.roll(flying));
            cluster.deliver(envelope.from, envelope.to, envelope.message);
        }
        75..80 if flying > 0 => {
            let index = rng.roll(flying);
            if cluster.flying[index].from != cluster.flying[index].to {
                cluster.flying.remove(index);
            }
        }
        80..86 if flying > 0 => {
            let envelope = cluster.flying[rng.roll(flying)].clone();
            if envelope.from != envelope.to {
                cluster.flying.push(envelope);
            }
        }
        86..96 if !cluster.timers.is_empty() => {
            let (node, timer) = cluster.timers.keys().nth(rng.roll(cluster.timers.len())).unwrap().clone();
            cluster.fire(node, timer);
        }
        96..98 => cluster.crash(NodeId(rng.roll(nodes) as u32)),
        98..100 => {
            let down: Vec<_> = cluster.nodes().filter(|&node| !cluster.is_up(node)).collect();
            down.iter().for_each(|&node| cluster.restart(node));
        }
        _ => {}
    }
}

fn heal<N>(cluster: &mut Cluster<N>)
where
    N: Observable + Machine<Clock = (), Rule = PaxosRule>,
{
    let down: Vec<_> = cluster.nodes().filter(|&node| !cluster.is_up(node)).collect();
    down.iter().for_each(|&node| cluster.restart(node));
    cluster.settle();
}

fn basic_run(config: &Config, seed: u64, fired: &mut BTreeSet<PaxosRule>) {
    let mut cluster = Cluster::<Paxos>::paxos(config);
    let mut rng = Rng(seed);
    let mut asked: Vec<(NodeId, RequestId, Command)> = Vec::new();
    for _ in 0..300 {
        if rng.roll(25) == 0 {
            let node = NodeId(rng.roll(cluster.nodes().count()) as u32);
            let round = (rng.roll(4) == 0).then(|| rng.roll(6) as u64);
            let command = Command::Propose { value: Value::from(asked.len() as u64), round };
            if rng.roll(4) > 0 || asked.is_empty() {
                let (ticket, _) = cluster.ask(node, command.clone());
                asked.push((node, ticket, command));
            } else {
                let (node, ticket, command) = asked[rng.roll(asked.len())].clone();
                cluster.ask_again(node, ticket, command);
            }
        }
        happen(&mut cluster, &mut rng);
    }
    heal(&mut cluster);
    let is_chosen = !asked.is_empty();
    for (_, ticket, command) in asked {
        let proposer = config.proposers()[0];
        cluster.ask_again(proposer, ticket, command);
        while let Some(&(node, timer)) = cluster.timers.keys().find(|(_, timer)| *timer == Timer::Retry) {
            cluster.fire(node, timer);
            cluster.settle();
        }
        let answer = cluster.replies.iter().rfind(|(answered, _)| *answered == ticket);
        assert!(matches!(answer, Some((_, Reply::Chosen { .. }))), "seed {seed}: {ticket} was answered {answer:?}");
    }
    let unsure: Vec<_> = cluster.timers.keys().copied().collect();
    for (learner, timer) in unsure.into_iter().filter(|_| is_chosen) {
        assert_eq!(timer, Timer::CatchUp);
        if cluster.timers.contains_key(&(learner, timer)) {
            cluster.fire(learner, timer);
            cluster.settle();
        }
        assert!(cluster.node(learner).chosen().is_some(), "seed {seed}: {learner} did not catch up");
    }
    assert_eq!(cluster.violations, [], "seed {seed}");
    let known: BTreeSet<_> = cluster.nodes().filter_map(|node| cluster.node(node).chosen().cloned()).collect();
    assert!(known.len() <= 1, "seed {seed}: {known:?}");
    fired.extend(&cluster.fired);
}

fn multi_run(config: &multi::Config, seed: u64, fired: &mut BTreeSet<PaxosRule>) -> usize {
    let mut cluster = Cluster::<MultiPaxos>::multi(config);
    let mut rng = Rng(seed);
    let mut asked: Vec<(RequestId, multi::Command)> = Vec::new();
    for _ in 0..600 {
        if rng.roll(20) == 0 {
            let node = NodeId(rng.roll(cluster.nodes().count()) as u32);
            let command = multi::Command::Propose { value: Value::from(asked.len() as u64) };
            if rng.roll(4) > 0 || asked.is_empty() {
                let (ticket, _) = cluster.ask(node, command.clone());
                asked.push((ticket, command));
            } else {
                let (ticket, command) = asked[rng.roll(asked.len())].clone();
                cluster.ask_again(node, ticket, command);
            }
        }
        happen(&mut cluster, &mut rng);
    }
    heal(&mut cluster);
    let leader = config.proposers()[0];
    for (ticket, command) in asked {
        let answers = cluster.replies.len();
        for _ in 0..10 {
            lead_on(leader, &mut cluster);
            if !cluster.replies[answers..].iter().any(|(answered, reply)| *answered == ticket && is_chosen(reply)) {
                cluster.ask_again(leader, ticket, command.clone());
                cluster.settle();
            }
        }
        let chosen = cluster.replies[answers..].iter().any(|(answered, reply)| *answered == ticket && is_chosen(reply));
        assert!(chosen, "seed {seed}: {ticket} was answered {:?}", &cluster.replies[answers..]);
    }
    (0..4).for_each(|_| lead_on(leader, &mut cluster));
    let log: Vec<_> = cluster.node(leader).log().map(|(slot, entry)| (slot, entry.clone())).collect();
    for &learner in config.learners() {
        let known = cluster.node(learner).log().map(|(slot, entry)| (slot, entry.clone()));
        assert!(known.eq(log.iter().cloned()), "seed {seed}: {learner} knows another log");
    }
    assert_eq!(cluster.violations, [], "seed {seed}");
    fired.extend(&cluster.fired);
    log.len()
}

const fn is_chosen(reply: &multi::Reply) -> bool {
    matches!(reply, multi::Reply::Chosen { .. })
}

/// Makes this proposer campaign or continue to lead, and no other.
fn lead_on(proposer: NodeId, cluster: &mut Cluster<MultiPaxos>) {
    let leads = cluster.node(proposer).is_leader();
    cluster.fire(proposer, if leads { multi::Timer::Heartbeat } else { multi::Timer::Election });
    cluster.settle();
}

fn shapes() -> [Config; 5] {
    let flexible = Config::builder([A, B], [X, Y, Z, M], [L]).phase_1_quorum(3).phase_2_quorum(2);
    let distinguished = Config::builder([A, B, C], [X, Y, Z], [L, M]).distinguished_learner(L);
    let five = (0..5).map(NodeId);
    let one_for_all = Config::builder(five.clone(), five.clone(), five).distinguished_learner(B);
    [
        apart(),
        Config::symmetric(3).unwrap(),
        flexible.build().unwrap(),
        distinguished.build().unwrap(),
        one_for_all.build().unwrap(),
    ]
}

fn multi_shapes() -> [multi::Config; 4] {
    let flexible = Config::builder([A, B], [X, Y, Z, M], [A, B, L]).phase_1_quorum(3).phase_2_quorum(2);
    let distinguished = Config::builder([A, B, C], [X, Y, Z], [A, B, C, L]).distinguished_learner(L);
    let shapes = [
        Config::symmetric(3).unwrap(),
        Config::symmetric(5).unwrap(),
        flexible.build().unwrap(),
        distinguished.build().unwrap(),
    ];
    shapes.map(|roles| multi::Config::new(roles, Rhythm::default()).unwrap())
}

/// The runs of both protocols, with the coverage of all rules.
#[test]
fn misfortune_breaks_nothing_and_fires_every_rule() {
    let mut fired = BTreeSet::new();
    for config in &shapes() {
        (0..100).for_each(|seed| basic_run(config, seed, &mut fired));
    }
    for config in &multi_shapes() {
        let slots: usize = (0..50).map(|seed| multi_run(config, seed, &mut fired)).sum();
        assert!(slots > 500, "{slots} slots in 50 runs is next to nothing");
    }
    let silent: Vec<_> = PaxosRule::ALL.iter().filter(|rule| !fired.contains(rule)).collect();
    assert!(silent.is_empty(), "never fired: {silent:?}");
}
