//! The property that tells the schemas of a `oneOf` apart (OpenAPI 3.1 section 4.8.25).

use serde_json::{Map, Value, json};

use crate::node::{Node, Unreadable};
use crate::report::Report;

/// Binds each branch to the values of the property that name it. A branch that says them itself and is in no mapping is left as it is.
pub(super) fn apply(node: &Node<'_>, schema: &mut Map<String, Value>, report: &Report) -> Result<(), Unreadable> {
    let Some(discriminator) = node.get("discriminator") else { return Ok(()) };
    let property = discriminator.text("propertyName");
    let property = property.ok_or_else(|| discriminator.unreadable("expected `propertyName`"))?;
    let Some(key) = ["oneOf", "anyOf"].into_iter().find(|key| schema.contains_key(*key)) else {
        let message =
            "a discriminator without `oneOf` or `anyOf`: the schema itself is held to, not the one that the property names";
        report.unenforced(&discriminator.pointer, message);
        return Ok(());
    };
    let mapping = discriminator.get("mapping");
    let mapped = mapped(mapping.as_ref(), report);
    let branches = node.get(key).into_iter().flat_map(|branches| branches.elements().collect::<Vec<_>>());
    let Some(converted) = schema.get_mut(key).and_then(Value::as_array_mut) else { return Ok(()) };
    for (branch, converted) in branches.zip(converted) {
        let Some(reference) = branch.text("$ref") else {
            report.unenforced(&branch.pointer, "a schema without a name: the discriminator says nothing about it");
            continue;
        };
        let target = branch.target(reference)?;
        let mut names: Vec<&str> = mapped.iter().filter(|(_, to)| *to == target.pointer).map(|(name, _)| name.as_str()).collect();
        if names.is_empty() && says_itself(&target, property)? {
            continue;
        }
        names.extend(target.pointer.strip_prefix("/components/schemas/").filter(|name| !name.contains('/')));
        *converted =
            json!({ "allOf": [converted.take()], "properties": { property: { "enum": names } }, "required": [property] });
    }
    Ok(())
}

/// The values of the mapping, each with the place that it leads to.
fn mapped(mapping: Option<&Node<'_>>, report: &Report) -> Vec<(String, String)> {
    let mut mapped = Vec::new();
    for (name, to) in mapping.into_iter().flat_map(Node::entries) {
        match to.value.as_str() {
            Some(reference) if reference.starts_with('#') => match to.target(reference) {
                Ok(target) => mapped.push((name.to_owned(), target.pointer)),
                Err(unreadable) => report.stricter(&to.pointer, format!("{}: the value is refused", unreadable.message)),
            },
            Some(schema) if !schema.contains(['/', '#']) => {
                mapped.push((name.to_owned(), format!("/components/schemas/{schema}")))
            }
            _ => report.stricter(&to.pointer, "it leads to no schema of the document: the value is refused"),
        }
    }
    mapped
}

/// Whether the schema says itself what the property may be.
fn says_itself(schema: &Node<'_>, property: &str) -> Result<bool, Unreadable> {
    let schema = schema.resolved()?;
    let own = schema.get("properties").and_then(|properties| properties.get(property));
    let Some(own) = own else {
        let branches: Vec<Node<'_>> = schema.get("allOf").iter().flat_map(Node::elements).collect();
        // One that is bound in several ways is bound.
        return branches.iter().try_fold(false, |found, branch| Ok(found || says_itself_at_once(branch, property)?));
    };
    let own = own.resolved()?;
    Ok(["const", "enum"].iter().any(|keyword| own.get(keyword).is_some()))
}

fn says_itself_at_once(branch: &Node<'_>, property: &str) -> Result<bool, Unreadable> {
    let branch = branch.resolved()?;
    let own = branch.get("properties").and_then(|properties| properties.get(property));
    let Some(own) = own else { return Ok(false) };
    let own = own.resolved()?;
    Ok(["const", "enum"].iter().any(|keyword| own.get(keyword).is_some()))
}
