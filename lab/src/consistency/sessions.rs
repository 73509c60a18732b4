//! The four session guarantees (Terry et al. 1994), and convergence.
//!
//! The history does not show in which order replicas applied concurrent writes. So a value counts
//! as older than a write only if its own write causally precedes that, or if it is the initial
//! value; for monotonic reads, also if the session itself saw it before.

use super::level::{Outcome, Pattern, Undecided, Witness};
use super::operations::Operations;
use super::order::Order;

/// A history and its causal order.
pub(super) struct Sessions<'a> {
    pub operations: &'a Operations,
    pub causal: &'a Order,
}

impl Sessions<'_> {
    fn words(&self, operation: usize) -> &str {
        &self.operations.list[operation].words
    }

    fn key(&self, operation: usize) -> usize {
        self.operations.list[operation].key
    }

    /// Whether a read that saw `source` missed a write to the same register.
    fn is_older(&self, source: Option<usize>, than: usize) -> bool {
        source.is_none_or(|source| source != than && self.causal.has(source, than))
    }

    /// Earlier operations of the session of an operation.
    fn session_before(&self, operation: usize) -> impl Iterator<Item = usize> + '_ {
        (0..operation).filter(move |before| self.operations.in_session(*before, operation))
    }

    /// Earlier reads of a register in the session of an operation, with the writes that they saw.
    fn reads_before(&self, operation: usize, key: usize) -> impl Iterator<Item = (usize, Option<usize>)> + '_ {
        let reads = self.session_before(operation).filter(move |read| self.key(*read) == key);
        reads.filter_map(|read| self.operations.list[read].reads.map(|source| (read, source)))
    }

    /// A read that returns something older than a write of its session.
    pub fn read_your_writes(&self) -> Option<Witness> {
        self.operations.reads().find_map(|(read, source)| {
            let own = self.operations.writes_beside(read).filter(|write| self.operations.in_session(*write, read));
            let missed = own.into_iter().find(|write| self.is_older(source, *write))?;
            let why = format!("{} returns an older value than {} before it", self.words(read), self.words(missed));
            Some(self.operations.witness(missed, read, Pattern::Older, why))
        })
    }

    /// A read that returns something older than an earlier read of its session.
    pub fn monotonic_reads(&self) -> Option<Witness> {
        self.operations.reads().find_map(|(read, source)| {
            let (earlier, _) = self.reads_before(read, self.key(read)).find(|(earlier, seen)| {
                let goes_back = || self.reads_before(*earlier, self.key(read)).any(|(_, first)| first == source);
                seen.is_some_and(|seen| source != Some(seen) && (self.is_older(source, seen) || goes_back()))
            })?;
            let why = format!("{} returns an older value than {} before it", self.words(read), self.words(earlier));
            Some(self.operations.witness(earlier, read, Pattern::Older, why))
        })
    }

    /// A session that saw a write, and then missed an earlier write of the same writer, or saw that
    /// one afterwards.
    pub fn monotonic_writes(&self) -> Option<Witness> {
        self.missed(|write| {
            self.session_before(write).filter(|before| self.operations.list[*before].writes()).collect()
        })
    }

    /// A session that saw a write, and then missed a write that the writer had read before, or saw
    /// that one afterwards.
    pub fn writes_follow_reads(&self) -> Option<Witness> {
        self.missed(|write| {
            let read = self.session_before(write).filter_map(|read| self.operations.list[read].reads?);
            read.filter(|source| *source != write).collect()
        })
    }

    /// Searches for a session that saw a write, and afterwards not what had to be visible with it.
    fn missed(&self, visible_with: impl Fn(usize) -> Vec<usize>) -> Option<Witness> {
        self.operations.reads().find_map(|(read, source)| {
            let seen = self.session_before(read).filter_map(|earlier| self.operations.list[earlier].reads?);
            let others = seen.filter(|write| self.operations.list[*write].client != self.operations.list[read].client);
            others.into_iter().find_map(|write| {
                let missed = visible_with(write).into_iter().find(|&first| {
                    let is_reversed = self.key(first) == self.key(write) && source == Some(first);
                    self.key(first) == self.key(read) && (self.is_older(source, first) || is_reversed)
                })?;
                let returned = match source == Some(missed) {
                    true => "a value that it had replaced",
                    false => "an older value",
                };
                let why = format!(
                    "{} came after {}; {} follows a read of the later one, and returns {returned}",
                    self.words(write),
                    self.words(missed),
                    self.words(read)
                );
                Some(self.operations.witness(missed, read, Pattern::Older, why))
            })
        })
    }

    /// Whether the last reads of all sessions agree, for each register whose writes have ended.
    pub fn convergent(&self) -> Outcome {
        let mut compared = false;
        for key in 0..self.operations.unsettled.len() {
            let last = self.last_reads(key);
            let Some(((first, seen), others)) = last.split_first() else { continue };
            compared |= !others.is_empty();
            if let Some((other, _)) = others.iter().find(|(_, source)| source != seen) {
                let why = format!(
                    "when all writes had ended, {} and {} are the last reads of their sessions, and differ",
                    self.words(*first),
                    self.words(*other)
                );
                return Outcome::Broken(self.operations.witness(*first, *other, Pattern::Diverged, why));
            }
        }
        match compared {
            true => Outcome::Holds,
            false => Outcome::Undecided(Undecided::NoLastReads),
        }
    }

    /// The last read of each session, of those that began after all writes to a register had ended.
    fn last_reads(&self, key: usize) -> Vec<(usize, Option<usize>)> {
        if self.operations.unsettled[key] {
            return Vec::new();
        }
        let list = &self.operations.list;
        let of_key = |operation: &usize| list[*operation].key == key;
        let writes = self.operations.all().filter(of_key).filter(|write| list[*write].writes());
        let end = writes.filter_map(|write| list[write].answered).max();
        let mut last: Vec<(usize, Option<usize>)> = Vec::new();
        for (read, source) in self.operations.reads() {
            if of_key(&read) && end.is_none_or(|end| end < list[read].invoked) {
                last.retain(|(other, _)| list[*other].client != list[read].client);
                last.push((read, source));
            }
        }
        last
    }
}
