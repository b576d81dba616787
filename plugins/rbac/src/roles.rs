//! Roles: what each permits, with all that it inherits.

use std::collections::{BTreeMap, BTreeSet};

use portcullis_config::{ConfigError, NonEmpty, nearest};

use crate::bits::Bits;
use crate::config::RoleConfig;

/// How many roles there may be: what they inherit is worked out for each.
const ROLES_MAX: usize = 1_000;

/// How many different permissions they may have together: each role keeps the set of its own.
const PERMISSIONS_MAX: usize = 10_000;

/// Every role that the configuration defines.
#[derive(Debug, Default)]
pub(crate) struct Roles {
    /// The number of each role.
    numbers: BTreeMap<String, usize>,
    /// The roles by their numbers.
    closures: Vec<(String, Closure)>,
    /// The permissions by their numbers.
    permissions: Vec<String>,
}

/// A role with all that it inherits, by number.
#[derive(Debug, Default, Clone)]
struct Closure {
    roles: Bits,
    permissions: Bits,
}

impl Roles {
    pub(crate) fn new(configured: BTreeMap<String, RoleConfig>) -> Result<Self, ConfigError> {
        if configured.len() > ROLES_MAX {
            return Err(ConfigError::at("roles", format!("expected at most {ROLES_MAX} roles, found {}", configured.len())));
        }
        ConfigError::gather(configured.iter().map(|(name, role)| known(name, role, &configured)))?;
        let permissions: BTreeSet<&String> = configured.values().flat_map(|role| role.permissions.iter().flatten()).collect();
        if permissions.len() > PERMISSIONS_MAX {
            let found = permissions.len();
            return Err(ConfigError::at("roles", format!("expected at most {PERMISSIONS_MAX} permissions, found {found}")));
        }
        let permissions: Vec<String> = permissions.into_iter().cloned().collect();
        closures(configured, permissions)
    }

    /// The roles that a caller with `held` has: those, and what they inherit.
    pub(crate) fn roles<'a>(&'a self, held: &'a [String]) -> BTreeSet<&'a str> {
        let inherited = self.joined(held, |closure| &closure.roles);
        let inherited = inherited.iter().filter_map(|number| self.closures.get(number)).map(|(name, _)| name.as_str());
        held.iter().map(String::as_str).chain(inherited).collect()
    }

    /// The permissions of a caller with the roles `held`.
    pub(crate) fn permissions(&self, held: &[String]) -> BTreeSet<&str> {
        let permissions = self.joined(held, |closure| &closure.permissions);
        permissions.iter().filter_map(|number| self.permissions.get(number)).map(String::as_str).collect()
    }

    /// Every permission that some role has.
    pub(crate) fn all_permissions(&self) -> BTreeSet<&str> {
        self.permissions.iter().map(String::as_str).collect()
    }

    fn joined(&self, held: &[String], part: impl Fn(&Closure) -> &Bits) -> Bits {
        let mut joined = Bits::default();
        let closures = held.iter().filter_map(|role| self.closures.get(*self.numbers.get(role)?));
        closures.for_each(|(_, closure)| joined.join(part(closure)));
        joined
    }

    /// Adds a role whose parents are there.
    fn add(&mut self, name: String, role: &RoleConfig) {
        let number = self.closures.len();
        let mut closure = Closure::default();
        closure.roles.insert(number);
        let own = role.permissions.iter().flatten().filter_map(|permission| self.permissions.binary_search(permission).ok());
        own.for_each(|permission| closure.permissions.insert(permission));
        for (_, parent) in inherited(role).filter_map(|parent| self.closures.get(*self.numbers.get(parent)?)) {
            closure.roles.join(&parent.roles);
            closure.permissions.join(&parent.permissions);
        }
        self.numbers.insert(name.clone(), number);
        self.closures.push((name, closure));
    }
}

/// That every role which `role` inherits is one.
fn known(name: &str, role: &RoleConfig, configured: &BTreeMap<String, RoleConfig>) -> Result<(), ConfigError> {
    let unknown = inherited(role).enumerate().filter(|(_, parent)| !configured.contains_key(*parent)).map(|(index, parent)| {
        let hint = nearest(parent, configured.keys().map(String::as_str));
        let hint = hint.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        let error = ConfigError::at("", format!("no role is called `{parent}`{hint}"));
        Err(error.within_index(index).within("inherits").within_key(name).within("roles"))
    });
    ConfigError::gather(unknown).map(|_: Vec<()>| ())
}

