//! CEL's types, as far as an expression can be checked before it runs.

use std::fmt;

/// The type of an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// Known only when the expression runs: claims, a body.
    Dyn,
    /// `null`
    Null,
    /// `bool`
    Bool,
    /// `int`
    Int,
    /// `uint`
    Uint,
    /// `double`
    Double,
    /// `string`
    String,
    /// `bytes`
    Bytes,
    /// `google.protobuf.Timestamp`
    Timestamp,
    /// `google.protobuf.Duration`
    Duration,
    /// `list(element)`
    List(Box<Type>),
    /// `map(key, value)`
    Map(Box<Type>, Box<Type>),
    /// `optional_type(value)`
    Optional(Box<Type>),
    /// `type`: what `type(x)` is.
    Type,
    /// An IP address: what `ip()` makes.
    Ip,
    /// A network: what `cidr()` makes.
    Cidr,
    /// What `url()` makes.
    Url,
}

impl Type {
    /// Every type without parts.
    pub(crate) const SIMPLE: &[Self] = &[
        Self::Dyn,
        Self::Null,
        Self::Bool,
        Self::Int,
        Self::Uint,
        Self::Double,
        Self::String,
        Self::Bytes,
        Self::Timestamp,
        Self::Duration,
        Self::Type,
        Self::Ip,
        Self::Cidr,
        Self::Url,
    ];

    /// Whether it is one of CEL's three kinds of numbers, which compare with each other.
    #[must_use]
    pub const fn is_number(&self) -> bool {
        matches!(self, Self::Int | Self::Uint | Self::Double)
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dyn => f.write_str("dyn"),
            Self::Null => f.write_str("null"),
            Self::Bool => f.write_str("bool"),
            Self::Int => f.write_str("int"),
            Self::Uint => f.write_str("uint"),
            Self::Double => f.write_str("double"),
            Self::String => f.write_str("string"),
            Self::Bytes => f.write_str("bytes"),
            Self::Timestamp => f.write_str("timestamp"),
            Self::Duration => f.write_str("duration"),
            Self::List(element) => write!(f, "list({element})"),
            Self::Map(key, value) => write!(f, "map({key}, {value})"),
            Self::Optional(value) => write!(f, "optional({value})"),
            Self::Type => f.write_str("type"),
            Self::Ip => f.write_str("ip"),
            Self::Cidr => f.write_str("cidr"),
            Self::Url => f.write_str("url"),
        }
    }
}
