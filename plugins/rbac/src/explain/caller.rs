//! Who calls, and what follows from it.

use portcullis_policy::{Attribute, Facts, Value};

use super::{Caller, Token};
use crate::caller::texts;
use crate::settings::Settings;

/// The caller, by these facts. Roles are worked out apart from the judgement: that nobody asked for them is a part of it.
pub(super) fn caller(settings: &Settings, facts: &Facts<'_>) -> Caller {
    let roles_from = settings.roles_from.as_ref();
    let answer = roles_from.and_then(|expression| expression.evaluate(facts, &[]).ok());
    let held = answer.and_then(texts);
    let all = |of: &dyn Fn(&[String]) -> Vec<String>| held.as_deref().map(of);
    Caller {
        token: token(facts),
        peer: text(facts, Attribute::PeerPrincipal),
        unreadable: [Attribute::JwtClaims, Attribute::PeerPrincipal].into_iter().filter_map(|it| unreadable(facts, it)).collect(),
        roles_from: roles_from.map(|expression| expression.trace(facts, &[])),
        roles: all(&|held| owned(settings.roles.roles(held))),
        permissions: all(&|held| owned(settings.roles.permissions(held))),
    }
}

fn token(facts: &Facts<'_>) -> Option<Token> {
    facts.read(Attribute::JwtClaims).ok()??;
    let scopes = facts.read(Attribute::Scopes).ok().flatten().cloned().and_then(scopes);
    Some(Token {
        provider: text(facts, Attribute::JwtProvider),
        issuer: text(facts, Attribute::JwtIssuer),
        subject: text(facts, Attribute::JwtSubject),
        scopes: scopes.filter(|scopes| !scopes.is_empty()),
    })
}

fn scopes(scopes: Value<'_>) -> Option<Vec<String>> {
    let Value::List(scopes) = scopes else { return None };
    let text = |scope| match scope {
        Value::String(scope) => Some(String::from(scope)),
        _ => None,
    };
    scopes.into_iter().map(text).collect()
}

fn text(facts: &Facts<'_>, attribute: Attribute) -> Option<String> {
    match facts.read(attribute).ok()?? {
        Value::String(text) => Some(text.to_string()),
        _ => None,
    }
}

fn unreadable(facts: &Facts<'_>, attribute: Attribute) -> Option<String> {
    facts.read(attribute).err().map(|unreadable| format!("{}: {unreadable}", attribute.name()))
}

fn owned<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    names.into_iter().map(str::to_owned).collect()
}