/// Works out roles whose parents are worked out, until none is left: what is left then goes round in a circle.
fn closures(configured: BTreeMap<String, RoleConfig>, permissions: Vec<String>) -> Result<Roles, ConfigError> {
    let mut roles = Roles { permissions, ..Roles::default() };
    let mut left: Vec<(String, RoleConfig)> = configured.into_iter().collect();
    while !left.is_empty() {
        let (ready, waiting): (Vec<_>, Vec<_>) =
            left.into_iter().partition(|(_, role)| inherited(role).all(|parent| roles.numbers.contains_key(parent)));
        if ready.is_empty() {
            return Err(cycle(&waiting.into_iter().collect()));
        }
        ready.into_iter().for_each(|(name, role)| roles.add(name, &role));
        left = waiting;
    }
    Ok(roles)
}

/// Each of `waiting` inherits another of them: whoever follows that comes round.
fn cycle(waiting: &BTreeMap<String, RoleConfig>) -> ConfigError {
    let mut path: Vec<&str> = Vec::new();
    let mut next = waiting.keys().next().map(String::as_str);
    while let Some(name) = next.filter(|name| !path.contains(name)) {
        path.push(name);
        next = waiting.get(name).and_then(|role| inherited(role).find(|parent| waiting.contains_key(*parent)));
    }
    let first = next.unwrap_or_default();
    let round: Vec<&str> = path.iter().copied().skip_while(|name| *name != first).chain([first]).collect();
    ConfigError::at("inherits", format!("a role inherits itself: {}", round.join(" → "))).within_key(first).within("roles")
}

fn inherited(role: &RoleConfig) -> impl Iterator<Item = &str> {
    role.inherits.iter().flat_map(NonEmpty::iter).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn roles(configured: Value) -> Result<Roles, String> {
        let configured: BTreeMap<String, RoleConfig> = serde_json::from_value(configured).unwrap();
        Roles::new(configured).map_err(|error| error.to_string())
    }

    fn held(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_role_has_what_it_inherits_at_any_distance() {
        let roles = roles(json!({
            "admin": { "inherits": ["editor"] },
            "editor": { "permissions": ["orders:write"], "inherits": ["reader", "auditor"] },
            "reader": { "permissions": ["orders:read"] },
            "auditor": { "permissions": ["log:read"], "inherits": ["reader"] },
        }))
        .unwrap();
        let admin = held(&["admin"]);
        assert_eq!(roles.roles(&admin), BTreeSet::from(["admin", "auditor", "editor", "reader"]));
        assert_eq!(roles.permissions(&admin), BTreeSet::from(["log:read", "orders:read", "orders:write"]));
        assert_eq!(roles.permissions(&held(&["reader"])), BTreeSet::from(["orders:read"]));
    }

    #[test]
    fn a_role_that_only_the_caller_knows_is_one_and_permits_nothing() {
        let roles = roles(json!({ "reader": { "permissions": ["orders:read"] } })).unwrap();
        let caller = held(&["guest", "reader"]);
        assert_eq!(roles.roles(&caller), BTreeSet::from(["guest", "reader"]));
        assert_eq!(roles.permissions(&held(&["guest"])), BTreeSet::new());
    }

    #[test]
    fn an_unknown_role_is_named_with_the_one_that_was_meant() {
        let error = roles(json!({ "editor": { "inherits": ["raeder", "x"] }, "reader": {} })).unwrap_err();
        let expected = "roles.editor.inherits[0]: no role is called `raeder`; did you mean `reader`?\n\
                        roles.editor.inherits[1]: no role is called `x`";
        assert_eq!(error, expected);
    }

    #[test]
    fn a_circle_is_told_as_one() {
        let itself = roles(json!({ "a": { "inherits": ["a"] } })).unwrap_err();
        assert_eq!(itself, "roles.a.inherits: a role inherits itself: a → a");
        let round =
            json!({ "a": { "inherits": ["b"] }, "b": { "inherits": ["leaf", "c"] }, "c": { "inherits": ["b"] }, "leaf": {} });
        assert_eq!(roles(round).unwrap_err(), "roles.b.inherits: a role inherits itself: b → c → b");
    }

    #[test]
    fn a_chain_of_a_thousand_roles_is_worked_out_and_more_are_refused() {
        let chain = |length: usize| -> Value {
            let role = |number: usize| (format!("r{number}"), json!({ "inherits": [format!("r{}", number + 1)] }));
            let chain = (0..length - 1).map(role);
            chain.chain([(format!("r{}", length - 1), json!({ "permissions": ["x"] }))]).collect::<serde_json::Map<_, _>>().into()
        };
        let roles_of_a_chain = roles(chain(ROLES_MAX)).unwrap();
        assert_eq!(roles_of_a_chain.permissions(&held(&["r0"])), BTreeSet::from(["x"]));
        let all: Vec<String> = (0..ROLES_MAX).map(|number| format!("r{number}")).collect();
        assert_eq!(roles_of_a_chain.roles(&all).len(), ROLES_MAX);
        assert_eq!(roles(chain(ROLES_MAX + 1)).unwrap_err(), "roles: expected at most 1000 roles, found 1001");
    }
}
