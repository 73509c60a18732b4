//! What a protocol tells the language about itself, and the list of protocols that a stage can play.

use std::fmt;

use quorate_protocol::{Invariant, Machine, Names, NodeId};

use super::claim::Claim;
use super::phrase::Phrase;
use super::play::{Casting, Play, Stage};
use super::problem::Problem;
use super::usage::Usage;
use super::words::Words;

/// The adaptor between a protocol and the scenario language.
///
/// The language knows time, faults, the network and the trace of every machine. What it cannot know is which roles a
/// cluster line names, what clients may ask for, and what counts as success: that is here.
pub trait Protocol: Sized + 'static {
    /// The machine.
    type Machine: Machine;
    /// What must hold after every step.
    type Invariants: Invariant<Self::Machine>;

    /// The word behind `cluster`.
    const NAME: &'static str;
    /// The form of its cluster line, with the options that it adds, e.g. `cluster paxos nodes=3 [learners=…]`, and one line
    /// about the protocol.
    const CLUSTER: Usage;
    /// The commands it adds: what clients ask for.
    const REQUESTS: &'static [Usage];
    /// The claims it adds, for `expect` and `until`.
    const CLAIMS: &'static [Usage];

    /// The form of its `disk` command, if a story may begin with something on the nodes' disks.
    const DISK: Option<Usage> = None;
    /// Facts, by name, that another fact of the same step implies: they are not printed unless with the reasons.
    const IMPLIED: &'static [&'static str] = &[];

    /// Reads what a `cluster` line says about the protocol. The options that every cluster has are taken already.
    ///
    /// # Errors
    /// What is wrong with it.
    fn cast(words: &mut Words<'_>) -> Result<Cast<Self>, Problem>;

    /// The rulebooks that depart from the papers, for stories about what goes wrong without a rule: `rules=NAME` on a cluster
    /// line. None, if the protocol knows only one.
    fn rulebooks() -> Vec<(&'static str, RulebookOf<Self>)> {
        Vec::new()
    }

    /// Reads a request, one of [`REQUESTS`](Self::REQUESTS).
    ///
    /// # Errors
    /// What is wrong with it.
    fn request(name: &str, words: &mut Words<'_>, names: &Names) -> Result<Asking<Self::Machine>, Problem>;

    /// Reads what is on a node's disk when the story begins: what stands behind the node in a `disk` command.
    ///
    /// # Errors
    /// What is wrong with it; always, if the protocol has no [`DISK`](Self::DISK).
    fn disk(words: &mut Words<'_>, names: &Names) -> Result<<Self::Machine as Machine>::Disk, Problem> {
        let _ = names;
        Err(Problem::Missing { what: "a protocol whose nodes keep something on disk", usage: words.usage() })
    }

    /// Reads a claim, one of [`CLAIMS`](Self::CLAIMS).
    ///
    /// # Errors
    /// What is wrong with it.
    fn claim(name: &str, words: &mut Words<'_>, names: &Names) -> Result<ProtocolClaim<Self>, Problem>;
}

/// A rulebook of a protocol's machine.
pub type RulebookOf<P> = <<P as Protocol>::Machine as Machine>::Rulebook;

/// A claim about a protocol's world.
pub type ProtocolClaim<P> = Box<dyn Claim<<P as Protocol>::Machine, <P as Protocol>::Invariants>>;

/// Who plays, and by which rules.
#[derive(Debug)]
pub struct Cast<P: Protocol> {
    /// The nodes' names, in the order of their ids.
    pub nodes: Vec<String>,
    /// What every node is told.
    pub config: <P::Machine as Machine>::Config,
    /// What must hold.
    pub invariants: P::Invariants,
}

/// A request and the node it goes to; without one the client asks the node it prefers.
#[derive(Debug)]
pub struct Asking<M: Machine> {
    /// The node.
    pub to: Option<NodeId>,
    /// The request.
    pub command: M::Command,
}

/// The protocols that scenarios can be about.
#[derive(Default)]
pub struct Repertoire {
    entries: Vec<Entry>,
}

/// One protocol, with its type forgotten.
pub struct Entry {
    /// The word behind `cluster`.
    pub name: &'static str,
    /// The form of its cluster line, and one line about it.
    pub cluster: Usage,
    /// The commands it adds.
    pub requests: &'static [Usage],
    /// The claims it adds.
    pub claims: &'static [Usage],
    /// The form of its `disk` command, if it has one.
    pub disk: Option<Usage>,
    /// The facts that renderings leave out, see [`Protocol::IMPLIED`].
    pub implied: &'static [&'static str],
    /// What `rules=` may say on its cluster line, see [`Protocol::rulebooks`].
    pub rulebooks: Vec<&'static str>,
    open: Open,
    /// Variants of the protocol, each with the rulebooks that only it has.
    variants: Vec<(Vec<&'static str>, Open)>,
}

fn names_of_rulebooks<P: Protocol>() -> Vec<&'static str> {
    P::rulebooks().into_iter().map(|(name, _)| name).collect()
}

type Open = Box<dyn Fn(Casting<'_>, Words<'_>) -> Result<Box<dyn Stage>, Problem>>;

impl Repertoire {
    /// No protocol yet.
    pub const fn new() -> Self {
        Repertoire { entries: Vec::new() }
    }

    /// The same with another protocol. One of the same name is replaced: so a protocol with a bug takes the place of the one without.
    #[must_use]
    pub fn with<P: Protocol>(self) -> Self {
        self.played::<P>(None)
    }

    /// The same with another protocol, played by these rules unless a story asks for others.
    #[must_use]
    pub fn under<P: Protocol>(self, rules: RulebookOf<P>) -> Self {
        self.played::<P>(Some(("", rules)))
    }

    fn played<P: Protocol>(mut self, usual: Option<(&'static str, RulebookOf<P>)>) -> Self {
        self.entries.retain(|entry| entry.name != P::NAME);
        self.entries.push(Entry {
            name: P::NAME,
            cluster: P::CLUSTER,
            requests: P::REQUESTS,
            claims: P::CLAIMS,
            disk: P::DISK,
            implied: P::IMPLIED,
            rulebooks: names_of_rulebooks::<P>(),
            open: Box::new(move |casting, words| Ok(Box::new(Play::<P>::open(casting, words, usual)?))),
            variants: Vec::new(),
        });
        self
    }

    /// The same, and a variant of the protocol of that name, with a machine of its own: it plays
    /// the stories that ask for a rulebook which only it has, for all nodes or for one. Nothing
    /// changes if there is no such protocol.
    #[must_use]
    pub fn with_variant<P: Protocol>(mut self) -> Self {
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.name == P::NAME) {
            let mut rulebooks = names_of_rulebooks::<P>();
            rulebooks.retain(|name| !entry.rulebooks.contains(name));
            entry.rulebooks.extend(&rulebooks);
            let open: Open = Box::new(|casting, words| Ok(Box::new(Play::<P>::open(casting, words, None)?)));
            entry.variants.push((rulebooks, open));
        }
        self
    }

    /// The protocols.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// A stage for a cluster, outside any script.
    pub(super) fn stage(&self, cluster: &Phrase, traced: bool) -> Result<Box<dyn Stage>, Problem> {
        let arguments = cluster.arguments();
        let mut words = Words::new("cluster PROTOCOL …", &arguments)?;
        let entry = self.entry(words.need("a protocol")?)?;
        words.set_usage(&entry.cluster);
        let casting = Casting { traced, ..Casting::default() };
        entry.open(casting, words)
    }

    /// The protocol of that name.
    pub(super) fn entry(&self, name: &str) -> Result<&Entry, Problem> {
        let known = || self.entries.iter().map(|entry| entry.name);
        self.entries.iter().find(|entry| entry.name == name).ok_or_else(|| Problem::unknown("protocol", name, known()))
    }
}

impl Entry {
    /// Sets a cluster up.
    pub(super) fn open(&self, casting: Casting<'_>, words: Words<'_>) -> Result<Box<dyn Stage>, Problem> {
        let asked =
            casting.staging.rules.into_iter().chain(words.written("rules")).chain(casting.asked.iter().copied());
        let asked: Vec<&str> = asked.collect();
        let variant = self.variants.iter().find(|(rulebooks, _)| rulebooks.iter().any(|name| asked.contains(name)));
        let open = variant.map_or(&self.open, |(_, open)| open);
        open(Casting { known: &self.rulebooks, ..casting }, words)
    }
}

impl fmt::Debug for Repertoire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.entries.iter().map(|entry| entry.name)).finish()
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Entry").field(&self.name).finish()
    }
}
