//! The events that the search has not yet explained: a doubly linked list in which removing and
//! restoring a call takes constant time however long the history is (Lowe 2017, §3; Knuth's
//! "dancing links").

/// A position in the list. The list begins and ends at [`Place::END`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Place(u32);

impl Place {
    /// The sentinel before the first event and after the last.
    pub const END: Place = Place(0);

    const fn index(self) -> usize {
        self.0 as usize
    }
}

/// The event at a position.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Happening {
    /// A task is invoked.
    Call(u32),
    /// A task is answered.
    Answer(u32),
    /// The end of the list.
    End,
}

/// The doubly linked list.
pub(super) struct Line {
    what: Vec<Happening>,
    next: Vec<Place>,
    before: Vec<Place>,
}

impl Line {
    /// Builds a list of these events, at places 1, 2, ….
    pub fn new(happenings: impl IntoIterator<Item = Happening>) -> Line {
        let what: Vec<_> = [Happening::End].into_iter().chain(happenings).collect();
        let last = what.len() as u32 - 1;
        let next = (1..=last).chain([0]).map(Place).collect();
        let before = [last].into_iter().chain(0..last).map(Place).collect();
        Line { what, next, before }
    }

    pub fn what(&self, place: Place) -> Happening {
        self.what[place.index()]
    }

    /// The next place. For a removed place: its successor at the time of removal.
    pub fn after(&self, place: Place) -> Place {
        self.next[place.index()]
    }

    pub fn first(&self) -> Place {
        self.after(Place::END)
    }

    /// The places of every task's call and answer ([`Place::END`] if it has none), by the task's
    /// number.
    pub fn places(&self, tasks: usize) -> Vec<(Place, Place)> {
        let mut places = vec![(Place::END, Place::END); tasks];
        for (index, what) in self.what.iter().enumerate() {
            match what {
                Happening::Call(task) => places[*task as usize].0 = Place(index as u32),
                Happening::Answer(task) => places[*task as usize].1 = Place(index as u32),
                Happening::End => {}
            }
        }
        places
    }

    /// Removes one place.
    pub fn take_out(&mut self, place: Place) {
        let (before, after) = (self.before[place.index()], self.next[place.index()]);
        self.next[before.index()] = after;
        self.before[after.index()] = before;
    }

    /// Restores the most recently removed place.
    pub fn put_back(&mut self, place: Place) {
        let (before, after) = (self.before[place.index()], self.next[place.index()]);
        self.next[before.index()] = place;
        self.before[after.index()] = place;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(line: &Line) -> Vec<u32> {
        let places = std::iter::successors(Some(line.first()), |place| Some(line.after(*place)));
        places.take_while(|place| *place != Place::END).map(|place| place.0).collect()
    }

    #[test]
    fn what_is_put_back_in_reverse_is_where_it_was() {
        let mut line = Line::new([Happening::Call(0), Happening::Call(1), Happening::Answer(0), Happening::Answer(1)]);
        assert_eq!(line.places(2), [(Place(1), Place(3)), (Place(2), Place(4))]);
        for order in [[1, 3, 2, 4], [2, 4, 3, 1], [1, 2, 3, 4], [4, 3, 2, 1]] {
            let mut seen = vec![walk(&line)];
            for place in order {
                line.take_out(Place(place));
                seen.push(walk(&line));
            }
            assert_eq!(seen.pop(), Some(vec![]));
            for place in order.into_iter().rev() {
                line.put_back(Place(place));
                assert_eq!(Some(walk(&line)), seen.pop());
            }
        }
    }
}
