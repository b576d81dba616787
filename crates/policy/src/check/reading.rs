//! Where an attribute may be read, and which of its entries can be there.

use cel::common::ast::IdedExpr;

use super::walk::Walk;
use crate::{Attribute, Phase, Place, suggest};

/// Pseudo-headers and the attributes that hold them. `host` is one: proxies keep it as `:authority`.
const PSEUDO_HEADERS: &[(&str, &str)] = &[
    (":path", "request.canonical_path"),
    (":method", "request.method"),
    (":authority", "request.host"),
    ("host", "request.host"),
    (":scheme", "request.scheme"),
    (":status", "response.code"),
];

/// What no request is without.
pub(super) fn is_always_there(attribute: Attribute) -> bool {
    matches!(
        attribute,
        Attribute::RequestMethod
            | Attribute::RequestCanonicalPath
            | Attribute::RequestPath
            | Attribute::RequestUrlPath
            | Attribute::RequestQuery
            | Attribute::RequestHost
            | Attribute::RequestScheme
            | Attribute::RequestHeaders
            | Attribute::RequestTime
    )
}

impl<'a> Walk<'a, '_> {
    /// Notes that `attribute` is read at `node`, if it may be.
    pub(super) fn read(&mut self, node: u64, attribute: Attribute) {
        if let Some(why) = self.refusal(attribute) {
            self.findings.error(node, why);
        } else if !self.attributes.contains(&attribute) {
            self.attributes.push(attribute);
        }
    }

    fn refusal(&self, attribute: Attribute) -> Option<String> {
        let name = attribute.name();
        match attribute {
            Attribute::RequestPath | Attribute::RequestUrlPath if !self.scope.raw_path => Some(format!(
                "`{name}` is the path as the client spelt it, which the upstream may read differently; \
                 use `request.canonical_path`, or say `raw_path: true`"
            )),
            Attribute::RequestQuery if !self.scope.raw_path => Some(format!(
                "`{name}` is the query as the client spelt it, which the upstream may read differently; \
                 use `query`, or say `raw_path: true`"
            )),
            Attribute::Params if self.scope.params.is_none() => Some(
                "`params` is not known here: only a rule whose `match.paths` has captures such as `/orders/{id}` has them"
                    .to_owned(),
            ),
            _ if self.scope.token && name.starts_with("jwt.") => {
                Some(format!("`{name}` is not known while a token is judged; use `{}`", in_token(attribute)))
            }
            _ if self.scope.token && attribute.place() == Place::Hidden => {
                Some("roles, permissions and scopes are not known while a token is judged; use `claims`".to_owned())
            }
            _ if !self.scope.token && attribute.place() == Place::Token => {
                Some("`claims` is only known while a token is judged; use `jwt.claims`".to_owned())
            }
            _ if attribute.phase() > self.scope.phase => Some(too_early(name, attribute.phase())),
            _ => None,
        }
    }

    /// A key that was written down and that `map` can never have.
    pub(super) fn entry(&mut self, map: &'a IdedExpr, key: &str, node: u64) {
        match self.attribute(map) {
            Some(Attribute::RequestHeaders | Attribute::ResponseHeaders) => self.header(key, node),
            Some(Attribute::Params) => self.param(key, node),
            _ => {}
        }
    }

    /// The name of a header.
    pub(super) fn header(&mut self, name: &str, node: u64) {
        let lower = name.to_ascii_lowercase();
        if let Some((_, attribute)) = PSEUDO_HEADERS.iter().find(|(pseudo, _)| *pseudo == lower) {
            self.findings.error(node, format!("`{lower}` is not among the headers; use `{attribute}`"));
        } else if name.starts_with(':') {
            self.findings.error(node, format!("`{name}` is not among the headers"));
        } else if lower != name {
            self.findings.error(node, format!("header names are in lower case here: write `{lower}`"));
        } else if name.is_empty() || !name.bytes().all(is_token) {
            self.findings.error(node, format!("`{}` is no name of a header", super::describe::quoted(name)));
        }
    }

    fn param(&mut self, name: &str, node: u64) {
        let Some(params) = self.scope.params else { return };
        if params.iter().any(|param| param == name) {
            return;
        }
        let suggestion = suggest::nearest(name, params.iter().map(String::as_str)).map(|near| format!("params.{near}"));
        let captured = match (params, &suggestion) {
            ([], _) => ": no path template of this rule captures anything".to_owned(),
            (_, Some(_)) => String::new(),
            (known, None) => format!("; every path template of this rule captures {}", list(known)),
        };
        self.findings.misnamed(node, format!("unknown path parameter `params.{name}`{captured}"), suggestion);
    }
}

fn in_token(attribute: Attribute) -> &'static str {
    match attribute {
        Attribute::JwtIssuer => "claims.iss",
        Attribute::JwtSubject => "claims.sub",
        _ => "claims",
    }
}

fn too_early(name: &str, phase: Phase) -> String {
    match phase {
        Phase::Body => format!("`{name}` is not known here: the expression is evaluated before the body has come"),
        _ => format!("`{name}` is not known here: the expression is evaluated before the response"),
    }
}

fn list(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// RFC 9110 section 5.6.2
const fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~')
}
