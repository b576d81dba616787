//! The values that attributes have and that expressions answer.

use std::borrow::Cow;
use std::net::IpAddr;

/// A value, borrowed from the request where it can be.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// `null`
    Null,
    /// `bool`
    Bool(bool),
    /// `int`
    Int(i64),
    /// `uint`
    Uint(u64),
    /// `double`
    Double(f64),
    /// `string`
    String(Cow<'a, str>),
    /// `bytes`
    Bytes(Cow<'a, [u8]>),
    /// `google.protobuf.Timestamp`, in nanoseconds since 1970-01-01T00:00:00Z; CEL's years 1 to 9999.
    Timestamp(i128),
    /// `google.protobuf.Duration`, in nanoseconds.
    Duration(i128),
    /// An IP address. A reader gives an IPv4-mapped IPv6 address as the IPv4 address that it is (`IpAddr::to_canonical`): a
    /// policy's `cidr("10.0.0.0/8")` would not contain it otherwise.
    Ip(IpAddr),
    /// `list(dyn)`
    List(Vec<Value<'a>>),
    /// `map(dyn, dyn)`, in no particular order.
    Map(Vec<(Value<'a>, Value<'a>)>),
    /// `type`, by its name.
    Type(Cow<'a, str>),
    /// `optional_type(dyn)`
    Optional(Option<Box<Value<'a>>>),
    /// A parsed JSON document. Numbers are doubles, save integers beyond 2^53: those are ints, so that none equals its neighbour.
    Json(&'a serde_json::Value),
    /// Names that may come several times, each with its values as they came: headers, query parameters, cookies. Looking up a
    /// name that came several times is an error, and so is a value that is not UTF-8.
    Fields(Vec<(Cow<'a, str>, Cow<'a, [u8]>)>),
}
