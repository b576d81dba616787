//! The attributes of a request whose head has come.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::rc::Rc;

use portcullis_filter::{Attributes, Clock, HeaderBlock, HeaderMap, Headers};
use portcullis_http::{CanonicalHost, MatchRequest};
use portcullis_policy::{Attribute, AttributeSource, Unreadable, Value};
use serde_json::Value as Json;

use crate::identity::{IdentitySources, TokenIdentity};
use crate::query::Field;
use crate::{address, cookies, property, query};

/// One request, and who sent it. Nothing is read before it is asked for; identities are then kept, what else is read is kept by
/// [`Facts`](portcullis_policy::Facts).
pub struct RequestAttributes<'r, H: ?Sized> {
    host: &'r H,
    headers: &'r HeaderBlock,
    request: &'r MatchRequest<'r>,
    identity: &'r IdentitySources,
    token: OnceCell<Result<Option<Rc<TokenIdentity>>, Unreadable>>,
    peer: OnceCell<Result<Option<String>, Unreadable>>,
    response: OnceCell<Result<Rc<HeaderBlock>, Unreadable>>,
}

/// A caller as a record shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShownCaller {
    /// The token's subject; else the name in the certificate, where a source knows one.
    pub subject: Option<String>,
    /// Names and values.
    pub claims: Vec<(String, String)>,
}

type Reading<'v> = Result<Option<Value<'v>>, Unreadable>;

impl<'r, H: Attributes + Clock + Headers + ?Sized> RequestAttributes<'r, H> {
    /// The attributes of the request with these headers, which was understood as `request`.
    #[must_use]
    pub fn new(host: &'r H, headers: &'r HeaderBlock, request: &'r MatchRequest<'r>, identity: &'r IdentitySources) -> Self {
        Self { host, headers, request, identity, token: OnceCell::new(), peer: OnceCell::new(), response: OnceCell::new() }
    }

    /// The caller as a token names it; `None` where no source knows one.
    ///
    /// # Errors
    /// When a source has something that is no identity.
    pub fn token(&self) -> Result<Option<&TokenIdentity>, Unreadable> {
        match self.token.get_or_init(|| self.identity.token(self.host)) {
            Ok(token) => Ok(token.as_deref()),
            Err(unreadable) => Err(*unreadable),
        }
    }

    /// The caller as its certificate names it; `None` where no source knows one.
    ///
    /// # Errors
    /// When a source has something that is no identity.
    pub fn peer(&self) -> Result<Option<&str>, Unreadable> {
        match self.peer.get_or_init(|| self.identity.peer(self.host, self.headers)) {
            Ok(peer) => Ok(peer.as_deref()),
            Err(unreadable) => Err(*unreadable),
        }
    }

    /// The caller as far as a record shows it, with these claims.
    #[must_use]
    pub fn shown_caller(&self, claims: &[String]) -> ShownCaller {
        let Ok(Some(token)) = self.token() else {
            let peer = if self.identity.know_peers() { self.peer().ok().flatten() } else { None };
            return ShownCaller { subject: peer.map(str::to_owned), claims: Vec::new() };
        };
        let text = |claim: &Json| claim.as_str().map_or_else(|| claim.to_string(), str::to_owned);
        let shown = |name: &String| Some((name.clone(), text(token.claims.get(name)?)));
        ShownCaller { subject: token.subject.clone(), claims: claims.iter().filter_map(shown).collect() }
    }

