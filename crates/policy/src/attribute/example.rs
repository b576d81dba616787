//! One request, and what each attribute is for it: the examples of the reference pages, every one a test.

use super::Attribute;

/// The request of all examples, as the reference pages show it.
pub const EXAMPLE_REQUEST: &str = r#"GET /orders/42?page=2&tag=a&tag=b HTTP/2      # the rule's path template: /orders/{id}
host: shop.example.com
user-agent: curl/8.5.0
referer: https://shop.example.com/
x-request-id: 7f3a
x-team: payments
x-tag: red
x-tag: blue, green
cookie: session=abc; theme=dark

at 2026-01-01T12:00:00Z, from 10.1.2.3:51234 to 10.9.9.9:8443, over TLS without a client certificate
verified token, by the provider `main`: {"alg": "RS256", "kid": "k1"}
  {"iss": "https://idp.example", "sub": "user-1", "aud": "shop", "tenant": "acme", "groups": ["dev", "ops"], "scope": "orders.read"}
the caller's roles: editor, reader; permissions: orders:read, orders:write
the parsed body: {"items": [{"sku": "a", "qty": 2}], "note": "asap"}; the response's status: 200, its content-type: text/plain"#;

impl Attribute {
    /// An expression with the attribute, and what it answers for [`EXAMPLE_REQUEST`]; none for what cannot be named.
    #[must_use]
    pub const fn example(self) -> Option<(&'static str, &'static str)> {
        Some(match self {
            Self::RequestMethod => ("request.method", "\"GET\""),
            Self::RequestCanonicalPath => ("request.canonical_path", "\"/orders/42\""),
            Self::RequestPath => ("request.path", "\"/orders/42?page=2&tag=a&tag=b\""),
            Self::RequestUrlPath => ("request.url_path", "\"/orders/42\""),
            Self::RequestQuery => ("request.query", "\"page=2&tag=a&tag=b\""),
            Self::RequestHost => ("request.host", "\"shop.example.com\""),
            Self::RequestScheme => ("request.scheme", "\"https\""),
            Self::RequestHeaders => ("request.headers[\"x-team\"]", "\"payments\""),
            Self::RequestUserAgent => ("request.useragent", "\"curl/8.5.0\""),
            Self::RequestReferer => ("request.referer", "\"https://shop.example.com/\""),
            Self::RequestId => ("request.id", "\"7f3a\""),
            Self::RequestProtocol => ("request.protocol", "\"HTTP/2\""),
            Self::RequestTime => ("request.time", "timestamp(\"2026-01-01T12:00:00Z\")"),
            Self::Params => ("params.id", "\"42\""),
            Self::Query => ("query.page", "\"2\""),
            Self::Cookies => ("cookies.theme", "\"dark\""),
            Self::SourceIp => ("source.ip", "ip(\"10.1.2.3\")"),
            Self::SourceAddress => ("source.address", "\"10.1.2.3:51234\""),
            Self::SourcePort => ("source.port", "51234"),
            Self::DestinationIp => ("destination.ip", "ip(\"10.9.9.9\")"),
            Self::DestinationAddress => ("destination.address", "\"10.9.9.9:8443\""),
            Self::DestinationPort => ("destination.port", "8443"),
            Self::ConnectionMtls => ("connection.mtls", "false"),
            Self::ConnectionTlsVersion => ("connection.tls_version", "\"TLSv1.3\""),
            Self::ConnectionRequestedServerName => ("connection.requested_server_name", "\"shop.example.com\""),
            Self::XdsRouteName => ("xds.route_name", "\"orders\""),
            Self::XdsClusterName => ("xds.cluster_name", "\"orders-v1\""),
            Self::JwtProvider => ("jwt.provider", "\"main\""),
            Self::JwtIssuer => ("jwt.issuer", "\"https://idp.example\""),
            Self::JwtSubject => ("jwt.subject", "\"user-1\""),
            Self::JwtClaims => ("\"dev\" in jwt.claims.groups", "true"),
            Self::JwtHeader => ("jwt.header.alg", "\"RS256\""),
            Self::Claims => ("claims.aud", "\"shop\""),
            Self::Body => ("body.items.all(i, i.qty > 0)", "true"),
            Self::ResponseCode => ("response.code", "200"),
            Self::ResponseHeaders => ("response.headers[\"content-type\"]", "\"text/plain\""),
            // What a client certificate says, which the example has none of.
            Self::ConnectionPeerCertificateValid => ("connection.peer_certificate_valid", "false"),
            Self::ConnectionSubjectPeerCertificate => ("connection.subject_peer_certificate", "error"),
            Self::ConnectionUriSanPeerCertificate => ("connection.uri_san_peer_certificate", "error"),
            Self::ConnectionDnsSanPeerCertificate => ("connection.dns_san_peer_certificate", "error"),
            Self::ConnectionSha256PeerCertificateDigest => ("connection.sha256_peer_certificate_digest", "error"),
            Self::PeerPrincipal => ("peer.principal", "error"),
            Self::Roles | Self::Permissions | Self::Scopes => return None,
        })
    }
}
