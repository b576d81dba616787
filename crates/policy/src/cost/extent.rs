//! How large a value can be.

use crate::{Attribute, Scope};

/// How large a value can be: what its cost is reckoned with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// All the text in it, in bytes.
    pub bytes: u64,
    /// Its elements or entries; 1 for what is neither a list nor a map.
    pub items: u64,
    /// The text in one entry that is looked up, in bytes.
    pub entry: u64,
}

/// A header's value, a cookie, a path.
const TEXT: u64 = 8 << 10;
/// All headers, names and values.
const HEADERS: u64 = 64 << 10;
/// All claims: a token comes in a header.
const CLAIMS: u64 = 16 << 10;
/// A list or map in claims, in a body.
const LIST: u64 = 1_000;
/// Header lines, query parameters, cookies.
const FIELDS: u64 = 100;
/// A method, a scheme, an address.
const WORD: u64 = 64;

impl Extent {
    /// A number, a bool, a timestamp.
    pub(super) const SCALAR: Self = Self::text(8);

    /// A text of so many bytes.
    pub(super) const fn text(bytes: u64) -> Self {
        Self { bytes, items: 1, entry: bytes }
    }

    const fn of(bytes: u64, items: u64, entry: u64) -> Self {
        Self { bytes, items, entry }
    }

    /// What one entry holds that is looked up: all of it, in the worst case.
    pub(super) fn looked_up(self) -> Self {
        Self { bytes: self.entry, items: self.items, entry: self.entry }
    }

    /// An element in turn: all of them together hold no more than the whole.
    pub(super) fn share(self) -> Self {
        let bytes = (self.bytes / self.items.max(1)).max(8).min(self.entry.max(8));
        Self { bytes, items: self.items.min(bytes.div_ceil(2)), entry: bytes }
    }

    /// Both in one value.
    pub(super) fn plus(self, other: Self) -> Self {
        let bytes = self.bytes.saturating_add(other.bytes);
        Self { bytes, items: self.items.saturating_add(other.items), entry: self.entry.max(other.entry) }
    }

    /// Either of them.
    pub(super) fn or(self, other: Self) -> Self {
        Self { bytes: self.bytes.max(other.bytes), items: self.items.max(other.items), entry: self.entry.max(other.entry) }
    }

    /// So many of them.
    pub(super) fn times(self, count: u64) -> Self {
        Self { bytes: self.bytes.saturating_mul(count), items: count, entry: self.bytes }
    }
}

/// How large `attribute` can be.
#[must_use]
pub fn extent_of(attribute: Attribute, scope: &Scope<'_>) -> Extent {
    match attribute {
        Attribute::RequestHeaders | Attribute::ResponseHeaders => Extent::of(HEADERS, FIELDS, TEXT),
        Attribute::Query | Attribute::Cookies => Extent::of(TEXT, FIELDS, TEXT),
        Attribute::Params => Extent::of(TEXT, 10, TEXT),
        Attribute::JwtClaims | Attribute::JwtHeader | Attribute::Claims => Extent::of(CLAIMS, LIST, CLAIMS),
        Attribute::Roles | Attribute::Permissions | Attribute::Scopes => Extent::of(CLAIMS, LIST, TEXT),
        Attribute::Body => Extent::of(scope.body_max, LIST, scope.body_max),
        Attribute::RequestMethod
        | Attribute::RequestScheme
        | Attribute::RequestProtocol
        | Attribute::RequestTime
        | Attribute::SourceIp
        | Attribute::DestinationIp
        | Attribute::SourceAddress
        | Attribute::SourcePort
        | Attribute::DestinationAddress
        | Attribute::DestinationPort
        | Attribute::ConnectionMtls
        | Attribute::ConnectionPeerCertificateValid
        | Attribute::ConnectionTlsVersion
        | Attribute::ConnectionSha256PeerCertificateDigest
        | Attribute::ResponseCode => Extent::text(WORD),
        _ => Extent::text(TEXT),
    }
}
