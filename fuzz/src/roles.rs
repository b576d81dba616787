//! A caller with roles, worked out as naively as possible.

use std::collections::BTreeSet;

use portcullis_policy::{Attribute, AttributeSource, Expression, Facts, Unreadable, Value};
use serde_json::Value as Json;

/// The attributes of `request`, and the roles that `roles_from` answers.
pub struct WithRoles<'a> {
    pub request: &'a dyn AttributeSource,
    pub roles_from: Option<&'a Expression>,
    /// `roles` of the configuration.
    pub roles: &'a Json,
}

impl AttributeSource for WithRoles<'_> {
    fn read(&self, attribute: Attribute) -> Result<Option<Value<'_>>, Unreadable> {
        match attribute {
            Attribute::Roles => self.held().map(|roles| Some(list(roles))),
            Attribute::Permissions => self.held().map(|roles| Some(list(self.permissions(&roles)))),
            attribute => self.request.read(attribute),
        }
    }
}

impl WithRoles<'_> {
    fn held(&self) -> Result<BTreeSet<String>, Unreadable> {
        let failed = Unreadable("roles_from failed");
        let roles_from = self.roles_from.ok_or(failed)?;
        let Ok(Value::List(held)) = roles_from.evaluate(&Facts::new(self.request), &[]) else { return Err(failed) };
        let text = |value: Value<'_>| match value {
            Value::String(text) => Ok(text.into_owned()),
            _ => Err(failed),
        };
        let mut held: BTreeSet<String> = held.into_iter().map(text).collect::<Result<_, _>>()?;
        loop {
            let more: BTreeSet<String> = held.iter().flat_map(|role| self.words(role, "inherits")).collect();
            if more.is_subset(&held) {
                return Ok(held);
            }
            held.extend(more);
        }
    }

    fn permissions(&self, held: &BTreeSet<String>) -> BTreeSet<String> {
        held.iter().flat_map(|role| self.words(role, "permissions")).collect()
    }

    fn words(&self, role: &str, key: &str) -> Vec<String> {
        let words = self.roles.get(role).and_then(|role| role.get(key)).and_then(Json::as_array);
        words.into_iter().flatten().filter_map(Json::as_str).map(str::to_owned).collect()
    }
}

fn list(texts: BTreeSet<String>) -> Value<'static> {
    Value::List(texts.into_iter().map(|text| Value::String(text.into())).collect())
}
