//! Links between nodes: cuts and partitions, and random loss and delay of messages.

use quorate_protocol::NodeId;

use super::conditions::{Conditions, Latency};
use super::rng::Rng;

/// The state of every link.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Links {
    conditions: Conditions,
    nodes: usize,
    /// Cuts of each link, from row to column: by itself, or by a partition.
    cuts: Vec<Cut>,
    /// Whether any link is cut. Usually none is, and the check should cost nothing.
    any_cut: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
struct Cut {
    link: bool,
    partition: bool,
}

impl Links {
    /// Links under these conditions, without cuts.
    pub(crate) fn new(nodes: usize, conditions: Conditions) -> Self {
        Links { conditions, nodes, cuts: vec![Cut::default(); nodes * nodes], any_cut: false }
    }

    pub(crate) fn conditions(&self) -> Conditions {
        self.conditions
    }

    pub(crate) fn set_conditions(&mut self, conditions: Conditions) {
        self.conditions = conditions;
    }

    /// Whether messages from one node do not reach another.
    pub(crate) fn is_cut(&self, from: NodeId, to: NodeId) -> bool {
        self.any_cut && from != to && self.cuts[self.link(from, to)] != Cut::default()
    }

    /// Cuts one direction of a link, or restores it.
    pub(crate) fn set_link(&mut self, from: NodeId, to: NodeId, up: bool) {
        let link = self.link(from, to);
        self.cuts[link].link = !up;
        self.any_cut = self.cuts.iter().any(|cut| *cut != Cut::default());
    }

    /// Partitions the nodes: only nodes of the same group reach each other. Nodes without a group
    /// form one together.
    pub(crate) fn partition(&mut self, groups: &[Vec<NodeId>]) {
        let group_of = |node: usize| groups.iter().position(|group| group.iter().any(|member| member.index() == node));
        let groups: Vec<Option<usize>> = (0..self.nodes).map(group_of).collect();
        for from in 0..self.nodes {
            for to in 0..self.nodes {
                self.cuts[from * self.nodes + to].partition = groups[from] != groups[to];
            }
        }
        self.any_cut = self.cuts.iter().any(|cut| *cut != Cut::default());
    }

    /// Restores every link.
    pub(crate) fn heal(&mut self) {
        self.cuts.fill(Cut::default());
        self.any_cut = false;
    }

    /// Whether every message arrives, and without delay.
    #[cfg(any(feature = "live", test))]
    pub(crate) fn are_clear(&self) -> bool {
        use quorate_protocol::Duration;

        use super::conditions::Ppm;

        let Conditions { loss, duplication, latency, extra_delay_rate, .. } = self.conditions;
        !self.any_cut
            && [loss, duplication, extra_delay_rate] == [Ppm::ZERO; 3]
            && latency == Latency::Exactly(Duration::ZERO)
    }

    fn link(&self, from: NodeId, to: NodeId) -> usize {
        from.index() * self.nodes + to.index()
    }
}

/// Random outcome for one message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Draw {
    pub(crate) lost: bool,
    pub(crate) repeated: bool,
    pub(crate) delayed: bool,
    /// Latency without extra delay, in nanoseconds.
    usual: u64,
    extra_delay: Latency,
    /// Random bits of the extra delay, which is computed only if needed.
    extra: u64,
}

impl Draw {
    /// Draws the outcome for one message. The number of draws is constant, so that one outcome does
    /// not influence those of later messages.
    #[inline]
    pub(crate) fn of(conditions: &Conditions, rng: &mut Rng) -> Self {
        let Conditions { loss, duplication, latency, extra_delay_rate, extra_delay } = *conditions;
        let [lost, repeated, delayed] = rng.chances([loss, duplication, extra_delay_rate]);
        let usual = latency.sample(rng.bits());
        Draw { lost, repeated, delayed, usual, extra_delay, extra: rng.bits() }
    }

    /// Returns the delay in nanoseconds, if the message is not lost.
    pub(crate) fn nanos(&self) -> u64 {
        if self.delayed { self.late() } else { self.usual }
    }

    /// Returns the delay of the copy in nanoseconds, if the message is duplicated.
    pub(crate) fn copy_nanos(&self) -> Option<u64> {
        self.repeated.then(|| self.late())
    }

    fn late(&self) -> u64 {
        self.usual.saturating_add(self.extra_delay.sample(self.extra))
    }
}

#[cfg(test)]
mod tests {
    use quorate_protocol::Duration;

    use super::super::conditions::Ppm;
    use super::*;

    const ABC: [NodeId; 3] = [NodeId(0), NodeId(1), NodeId(2)];

    fn links() -> Links {
        Links::new(3, Conditions::steady(Duration::ZERO))
    }

    fn cut(links: &Links) -> Vec<(u32, u32)> {
        let pairs = ABC.into_iter().flat_map(|from| ABC.map(|to| (from, to)));
        pairs.filter(|(from, to)| links.is_cut(*from, *to)).map(|(from, to)| (from.0, to.0)).collect()
    }

    #[test]
    fn a_link_is_cut_in_one_direction() {
        let mut links = links();
        links.set_link(ABC[0], ABC[1], false);
        assert_eq!(cut(&links), [(0, 1)]);
        links.set_link(ABC[0], ABC[1], true);
        assert_eq!(cut(&links), []);
    }

    #[test]
    fn nodes_in_no_group_of_a_partition_reach_each_other() {
        let mut links = links();
        links.partition(&[vec![ABC[1]]]);
        assert_eq!(cut(&links), [(0, 1), (1, 0), (1, 2), (2, 1)]);
        links.partition(&[]);
        assert_eq!(cut(&links), []);
    }

    #[test]
    fn a_single_cut_outlives_a_partition_and_both_end_with_healing() {
        let mut links = links();
        links.set_link(ABC[0], ABC[1], false);
        links.partition(&[vec![ABC[0]]]);
        links.partition(&[]);
        assert_eq!(cut(&links), [(0, 1)]);
        links.partition(&[vec![ABC[0]]]);
        links.heal();
        assert_eq!(links, self::links());
    }

    #[test]
    fn links_are_clear_until_something_delays_loses_repeats_or_cuts() {
        let mut cut = links();
        assert!(cut.are_clear());
        cut.set_link(ABC[0], ABC[1], false);
        let steady = Conditions::steady(Duration::ZERO);
        let disturbed = [
            Conditions::steady(Duration::from_nanos(1)),
            Conditions { loss: Ppm::new(1), ..steady },
            Conditions { duplication: Ppm::new(1), ..steady },
            Conditions { extra_delay_rate: Ppm::new(1), ..steady },
        ];
        let disturbed = disturbed.map(|conditions| Links::new(3, conditions));
        assert!(![cut].iter().chain(&disturbed).any(Links::are_clear));
    }

    #[test]
    fn a_copy_and_a_straggler_are_late_by_the_same_draw() {
        let ms = Duration::from_millis;
        let conditions =
            Conditions { duplication: Ppm::ONE, extra_delay: Latency::Exactly(ms(7)), ..Conditions::steady(ms(2)) };
        let mut draw = Draw::of(&conditions, &mut Rng::new(1, 0));
        assert_eq!((draw.lost, draw.nanos(), draw.copy_nanos()), (false, 2_000_000, Some(9_000_000)));
        (draw.delayed, draw.repeated) = (true, false);
        assert_eq!((draw.nanos(), draw.copy_nanos()), (9_000_000, None));
    }
}
