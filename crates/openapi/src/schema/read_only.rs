//! Properties that only answers have.

use std::collections::BTreeSet;

use crate::node::{Node, Unreadable};

/// So many branches of `allOf` are followed from one to the next.
const DEPTH_MAX: u32 = 8;

/// The properties of the object at `node`, in all branches of its `allOf`, that are `readOnly`.
pub(super) fn properties(node: &Node<'_>) -> Result<BTreeSet<String>, Unreadable> {
    let mut found = Found::default();
    found.collect(node, DEPTH_MAX)?;
    Ok(found.names)
}

/// Whether the property says so, or what it refers to.
pub(super) fn is(property: &Node<'_>) -> Result<bool, Unreadable> {
    Ok(property.is("readOnly") || property.resolved()?.is("readOnly"))
}

#[derive(Default)]
struct Found {
    names: BTreeSet<String>,
    /// The places that were looked at.
    seen: BTreeSet<String>,
}

impl Found {
    fn collect(&mut self, node: &Node<'_>, depth: u32) -> Result<(), Unreadable> {
        let node = node.resolved()?;
        let Some(deeper) = depth.checked_sub(1).filter(|_| self.seen.insert(node.pointer.clone())) else { return Ok(()) };
        for (name, property) in node.get("properties").iter().flat_map(Node::entries) {
            if is(&property)? {
                self.names.insert(name.to_owned());
            }
        }
        node.get("allOf").iter().flat_map(Node::elements).try_for_each(|branch| self.collect(&branch, deeper))
    }
}