    fn head(&self, attribute: Attribute) -> Option<Reading<'_>> {
        Some(match attribute {
            Attribute::RequestMethod => text(self.request.method).map(Some),
            Attribute::RequestCanonicalPath => Ok(self.request.path().map(string)),
            Attribute::RequestHost => Ok(self.request.host.as_ref().map(CanonicalHost::as_str).map(string)),
            Attribute::RequestPath => self.field(":path"),
            Attribute::RequestUrlPath => self.target().map(|(path, _)| text(path)).transpose(),
            Attribute::RequestQuery => self.target().map(|(_, query)| text(query)).transpose(),
            Attribute::RequestScheme => self.field(":scheme"),
            Attribute::RequestUserAgent => self.field("user-agent"),
            Attribute::RequestReferer => self.field("referer"),
            Attribute::RequestId => self.field("x-request-id"),
            Attribute::RequestHeaders => Ok(Some(fields(self.headers))),
            Attribute::RequestTime => Ok(Some(Value::Timestamp(self.host.now().as_nanos().into()))),
            Attribute::Query => query::parse(self.target().map(|(_, query)| query).unwrap_or_default()).map(Some),
            Attribute::Cookies => cookies::parse(self.headers).map(Some),
            _ => return None,
        })
    }

    fn caller(&self, attribute: Attribute) -> Option<Reading<'_>> {
        let of_token = |read: fn(&TokenIdentity) -> Option<Value<'_>>| self.token().map(|token| token.and_then(read));
        Some(match attribute {
            Attribute::JwtProvider => of_token(|token| token.provider.as_deref().map(string)),
            Attribute::JwtIssuer => of_token(|token| token.issuer.as_deref().map(string)),
            Attribute::JwtSubject => of_token(|token| token.subject.as_deref().map(string)),
            Attribute::JwtClaims => of_token(|token| Some(Value::Json(&token.claims))),
            Attribute::JwtHeader => of_token(|token| token.header.as_ref().map(Value::Json)),
            Attribute::Scopes => self.token().and_then(|token| token.map(|token| scopes(&token.claims)).transpose()),
            Attribute::PeerPrincipal => self.peer().map(|peer| peer.map(string)),
            Attribute::SourceIp => self.ip("source"),
            Attribute::DestinationIp => self.ip("destination"),
            _ => return None,
        })
    }

    /// The address of one side of the connection.
    fn ip(&self, side: &str) -> Reading<'_> {
        let address = property::text(self.host, &[side, "address"])?;
        Ok(address.as_deref().and_then(address::ip).map(Value::Ip))
    }

    /// The only value of a header; a repeated one has none.
    fn field(&self, name: &'static str) -> Reading<'_> {
        let mut values = self.headers.all(name);
        match (values.next(), values.next()) {
            (None, _) => Ok(None),
            (Some(value), None) => text(value).map(Some),
            (Some(_), Some(_)) => Err(Unreadable("it came several times")),
        }
    }

    /// The raw path and the raw query. A fragment is no part of either; proxies refuse one.
    fn target(&self) -> Option<(&[u8], &[u8])> {
        let target = self.headers.only(":path")?.split(|byte| *byte == b'#').next()?;
        Some(query::split_once(target, b'?').unwrap_or((target, b"")))
    }

    fn response(&self, attribute: Attribute) -> Reading<'_> {
        let read = || self.host.headers(HeaderMap::ResponseHeaders).map_err(|_| property::REFUSED);
        let headers = self.response.get_or_init(read).as_ref().map_err(|unreadable| *unreadable)?;
        match attribute {
            // The property is there only once the whole response is known.
            Attribute::ResponseCode => headers.only(":status").map(code).transpose(),
            _ => Ok(Some(fields(headers))),
        }
    }
}

impl<H: Attributes + Clock + Headers + ?Sized> AttributeSource for RequestAttributes<'_, H> {
    fn read(&self, attribute: Attribute) -> Reading<'_> {
        if let Some(reading) = self.head(attribute).or_else(|| self.caller(attribute)) {
            return reading;
        }
        match attribute {
            // Given with the evaluation, known to the plugin alone, or not there yet.
            Attribute::Params | Attribute::Claims | Attribute::Body | Attribute::Roles | Attribute::Permissions => Ok(None),
            Attribute::ResponseCode | Attribute::ResponseHeaders => self.response(attribute),
            property => property::read(self.host, property),
        }
    }
}

/// Every line but those of the pseudo-headers, which have names of their own.
fn fields(headers: &HeaderBlock) -> Value<'_> {
    let field = |(name, value)| -> Option<Field<'_>> { Some((Cow::Borrowed(str::from_utf8(name).ok()?), Cow::Borrowed(value))) };
    Value::Fields(headers.iter().filter(|(name, _)| !name.starts_with(b":")).filter_map(field).collect())
}

/// RFC 8693 section 4.2: `scope`, separated by blanks; Okta and Azure call it `scp`, and some make it a list. Both count.
fn scopes(claims: &Json) -> Result<Value<'_>, Unreadable> {
    let mut scopes = Vec::new();
    for claim in ["scope", "scp"].into_iter().filter_map(|name| claims.get(name)) {
        match claim {
            Json::String(text) => scopes.extend(text.split(' ').filter(|scope| !scope.is_empty()).map(Some)),
            Json::Array(list) => scopes.extend(list.iter().map(|scope| scope.as_str().filter(|scope| !scope.contains(' ')))),
            _ => return Err(NO_SCOPES),
        }
    }
    let plain = |scope: Option<_>| scope.filter(|scope: &&str| !scope.contains(char::is_control)).map(string).ok_or(NO_SCOPES);
    scopes.into_iter().map(plain).collect::<Result<_, _>>().map(Value::List)
}

/// A scope that nobody sees is one that a DENY misses.
const NO_SCOPES: Unreadable = Unreadable("scopes of another shape than a text or a list of texts");

fn code(status: &[u8]) -> Result<Value<'static>, Unreadable> {
    let code = str::from_utf8(status).ok().and_then(|status| status.parse().ok());
    code.map(Value::Int).ok_or(Unreadable("no status"))
}

fn string(text: &str) -> Value<'_> {
    Value::String(Cow::Borrowed(text))
}

fn text(bytes: &[u8]) -> Result<Value<'_>, Unreadable> {
    str::from_utf8(bytes).map(string).map_err(|_| Unreadable("not UTF-8"))
}

#[cfg(test)]
mod tests;
