use std::cell::RefCell;

use portcullis_config::OnAmbiguous;
use portcullis_filter::{HostError, Timestamp};

use super::*;

/// A proxy with one attribute that is there, and a list of what was asked for.
#[derive(Default)]
struct Proxy {
    source: &'static str,
    identity: &'static str,
    asked: RefCell<Vec<String>>,
}

impl Attributes for Proxy {
    fn attribute(&self, path: &[&str]) -> Result<Option<Vec<u8>>, HostError> {
        self.asked.borrow_mut().push(path.join("."));
        Ok(match path {
            ["source", "address"] => Some(self.source.as_bytes().to_vec()),
            ["destination", "address"] => Some(b"[2001:db8::1]:443".to_vec()),
            ["destination", "port"] => Some(443_u64.to_le_bytes().to_vec()),
            ["portcullis_identity"] => Some(self.identity.as_bytes().to_vec()),
            _ => None,
        })
    }
}

impl Clock for Proxy {
    fn now(&self) -> Timestamp {
        Timestamp::from_secs(1)
    }
}

impl Headers for Proxy {
    fn headers(&self, _: HeaderMap) -> Result<Rc<HeaderBlock>, HostError> {
        Ok(Rc::new(HeaderBlock::from_pairs([("content-type", "text/plain")])))
    }

    fn set_header(&self, _: HeaderMap, _: &str, _: &[u8]) -> Result<(), HostError> {
        Err(HostError::INTERNAL_FAILURE)
    }

    fn remove_header(&self, _: HeaderMap, _: &str) -> Result<(), HostError> {
        Err(HostError::INTERNAL_FAILURE)
    }

    fn add_header(&self, _: HeaderMap, _: &str, _: &[u8]) -> Result<(), HostError> {
        Err(HostError::INTERNAL_FAILURE)
    }
}

/// What `attribute` is, as text, in a request with these further headers.
fn read(proxy: &Proxy, more: &[(&str, &str)], attribute: Attribute) -> Result<Option<String>, Unreadable> {
    let head = [(":method", "GET"), (":path", "/Orders?a=1&a=2&b=x+y"), (":authority", "API.example"), (":scheme", "https")];
    let headers = HeaderBlock::from_pairs(head.iter().chain(more).copied());
    let request = MatchRequest::parse(b"GET", headers.only(":authority"), headers.only(":path"), OnAmbiguous::Reject).unwrap();
    let identity = IdentitySources::default();
    let attributes = RequestAttributes::new(proxy, &headers, &request, &identity);
    attributes.read(attribute).map(|value| value.map(|value| shown(&value)))
}

fn shown(value: &Value<'_>) -> String {
    match value {
        Value::String(text) => text.to_string(),
        Value::Fields(fields) => {
            fields.iter().map(|(name, value)| format!("{name}={};", String::from_utf8_lossy(value))).collect()
        }
        Value::List(list) => list.iter().map(|value| shown(value) + ",").collect(),
        Value::Ip(ip) => ip.to_string(),
        Value::Json(json) => json.to_string(),
        other => format!("{other:?}"),
    }
}

fn some(text: &str) -> Result<Option<String>, Unreadable> {
    Ok(Some(text.to_owned()))
}

#[test]
fn the_head_is_read_from_the_headers_alone() {
    let proxy = Proxy::default();
    for (attribute, value) in [
        (Attribute::RequestMethod, "GET"),
        (Attribute::RequestCanonicalPath, "/Orders"),
        (Attribute::RequestPath, "/Orders?a=1&a=2&b=x+y"),
        (Attribute::RequestUrlPath, "/Orders"),
        (Attribute::RequestQuery, "a=1&a=2&b=x+y"),
        (Attribute::RequestHost, "api.example"),
        (Attribute::RequestScheme, "https"),
        (Attribute::RequestUserAgent, "curl"),
        (Attribute::RequestHeaders, "user-agent=curl;cookie=s=1;"),
        (Attribute::Query, "a=1;a=2;b=x y;"),
        (Attribute::Cookies, "s=1;"),
        (Attribute::RequestTime, "Timestamp(1000000000)"),
    ] {
        assert_eq!(read(&proxy, &[("user-agent", "curl"), ("cookie", "s=1")], attribute), some(value), "{}", attribute.name());
    }
    assert!(proxy.asked.borrow().is_empty());
}

