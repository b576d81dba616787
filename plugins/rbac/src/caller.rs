//! What conditions read of a request: its attributes, and the roles and permissions that are worked out of them.

use std::cell::OnceCell;

use portcullis_attributes::RequestAttributes;
use portcullis_filter::Host;
use portcullis_policy::{Attribute, AttributeSource, Expression, Facts, Failure, Unreadable, Value};

use crate::roles::Roles;

/// The attributes of a request whose caller may have roles.
pub(crate) struct Caller<'r> {
    request: &'r RequestAttributes<'r, dyn Host + 'r>,
    /// What `roles_from` reads; a condition that reads the same gets it from here.
    facts: Facts<'r>,
    roles_from: &'r Expression,
    roles: &'r Roles,
    held: OnceCell<Result<Vec<String>, Failed>>,
}

/// Why nobody can tell the caller's roles.
#[derive(Debug)]
enum Failed {
    /// The expression cannot be evaluated.
    Evaluation(Failure),
    /// It does not answer a list of texts.
    NoList,
}

impl<'r> Caller<'r> {
    /// The caller of `request`, whose roles are what `roles_from` answers, when they are first asked for.
    pub(crate) fn new(request: &'r RequestAttributes<'r, dyn Host + 'r>, roles_from: &'r Expression, roles: &'r Roles) -> Self {
        Self { request, facts: Facts::new(request), roles_from, roles, held: OnceCell::new() }
    }

    /// Why the roles could not be told, if they were asked for.
    pub(crate) fn failure(&self) -> Option<String> {
        match self.held.get()?.as_ref().err()? {
            Failed::Evaluation(failure) => Some(format!("roles_from: {failure}")),
            Failed::NoList => Some("roles_from: no list of texts".to_owned()),
        }
    }

    fn held(&self) -> Result<&[String], Unreadable> {
        let evaluate = || match self.roles_from.evaluate(&self.facts, &[]) {
            Ok(answer) => texts(answer).ok_or(Failed::NoList),
            Err(failure) => Err(Failed::Evaluation(failure)),
        };
        self.held.get_or_init(evaluate).as_deref().map_err(|_| Unreadable("roles_from failed"))
    }
}

impl AttributeSource for Caller<'_> {
    fn read(&self, attribute: Attribute) -> Result<Option<Value<'_>>, Unreadable> {
        match attribute {
            Attribute::Roles => self.held().map(|held| Some(list(self.roles.roles(held)))),
            Attribute::Permissions => self.held().map(|held| Some(list(self.roles.permissions(held)))),
            // Kept there already, and lent from there.
            Attribute::JwtClaims | Attribute::JwtHeader | Attribute::Scopes => self.request.read(attribute),
            attribute => self.facts.read(attribute).map(|value| value.cloned()),
        }
    }
}

fn list<'a>(texts: impl IntoIterator<Item = &'a str>) -> Value<'a> {
    Value::List(texts.into_iter().map(|text| Value::String(text.into())).collect())
}

/// The elements, if each of them is text.
pub(crate) fn texts(answer: Value<'static>) -> Option<Vec<String>> {
    let Value::List(elements) = answer else { return None };
    let text = |element| match element {
        Value::String(text) => Some(String::from(text)),
        _ => None,
    };
    elements.into_iter().map(text).collect()
}
