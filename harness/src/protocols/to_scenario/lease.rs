//! Leases of every kind as scenario text.

use quorate_lab::script::CommandLine;
use quorate_lease::replicated::{self};
use quorate_lease::{
    Command, DetectorConfig, FenceCheck, Recovery, Settings, Terms, cache, majority, pushed, safe_holder_term, store,
};
use quorate_protocol::{Duration, Names, NodeId};
use quorate_raft as raft;

use super::{ConfigOf, ToScenario, range, unless};
use crate::protocols::{
    LeaseCacheTarget, LeaseMachine, LeaseMajorityTarget, LeaseOf, LeasePushedTarget, LeaseRaftTarget, LeaseStoreTarget,
};

fn names_of(nodes: &[NodeId]) -> String {
    nodes.iter().map(NodeId::to_string).collect::<Vec<_>>().join(",")
}

fn span(span: Duration) -> String {
    format!("{span:?}")
}

/// Appends the terms: `term=10s holder-term=9s renew=3s`, as far as they do not follow from the
/// first.
pub(in crate::protocols) fn lasting(line: CommandLine, terms: &Terms, [term, holder, renew]: [&str; 3]) -> CommandLine {
    let usual = safe_holder_term(terms.granter(), terms.drift());
    line.option(term, span(terms.granter()))
        .option_if(holder, unless(terms.holder(), &usual).map(span))
        .option_if(renew, unless(terms.renew_every(), &(terms.holder() / 3)).map(span))
}

fn terms(line: CommandLine, terms: &Terms) -> CommandLine {
    drift(lasting(line, terms, ["term", "holder-term", "renew"]), terms)
}

pub(in crate::protocols) fn drift(line: CommandLine, terms: &Terms) -> CommandLine {
    line.option_if("drift", unless(terms.drift().ppm(), &0).map(|ppm| format!("{ppm}ppm")))
}

impl<M: LeaseMachine> ToScenario for LeaseOf<M> {
    fn line(_: &Names, config: &ConfigOf<Self>) -> CommandLine {
        let line = CommandLine::new("cluster").word("lease").option("granter", config.granter);
        let line = line.option("holders", names_of(&config.holders)).option_if("resource", config.resource);
        let usual = Settings::new(config.granter, [], config.terms);
        let watch = unless(config.watch, &usual.watch).map(|watch| match watch {
            DetectorConfig::Timeout { after } => span(after),
            DetectorConfig::PhiAccrual { threshold_milli: 8000, .. } => "phi".to_owned(),
            DetectorConfig::PhiAccrual { threshold_milli, .. } => format!("phi{}", threshold_milli / 1000),
        });
        let check = match config.check {
            FenceCheck::NewestSeen => None,
            FenceCheck::AskGranter => Some("ask-granter"),
            FenceCheck::GrantersSeal => Some("granters-seal"),
        };
        terms(line, &config.terms)
            .option_if("own-term", unless(config.own_term, &usual.own_term).map(span))
            .option_if("watch", watch)
            .option_if("recovery", (config.recovery == Recovery::FromDisk).then_some("from-disk"))
            .option_if("lock-delay", unless(config.lock_delay, &Duration::ZERO).map(span))
            .option_if("work", unless(config.work, &Duration::ZERO).map(span))
            .option_if("act-every", config.act_every.map(span))
            .option_if("check", check)
    }

    fn phrase(to: NodeId, command: &Command) -> Result<CommandLine, String> {
        let ask = |name: &str| CommandLine::new(name).word(to);
        Ok(match command {
            Command::Serve => ask("serve"),
            Command::Act => ask("act"),
            Command::WorkAndAct => ask("work"),
            Command::Write { value } => ask("write").word(value.as_str()),
            Command::WriteShared { value } => ask("write-shared").word(value.as_str()),
            Command::Release { successor } => ask("give-back").option_if("to", *successor),
        })
    }
}

impl ToScenario for LeaseMajorityTarget {
    fn line(_: &Names, config: &ConfigOf<Self>) -> CommandLine {
        let line = CommandLine::new("cluster").word("lease-majority");
        let line = if config.proposers == config.acceptors {
            line.option("nodes", names_of(&config.acceptors))
        } else {
            line.option("proposers", names_of(&config.proposers)).option("acceptors", names_of(&config.acceptors))
        };
        terms(line, &config.terms).option_if("act-every", config.act_every.map(span))
    }

