//! Members of a JSON object, in order.

use std::collections::BTreeMap;
use std::fmt;

use super::Value;

/// Maximum number of members that are searched linearly, which is faster than an index and takes no
/// memory.
const SEARCHED_MAX: usize = 16;

/// The members of a JSON object in their order, each key once.
///
/// Equality does not depend on the order.
#[derive(Clone, Default)]
pub struct Object {
    members: Vec<(String, Value)>,
    /// Position of each key, if there are more than [`SEARCHED_MAX`]: files of others may have
    /// objects of any size.
    #[expect(clippy::box_collection, reason = "most objects have none, and should be small")]
    index: Option<Box<BTreeMap<String, usize>>>,
}

impl Object {
    /// Returns an object without members.
    pub const fn new() -> Self {
        Object { members: Vec::new(), index: None }
    }

    /// Returns the number of members.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there are no members.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Iterates over the members, in order.
    pub fn iter(&self) -> Iter<'_> {
        Iter(self.members.iter())
    }

    /// Iterates over the keys, in order.
    pub fn keys(&self) -> impl Iterator<Item = &String> {
        self.members.iter().map(|(key, _)| key)
    }

    /// Iterates over the members' values, in order.
    pub fn values(&self) -> impl Iterator<Item = &Value> {
        self.members.iter().map(|(_, value)| value)
    }

    /// Whether there is a member of that name.
    pub fn contains_key(&self, key: &str) -> bool {
        self.position(key).is_some()
    }

    /// Returns the member of that name.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.position(key).map(|at| &self.members[at].1)
    }

    /// Returns the member of that name, to be changed.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        self.position(key).map(|at| &mut self.members[at].1)
    }

    /// Sets a member, which keeps its place; a new one is the last. Returns the value before.
    pub fn insert(&mut self, key: String, value: Value) -> Option<Value> {
        match self.position(&key) {
            Some(at) => Some(std::mem::replace(&mut self.members[at].1, value)),
            None => {
                self.push(key, value);
                None
            }
        }
    }

    /// Removes and returns a member; the others keep their order. Takes time for each member.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        let at = self.position(key)?;
        let (_, value) = self.members.remove(at);
        self.index_anew();
        Some(value)
    }

    /// Keeps the members that a condition holds for, in their order.
    pub fn retain(&mut self, mut keep: impl FnMut(&str, &Value) -> bool) {
        let before = self.members.len();
        self.members.retain(|(key, value)| keep(key, value));
        if self.members.len() != before {
            self.index_anew();
        }
    }

    fn position(&self, key: &str) -> Option<usize> {
        match &self.index {
            Some(index) => index.get(key).copied(),
            None => self.members.iter().position(|(other, _)| other == key),
        }
    }

    /// Appends a member that is not there yet.
    pub(super) fn push(&mut self, key: String, value: Value) {
        if let Some(index) = &mut self.index {
            index.insert(key.clone(), self.members.len());
        }
        self.members.push((key, value));
        if self.index.is_none() && self.members.len() > SEARCHED_MAX {
            self.index_anew();
        }
    }

    fn index_anew(&mut self) {
        let places = || self.members.iter().enumerate().map(|(at, (key, _))| (key.clone(), at)).collect();
        self.index = (self.members.len() > SEARCHED_MAX).then(|| Box::new(places()));
    }
}

impl PartialEq for Object {
    fn eq(&self, other: &Self) -> bool {
        // Equal objects have mostly the same order; only otherwise is each key looked up.
        self.members == other.members
            || self.len() == other.len() && self.iter().all(|(key, value)| other.get(key) == Some(value))
    }
}

impl Eq for Object {}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self).finish()
    }
}

/// Of two members of the same name the later one counts, in the place of the earlier.
impl FromIterator<(String, Value)> for Object {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(members: I) -> Self {
        let mut object = Object::new();
        for (key, value) in members {
            object.insert(key, value);
        }
        object
    }
}

impl IntoIterator for Object {
    type Item = (String, Value);
    type IntoIter = std::vec::IntoIter<(String, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.members.into_iter()
    }
}

impl<'a> IntoIterator for &'a Object {
    type Item = (&'a String, &'a Value);
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Iterator over the members of an [`Object`].
#[derive(Clone, Debug)]
pub struct Iter<'a>(std::slice::Iter<'a, (String, Value)>);

impl<'a> Iterator for Iter<'a> {
    type Item = (&'a String, &'a Value);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(key, value)| (key, value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}