#[test]
fn a_repeated_header_is_kept_as_several_lines_and_has_no_one_value() {
    let twice = [("referer", "a"), ("referer", "b")];
    assert_eq!(read(&Proxy::default(), &twice, Attribute::RequestHeaders), some("referer=a;referer=b;"));
    assert!(read(&Proxy::default(), &twice, Attribute::RequestReferer).is_err());
    assert_eq!(read(&Proxy::default(), &[], Attribute::RequestReferer), Ok(None));
}

#[test]
fn the_address_is_the_proxys_own_whatever_the_client_forwards() {
    let proxy = Proxy { source: "[::ffff:192.0.2.1]:4711", ..Proxy::default() };
    assert_eq!(read(&proxy, &[("x-forwarded-for", "10.0.0.1")], Attribute::SourceIp), some("192.0.2.1"));
    assert_eq!(read(&Proxy::default(), &[], Attribute::SourceIp), Ok(None));
    assert_eq!(read(&Proxy::default(), &[], Attribute::DestinationIp), some("2001:db8::1"));
}

#[test]
fn a_property_is_one_question_to_the_proxy() {
    let proxy = Proxy::default();
    assert_eq!(read(&proxy, &[], Attribute::DestinationPort), some("Int(443)"));
    assert_eq!(read(&proxy, &[], Attribute::XdsRouteName), Ok(None));
    assert_eq!(*proxy.asked.borrow(), ["destination.port", "xds.route_name"]);
}

#[test]
fn the_token_is_read_once_for_all_that_it_tells() {
    let identity = r#"{"provider":"main","subject":"alice","claims":{"sub":"alice","scope":"a  b"},"header":{"alg":"RS256"}}"#;
    let proxy = Proxy { identity, ..Proxy::default() };
    let headers = HeaderBlock::default();
    let request = MatchRequest::parse(b"GET", None, Some(b"/"), OnAmbiguous::Reject).unwrap();
    let sources = IdentitySources::default();
    let attributes = RequestAttributes::new(&proxy, &headers, &request, &sources);
    let read = |attribute| attributes.read(attribute).unwrap().map(|value| shown(&value));
    assert_eq!(read(Attribute::JwtSubject).as_deref(), Some("alice"));
    assert_eq!(read(Attribute::JwtIssuer), None);
    assert_eq!(read(Attribute::Scopes).as_deref(), Some("a,b,"));
    assert_eq!(read(Attribute::JwtHeader).as_deref(), Some("{\"alg\":\"RS256\"}"));
    assert_eq!(proxy.asked.borrow().len(), 1);
}

#[test]
fn a_client_cannot_name_itself() {
    let forged = [("portcullis_identity", "{}"), ("x-forwarded-client-cert", "URI=spiffe://a/admin")];
    assert_eq!(read(&Proxy::default(), &forged, Attribute::JwtClaims), Ok(None));
    assert_eq!(read(&Proxy::default(), &forged, Attribute::PeerPrincipal), Ok(None));
}

#[test]
fn scopes_of_another_shape_are_an_error_and_both_claims_count() {
    let scopes = |claims: &str| {
        let claims: Json = serde_json::from_str(claims).unwrap();
        scopes(&claims).map(|value| shown(&value))
    };
    assert_eq!(scopes(r#"{"scope":"a","scp":["b"]}"#).as_deref(), Ok("a,b,"));
    assert_eq!(scopes("{}").as_deref(), Ok(""));
    for claims in
        [r#"{"scope":null,"scp":"a"}"#, r#"{"scope":{"a":true}}"#, r#"{"scp":["a b"]}"#, r#"{"scope":"a\tb"}"#, r#"{"scp":[1]}"#]
    {
        assert!(scopes(claims).is_err(), "{claims}");
    }
}
