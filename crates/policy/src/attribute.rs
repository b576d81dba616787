//! Everything that an expression may name, in one table: the reference page, the checks, the completion data and the readers come
//! from it.

mod example;

use crate::Type;

pub use example::EXAMPLE_REQUEST;

/// When an attribute can first be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// The request's headers have come.
    Request,
    /// The request's body has come.
    Body,
    /// The response's headers have come.
    Response,
}

/// Which expressions may name an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Every one.
    Anywhere,
    /// Only the condition of a provider of tokens, while the token is being judged.
    Token,
    /// None: what the library's own functions read (`hasRole` and its like).
    Hidden,
}

macro_rules! attributes {
    ($($variant:ident $name:literal: $type:expr, $phase:ident, $place:ident, $doc:literal;)*) => {
        /// What an expression may name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Attribute {
            $(#[doc = concat!("`", $name, "`: ", $doc)] $variant,)*
        }

        impl Attribute {
            /// Every attribute, in the order of the reference page.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name in an expression.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The type of its value.
            #[must_use]
            pub fn value_type(self) -> Type {
                match self { $(Self::$variant => $type,)* }
            }

            /// When it can first be read.
            #[must_use]
            pub const fn phase(self) -> Phase {
                match self { $(Self::$variant => Phase::$phase,)* }
            }

            /// Which expressions may name it.
            #[must_use]
            pub const fn place(self) -> Place {
                match self { $(Self::$variant => Place::$place,)* }
            }

            /// What it is, for the reference page.
            #[must_use]
            pub const fn doc(self) -> &'static str {
                match self { $(Self::$variant => $doc,)* }
            }

            /// The attribute of this name.
            #[must_use]
            pub fn named(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

fn list(element: Type) -> Type {
    Type::List(Box::new(element))
}

fn map(value: Type) -> Type {
    Type::Map(Box::new(Type::String), Box::new(value))
}

attributes! {
    RequestMethod "request.method": Type::String, Request, Anywhere, "The method, in upper case: `GET`.";
    RequestCanonicalPath "request.canonical_path": Type::String, Request, Anywhere, "The path that rules match on: without query, decoded once, in one spelling.";
    RequestPath "request.path": Type::String, Request, Anywhere, "The raw path and query as the client sent them. Only with `raw_path: true`.";
    RequestUrlPath "request.url_path": Type::String, Request, Anywhere, "The raw path without its query. Only with `raw_path: true`.";
    RequestQuery "request.query": Type::String, Request, Anywhere, "The raw query, without the question mark; empty where there is none. Only with `raw_path: true`.";
    RequestHost "request.host": Type::String, Request, Anywhere, "The host that was asked for, in lower case, without port.";
    RequestScheme "request.scheme": Type::String, Request, Anywhere, "`http` or `https`: over HTTP/2 what the client says. Whether it is TLS says `has(connection.tls_version)`.";
    RequestHeaders "request.headers": map(Type::String), Request, Anywhere, "The headers by their lower-case names. A header that came several times is an error: see `header_values`.";
    RequestUserAgent "request.useragent": Type::String, Request, Anywhere, "The `user-agent` header.";
    RequestReferer "request.referer": Type::String, Request, Anywhere, "The `referer` header.";
    RequestId "request.id": Type::String, Request, Anywhere, "The `x-request-id` header.";
    RequestProtocol "request.protocol": Type::String, Request, Anywhere, "`HTTP/1.1`, `HTTP/2`, …";
    RequestTime "request.time": Type::Timestamp, Request, Anywhere, "When the request came, by the proxy's clock.";
    Params "params": map(Type::String), Request, Anywhere, "What the path template of the rule captures: `params.id` for `/orders/{id}`.";
    Query "query": map(Type::String), Request, Anywhere, "The query's parameters, decoded. One that came several times is an error: see `query_values`.";
    Cookies "cookies": map(Type::String), Request, Anywhere, "The cookies. One that came several times is an error.";
    SourceIp "source.ip": Type::Ip, Request, Anywhere, "The caller's address as the proxy determined it (`use_remote_address`, `xff_num_trusted_hops`).";
    SourceAddress "source.address": Type::String, Request, Anywhere, "The caller's address and port.";
    SourcePort "source.port": Type::Int, Request, Anywhere, "The caller's port.";
    DestinationIp "destination.ip": Type::Ip, Request, Anywhere, "The address that the connection came to.";
    DestinationAddress "destination.address": Type::String, Request, Anywhere, "The address and port that the connection came to.";
    DestinationPort "destination.port": Type::Int, Request, Anywhere, "The port that the connection came to.";
    ConnectionMtls "connection.mtls": Type::Bool, Request, Anywhere, "Whether the peer presented a certificate.";
    ConnectionPeerCertificateValid "connection.peer_certificate_valid": Type::Bool, Request, Anywhere, "Whether that certificate was validated.";
    ConnectionTlsVersion "connection.tls_version": Type::String, Request, Anywhere, "`TLSv1.3`, …";
    ConnectionRequestedServerName "connection.requested_server_name": Type::String, Request, Anywhere, "The SNI of the connection.";
    ConnectionSubjectPeerCertificate "connection.subject_peer_certificate": Type::String, Request, Anywhere, "The subject of the peer's certificate.";
    ConnectionUriSanPeerCertificate "connection.uri_san_peer_certificate": Type::String, Request, Anywhere, "The first URI SAN of the peer's certificate: its SPIFFE id.";
    ConnectionDnsSanPeerCertificate "connection.dns_san_peer_certificate": Type::String, Request, Anywhere, "The first DNS SAN of the peer's certificate.";
    ConnectionSha256PeerCertificateDigest "connection.sha256_peer_certificate_digest": Type::String, Request, Anywhere, "The SHA-256 of the peer's certificate, in hex.";
    XdsRouteName "xds.route_name": Type::String, Request, Anywhere, "The name of the route.";
    XdsClusterName "xds.cluster_name": Type::String, Request, Anywhere, "The name of the upstream cluster.";
    JwtProvider "jwt.provider": Type::String, Request, Anywhere, "The provider that verified the token.";
    JwtIssuer "jwt.issuer": Type::String, Request, Anywhere, "The verified `iss`.";
    JwtSubject "jwt.subject": Type::String, Request, Anywhere, "The verified `sub`.";
    JwtClaims "jwt.claims": map(Type::Dyn), Request, Anywhere, "The verified claims.";
    JwtHeader "jwt.header": map(Type::Dyn), Request, Anywhere, "The header of the verified token.";
    PeerPrincipal "peer.principal": Type::String, Request, Anywhere, "The caller by mTLS, where `identity_from` names it: its SPIFFE id.";
    Claims "claims": map(Type::Dyn), Request, Token, "The claims of the token that is being judged.";
    Body "body": Type::Dyn, Body, Anywhere, "The parsed body, where the rule says that it reads one.";
    ResponseCode "response.code": Type::Int, Response, Anywhere, "The status of the response.";
    ResponseHeaders "response.headers": map(Type::String), Response, Anywhere, "The response's headers.";
    Roles "@roles": list(Type::String), Request, Hidden, "The caller's roles, inherited ones included.";
    Permissions "@permissions": list(Type::String), Request, Hidden, "The caller's permissions.";
    Scopes "@scopes": list(Type::String), Request, Hidden, "The scopes of the verified token.";
}
