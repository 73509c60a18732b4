//! Rules shared by several kinds of leases, each under a name that traces cite.
//!
//! Every machine has its own enum of the rules that it can cite, in which these groups are
//! embedded. Mechanics and decisions of the [`Rulebook`](crate::Rulebook) that several machines
//! share are listed here once.
//!
//! Papers, by the names used here:
//! * *Leases*, Cary Gray and David Cheriton, 1989: terms, clocks, caches, recovery.
//! * *Chubby*, Mike Burrows, 2006: sequencers, lock-delay, fail-overs.
//! * *PaxosLease*, Marton Trencseni, Attila Gazso and Holger Reinhardt, 2012: leases from a
//!   majority, without disks.
//! * *Ongaro*, the dissertation *Consensus: Bridging Theory and Practice*, 2014: leader leases for
//!   reads.
//! * *Distributed locking*, Martin Kleppmann, *How to do distributed locking*, 2016: fencing
//!   tokens.
//! * *ABD*, Hagit Attiya, Amotz Bar-Noy and Danny Dolev, *Sharing Memory Robustly in
//!   Message-Passing Systems*, 1995.
//! * *φ accrual*, Naohiro Hayashibara and others, *The φ Accrual Failure Detector*, 2004.
//! * *RIFL*, Collin Lee and others, *Implementing Linearizability at Large Scale and Low Latency*,
//!   2015: duplicate requests.

quorate_protocol::rules! {
    /// A holder's term, under any granter.
    pub enum HolderRule {
        Lapse: "Leases §2", "a holder stops by itself at the end of its term";
        HoldOn: "Leases §2", "the lease was renewed in the meantime";
        ActInLease: "Leases §2", "the holder checks its lease and acts, in one step";
        LeaseOver: "Leases §2", "without a valid lease a node neither serves nor acts";
        GiveBack: "Leases §4", "a holder first stops acting, and then sends its release";
        AnswerWriter: "Distributed locking", "the client gets the result of its write";
    }
}

quorate_protocol::rules! {
    /// A holder's requests for a lease, and for its renewal.
    pub enum RenewalRule {
        Ask: "Leases §2", "a holder asks long before its term ends, and records the time of the request";
        Hold: "Leases §3, §5", "the holder counts its term from its request, on its own monotonic clock";
        GrantTooLate: "Leases §3", "a grant that arrives after the end of its term is void";
        GrantAfterRelease: "Leases §4", "a grant requested before a release does not count after it";
        TakeDenial: "Leases §2", "a refused renewal extends nothing: the current lease keeps its end";
        ReleaseHeard: "Leases §4", "the granter has received the release";
    }
}

quorate_protocol::rules! {
    /// Duplicate grants, and grants from before the node's restart.
    pub enum StaleGrantRule {
        HeldAlready: "Leases §2", "a duplicate grant changes nothing";
        GrantOfAnotherLife: "Leases §5", "a grant requested before a restart does not count after it";
    }
}

quorate_protocol::rules! {
    /// Answers that are counted towards a majority.
    pub enum CountRule {
        CountPromise: "PaxosLease", "a reply counts once per acceptor, and only in its own ballot";
        StaleAnswer: "PaxosLease; ABD", "a reply to an earlier request, or a second one from the same node, does not count";
    }
}

quorate_protocol::rules! {
    /// Duplicates of executed requests.
    pub enum RecordRule {
        AnswerFromRecord: "RIFL", "an executed request is answered again from its record, which was written together with its effect";
        Overtaken: "RIFL", "a newer request of the client completes its earlier ones, so older requests are not executed";
    }
}

quorate_protocol::rules! {
    /// Inputs that a node ignores.
    pub enum InputRule {
        NotMyRole: "Leases §2", "a node acts only in its own roles";
        RepeatedRequest: "RIFL", "a request that is already in progress is not started again";
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use quorate_protocol::Rule;

    use crate::cache::CacheRule;
    use crate::majority::MajorityRule;
    use crate::replicated::ReplicatedRule;
    use crate::single::SingleRule;
    use crate::store::StoreRule;

    /// The names of a machine's rules, each with its summary and its source.
    fn named<R: Rule>() -> BTreeMap<&'static str, (&'static str, &'static str)> {
        let named: BTreeMap<_, _> = R::ALL.iter().map(|rule| (rule.id(), (rule.summary(), rule.cite()))).collect();
        assert_eq!(named.len(), R::ALL.len(), "two rules of one machine have one name");
        named
    }

    fn machines() -> [BTreeMap<&'static str, (&'static str, &'static str)>; 5] {
        [
            named::<SingleRule>(),
            named::<MajorityRule>(),
            named::<CacheRule>(),
            named::<StoreRule>(),
            named::<ReplicatedRule>(),
        ]
    }

    #[test]
    fn every_rule_has_a_source_and_a_line_of_its_own() {
        for rules in machines() {
            let mut lines: Vec<_> = rules.values().map(|(says, _)| says).collect();
            lines.sort_unstable();
            lines.dedup();
            assert_eq!(lines.len(), rules.len());
            for (name, (says, cite)) in rules {
                assert!(!cite.is_empty(), "{name} has no source");
                assert!(!says.ends_with('.'), "{name} is a line, not a sentence");
            }
        }
    }

    #[test]
    fn a_name_means_the_same_in_every_machine() {
        let mut all = BTreeMap::new();
        for (name, meaning) in machines().into_iter().flatten() {
            assert_eq!(*all.entry(name).or_insert(meaning), meaning, "{name}");
        }
    }
}
