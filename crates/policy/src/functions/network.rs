//! Kubernetes' addresses and networks, and `isPrivate` and `ip_prefix`.

use std::net::IpAddr;

use cel::common::types::{CelBool, CelInt, CelString, STRING_TYPE};
use cel::common::value::CowVal;
use cel::{DeclarationError, Env, ExecutionError};

use super::{Answer, Args, argument, invalid, truth, wrong_type};
use crate::values::network::{CIDR, Cidr, IP, Ip};

pub(super) fn register(env: &mut Env) -> Result<(), DeclarationError> {
    env.add_type(IP.to_owned())?;
    env.add_type(CIDR.to_owned())?;
    addresses(env)?;
    questions(env)?;
    networks(env)
}

fn addresses(env: &mut Env) -> Result<(), DeclarationError> {
    cel::add_overload!(env, fn ip_from_string: (CelString) -> Result<Ip>, name = "ip")?;
    env.add_overload("ip", "ip_ip", vec![IP.to_owned()], identity)?;
    cel::add_overload!(env, fn is_ip: (CelString) -> CelBool, name = "isIP")?;
    cel::add_overload!(env, fn is_canonical: (CelString) -> Result<CelBool>, name = "ip.isCanonical")?;
    cel::add_overload!(env, fn ip_to_string: (Ip) -> CelString, name = "string", id = "ip_to_string")?;
    cel::add_overload!(env, fn ip_prefix: (Ip, CelInt, CelInt) -> Result<CelString>, name = "ip_prefix")?;
    cel::add_member_overload!(env, fn family: (Ip) -> CelInt)
}

/// What is asked of an address, by name.
const QUESTIONS: [(&str, cel::common::functions::Function); 6] = [
    ("isUnspecified", |args| ask(&args, |address| address.is_unspecified())),
    ("isLoopback", |args| ask(&args, |address| address.is_loopback())),
    ("isPrivate", |args| ask(&args, is_private)),
    ("isLinkLocalMulticast", |args| ask(&args, is_link_local_multicast)),
    ("isLinkLocalUnicast", |args| ask(&args, is_link_local_unicast)),
    ("isGlobalUnicast", |args| ask(&args, is_global_unicast)),
];

fn questions(env: &mut Env) -> Result<(), DeclarationError> {
    for (name, answer) in QUESTIONS {
        env.add_member_overload(name, name, IP.to_owned(), vec![], answer)?;
    }
    Ok(())
}

fn networks(env: &mut Env) -> Result<(), DeclarationError> {
    cel::add_overload!(env, fn cidr_from_string: (CelString) -> Result<Cidr>, name = "cidr")?;
    cel::add_overload!(env, fn is_cidr: (CelString) -> CelBool, name = "isCIDR")?;
    cel::add_overload!(env, fn cidr_to_string: (Cidr) -> CelString, name = "string", id = "cidr_to_string")?;
    cel::add_member_overload!(env, fn address: (Cidr) -> Ip, name = "ip", id = "cidr_ip")?;
    cel::add_member_overload!(env, fn masked: (Cidr) -> Cidr)?;
    cel::add_member_overload!(env, fn prefix_length: (Cidr) -> CelInt)?;
    for (id, other) in [("contains_ip", IP.to_owned()), ("contains_ip_string", STRING_TYPE)] {
        env.add_member_overload("containsIP", id, CIDR.to_owned(), vec![other], contains_ip)?;
    }
    for (id, other) in [("contains_cidr", CIDR.to_owned()), ("contains_cidr_string", STRING_TYPE)] {
        env.add_member_overload("containsCIDR", id, CIDR.to_owned(), vec![other], contains_cidr)?;
    }
    Ok(())
}

fn identity<'b, 'v>(mut args: Args<'b, 'v>) -> Answer<'b, 'v> {
    args.pop().ok_or_else(wrong_type)
}

fn ip_from_string(text: &CelString<'_>) -> Result<Ip, ExecutionError> {
    Ip::parse(text.inner()).ok_or_else(|| invalid("ip"))
}

fn is_ip(text: &CelString<'_>) -> CelBool {
    Ip::parse(text.inner()).is_some().into()
}

fn is_canonical(text: &CelString<'_>) -> Result<CelBool, ExecutionError> {
    ip_from_string(text).map(|ip| (ip.0.to_string() == text.inner()).into())
}

fn ip_to_string(ip: &Ip) -> CelString<'static> {
    ip.0.to_string().into()
}

fn family(ip: &Ip) -> CelInt {
    CelInt::from(if ip.0.is_ipv4() { 4 } else { 6 })
}

/// The network of an address as text: `10.1.2.0/24`, `2001:db8::/64`.
fn ip_prefix(ip: &Ip, v4: &CelInt, v6: &CelInt) -> Result<CelString<'static>, ExecutionError> {
    let (length, most) = if ip.0.is_ipv4() { (v4, 32) } else { (v6, 128) };
    let length = u8::try_from(*length.inner()).ok().filter(|length| *length <= most).ok_or_else(|| invalid("ip_prefix"))?;
    Ok(Cidr { address: ip.masked(length), length }.to_string().into())
}

fn ask<'b, 'v>(args: &[CowVal<'b, 'v>], question: impl FnOnce(IpAddr) -> bool) -> Answer<'b, 'v> {
    argument::<Ip>(args, 0).map(|ip| truth(question(ip.0)))
}

fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_private(),
        IpAddr::V6(v6) => v6.is_unique_local(),
    }
}

fn is_link_local_unicast(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    }
}

fn is_link_local_multicast(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => matches!(v4.octets(), [224, 0, 0, _]),
        IpAddr::V6(v6) => matches!(v6.segments(), [first, ..] if first & 0xff0f == 0xff02),
    }
}

/// As Go's `IsGlobalUnicast`: private addresses are.
fn is_global_unicast(address: IpAddr) -> bool {
    let broadcast = matches!(address, IpAddr::V4(v4) if v4.is_broadcast());
    !(broadcast || address.is_unspecified() || address.is_loopback() || address.is_multicast() || is_link_local_unicast(address))
}

fn cidr_from_string(text: &CelString<'_>) -> Result<Cidr, ExecutionError> {
    Cidr::parse(text.inner()).ok_or_else(|| invalid("cidr"))
}

fn is_cidr(text: &CelString<'_>) -> CelBool {
    Cidr::parse(text.inner()).is_some().into()
}

fn cidr_to_string(cidr: &Cidr) -> CelString<'static> {
    cidr.to_string().into()
}

fn address(cidr: &Cidr) -> Ip {
    cidr.address
}

fn masked(cidr: &Cidr) -> Cidr {
    Cidr { address: cidr.address.masked(cidr.length), length: cidr.length }
}

fn prefix_length(cidr: &Cidr) -> CelInt {
    CelInt::from(i64::from(cidr.length))
}

fn contains_ip<'b, 'v>(args: Args<'b, 'v>) -> Answer<'b, 'v> {
    let cidr = argument::<Cidr>(&args, 0)?;
    let ip = match argument::<CelString>(&args, 1) {
        Ok(text) => ip_from_string(text)?,
        Err(_) => *argument::<Ip>(&args, 1)?,
    };
    Ok(truth(cidr.contains(ip)))
}

fn contains_cidr<'b, 'v>(args: Args<'b, 'v>) -> Answer<'b, 'v> {
    let cidr = argument::<Cidr>(&args, 0)?;
    let other = match argument::<CelString>(&args, 1) {
        Ok(text) => cidr_from_string(text)?,
        Err(_) => *argument::<Cidr>(&args, 1)?,
    };
    Ok(truth(cidr.contains_network(other)))
}