    fn phrase(to: NodeId, command: &majority::Command) -> Result<CommandLine, String> {
        Ok(CommandLine::new(if *command == majority::Command::Act { "act" } else { "give-back" }).word(to))
    }
}

impl ToScenario for LeaseStoreTarget {
    fn line(_: &Names, config: &ConfigOf<Self>) -> CommandLine {
        let line = CommandLine::new("cluster").word("lease-store");
        let line = line.option("fronts", names_of(&config.fronts)).option("replicas", names_of(&config.replicas));
        line.option("retry", span(config.retry))
    }

    fn phrase(to: NodeId, command: &store::Command) -> Result<CommandLine, String> {
        Ok(match command {
            store::Command::Open { token } => CommandLine::new("open").word(to).word(token.0),
            store::Command::Write { value } => CommandLine::new("write").word(to).word(value.as_str()),
        })
    }
}

impl ToScenario for LeaseCacheTarget {
    fn line(names: &Names, config: &ConfigOf<Self>) -> CommandLine {
        let caches: Vec<NodeId> = super::everybody(names).into_iter().filter(|node| *node != config.server).collect();
        let line = CommandLine::new("cluster").word("lease-cache").option("server", config.server);
        terms(line.option("caches", names_of(&caches)), &config.terms)
    }

    fn phrase(to: NodeId, command: &cache::Command) -> Result<CommandLine, String> {
        Ok(match command {
            cache::Command::Read { key } => CommandLine::new("read").word(to).word(key),
            cache::Command::Write { key, value } => CommandLine::new("write").word(to).word(key).word(value.as_str()),
        })
    }
}

impl ToScenario for LeasePushedTarget {
    fn line(_: &Names, config: &ConfigOf<Self>) -> CommandLine {
        let line = CommandLine::new("cluster").word("lease-pushed").option("issuer", config.issuer);
        let line = line.option("holders", names_of(&config.holders)).option_if("resource", config.resource);
        line.option("term", span(config.term))
            .option_if("every", unless(config.every, &(config.term / 10)).map(span))
            .option_if("skew", unless(config.skew, &Duration::ZERO).map(span))
            .option_if("ends", (config.ends == pushed::Ends::Version).then_some("version"))
            .option_if("act-every", config.act_every.map(span))
    }

    fn phrase(to: NodeId, command: &pushed::Command) -> Result<CommandLine, String> {
        Ok(match command {
            pushed::Command::Appoint { holder } => CommandLine::new("appoint").word(to).word(holder),
            pushed::Command::Act => CommandLine::new("act").word(to),
            pushed::Command::Write { value } => CommandLine::new("write").word(to).word(value.as_str()),
        })
    }
}

impl ToScenario for LeaseRaftTarget {
    fn line(_: &Names, config: &ConfigOf<Self>) -> CommandLine {
        let (servers, usual) = (&config.servers, raft::Settings::default());
        let line = CommandLine::new("cluster").word("lease-raft").option("servers", names_of(&servers.voters));
        let line = terms(line.option("holders", names_of(&config.holders)), &config.terms);
        lasting(line, &config.trust, ["trust", "trust-term", "ask-trust"])
            .option_if("election", unless(servers.election.clone(), &usual.election).map(|wait| range(wait.into())))
            .option_if("heartbeat", unless(servers.heartbeat, &usual.heartbeat).map(span))
            .option_if("act-every", config.act_every.map(span))
    }

    fn phrase(to: NodeId, command: &replicated::Command) -> Result<CommandLine, String> {
        use replicated::Command;
        let (name, lease) = match command {
            Command::TransferLeadership { to: other } => return Ok(CommandLine::new("transfer").word(to).word(other)),
            Command::Acquire { lease } => ("acquire", lease),
            Command::Release { lease } => ("give-back", lease),
            Command::Act { lease } => ("act", lease),
            Command::Watch { lease } => ("watch", lease),
            Command::Query { lease } => ("query", lease),
        };
        Ok(CommandLine::new(name).word(to).word(lease))
    }
}
