//! The wanted paths of a record as a tree of member names.
//!
//! Distinct paths become *slots*, numbered in the order of the sorted paths, so that everything below a path
//! is a contiguous range of slots. Two columns of one path share a slot.

use std::ops::Range;

/// Stands for "no slot" and "no node".
pub(super) const NONE: u32 = u32::MAX;

/// What a member of an object leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Target {
    /// Where the value's span goes; [`NONE`]: nowhere.
    pub slot: u32,
    /// Where to look its own members up; [`NONE`]: none is wanted.
    pub node: u32,
}

impl Target {
    /// Nothing of the member is wanted.
    pub const NOTHING: Self = Self {
        slot: NONE,
        node: NONE,
    };
}

/// The tree; node 0 is the record.
#[derive(Clone, Debug)]
pub(super) struct Paths {
    nodes: Vec<Node>,
    slots: usize,
}

#[derive(Clone, Debug, Default)]
struct Node {
    /// Wanted members by rising name.
    members: Vec<(Vec<u8>, Target)>,
    /// Slots of everything below.
    below: Range<u32>,
}

impl Paths {
    /// The tree of `paths`, and the slot of each of them.
    pub fn new(paths: &[&[String]]) -> (Self, Vec<u32>) {
        let mut sorted = paths.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        let mut tree = Self {
            nodes: vec![Node::default()],
            slots: sorted.len(),
        };
        for (slot, path) in sorted.iter().enumerate() {
            tree.insert(path, slot as u32);
        }
        let slot_of = |path: &&[String]| {
            sorted
                .binary_search(path)
                .expect("every path was sorted in")
        };
        let slots = paths.iter().map(|path| slot_of(path) as u32).collect();
        (tree, slots)
    }

    /// Number of slots.
    pub fn slots(&self) -> usize {
        self.slots
    }

    /// Slots of everything below `node`.
    pub fn below(&self, node: u32) -> Range<u32> {
        self.nodes[node as usize].below.clone()
    }

    /// What the member `name` of `node` leads to.
    pub fn member(&self, node: u32, name: &[u8]) -> Target {
        if node == NONE {
            return Target::NOTHING;
        }
        let members = &self.nodes[node as usize].members;
        match members.binary_search_by(|member| member.0.as_slice().cmp(name)) {
            Ok(found) => members[found].1,
            Err(_) => Target::NOTHING,
        }
    }

    /// Adds the path of `slot`; paths come in sorted order, so names are appended.
    fn insert(&mut self, path: &[String], slot: u32) {
        debug_assert!(!path.is_empty(), "a column's path names a member");
        let mut node = 0;
        for (depth, name) in path.iter().enumerate() {
            let below = &mut self.nodes[node].below;
            if below.start == below.end {
                below.start = slot;
            }
            below.end = slot + 1;
            let known = self.nodes[node].members.last();
            if known.is_none_or(|member| member.0 != name.as_bytes()) {
                let member = (name.clone().into_bytes(), Target::NOTHING);
                self.nodes[node].members.push(member);
            }
            let fresh = self.nodes.len() as u32;
            let target = &mut self.nodes[node].members.last_mut().expect("just added").1;
            if depth + 1 == path.len() {
                target.slot = slot;
            } else {
                let is_new = target.node == NONE;
                if is_new {
                    target.node = fresh;
                }
                node = target.node as usize;
                if is_new {
                    self.nodes.push(Node::default());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Vec<String> {
        text.split('.').map(str::to_owned).collect()
    }

    #[test]
    fn finds_members_and_what_is_below_them() {
        let owned: Vec<_> = ["b.y", "a", "b", "b.x.z", "a", "ab"].map(path).to_vec();
        let borrowed: Vec<&[String]> = owned.iter().map(Vec::as_slice).collect();
        let (paths, slots) = Paths::new(&borrowed);
        // Sorted: a, ab, b, b.x.z, b.y.
        assert_eq!(slots, [4, 0, 2, 3, 0, 1]);
        assert_eq!(paths.slots(), 5);
        assert_eq!(paths.below(0), 0..5);
        let a = paths.member(0, b"a");
        assert_eq!((a.slot, a.node), (0, NONE));
        let b = paths.member(0, b"b");
        assert_eq!(b.slot, 2);
        assert_eq!(paths.below(b.node), 3..5);
        let x = paths.member(b.node, b"x");
        assert_eq!((x.slot, paths.below(x.node)), (NONE, 3..4));
        assert_eq!(paths.member(x.node, b"z").slot, 3);
        assert_eq!(paths.member(b.node, b"q"), Target::NOTHING);
        assert_eq!(paths.member(NONE, b"a"), Target::NOTHING);
    }
}
