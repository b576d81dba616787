//! Properties that only answers have.

use std::collections::BTreeSet;

use crate::node::{Node, Unreadable};

/// So many branches of `allOf` are followed from one to the next.
const DEPTH_MAX: u32 = 8;

/// The properties of the object at `node`, in all branches of its `allOf`, that are `readOnly`.
pub(super) fn properties(node: &Node<'_>) -> Result<BTreeSet<String>, Unreadable> {
    let mut names = BTreeSet::new();
    collect(node, DEPTH_MAX, &mut names)?;
    Ok(names)
}

/// Whether the property says so, or what it refers to.
pub(super) fn is(property: &Node<'_>) -> Result<bool, Unreadable> {
    Ok(property.is("readOnly") || property.resolved()?.is("readOnly"))
}

fn collect(node: &Node<'_>, depth: u32, names: &mut BTreeSet<String>) -> Result<(), Unreadable> {
    let Some(deeper) = depth.checked_sub(1) else { return Ok(()) };
    let node = node.resolved()?;
    for (name, property) in node.get("properties").iter().flat_map(Node::entries) {
        if is(&property)? {
            names.insert(name.to_owned());
        }
    }
    node.get("allOf").iter().flat_map(Node::elements).try_for_each(|branch| collect(&branch, deeper, names))
}
