//! Literals that a function or a comparison cannot make sense of.

use std::net::IpAddr;

use cel::common::ast::{Expr, IdedExpr, LiteralValue};

use super::describe::{quoted as text_of, string};
use super::walk::Walk;
use super::{describe, pattern};
use crate::{Attribute, Type};

mod time;

impl<'a> Walk<'a, '_> {
    /// The literal arguments of a call.
    pub(super) fn literals(&mut self, node: u64, name: &str, receiver: Option<&'a IdedExpr>, arguments: &[(&'a IdedExpr, Type)]) {
        let text = |index: usize| arguments.get(index).and_then(|(argument, _)| string(argument));
        let mut place = arguments.first().map_or(node, |(argument, _)| argument.id);
        let wrong = match name {
            "ip" | "containsIP" => text(0).and_then(address),
            "cidr" | "containsCIDR" => text(0).and_then(network),
            "duration" => text(0)
                .filter(|text| !time::is_duration(text))
                .map(|text| format!("{} is no duration, such as `\"1h30m\"` or `\"500ms\"`", quoted(text))),
            "timestamp" => text(0)
                .filter(|text| !time::is_timestamp(text))
                .map(|text| format!("{} is no timestamp, such as `\"2026-01-31T12:00:00Z\"`", quoted(text))),
            "ip_prefix" => prefix_bits(arguments),
            "matches" | "find" | "findAll" => {
                let (on, index) = if receiver.is_some() { (receiver, 0) } else { (arguments.first().map(|(on, _)| *on), 1) };
                place = arguments.get(index).map_or(node, |(argument, _)| argument.id);
                text(index).and_then(|pattern| self.pattern(place, on, pattern))
            }
            _ => None,
        };
        if let Some(wrong) = wrong {
            self.findings.error(place, wrong);
        }
    }

    fn pattern(&mut self, node: u64, on: Option<&'a IdedExpr>, text: &str) -> Option<String> {
        if let Err(why) = pattern(text) {
            return Some(format!("{} is no regular expression: {why}", quoted(text)));
        }
        let attribute = on.and_then(|on| self.attribute(on))?;
        let host = attribute == Attribute::RequestHost;
        let path = matches!(attribute, Attribute::RequestCanonicalPath | Attribute::RequestPath | Attribute::RequestUrlPath);
        if (host || path) && !(text.starts_with('^') && text.ends_with('$')) {
            self.findings
                .warn(node, format!("{} is found anywhere in `{}`; anchor it with `^` and `$`", quoted(text), attribute.name()));
        }
        if host && has_plain_dot(text) {
            self.findings.warn(node, format!("a dot in {} stands for any character; write `\\.`", quoted(text)));
        }
        None
    }

    /// A value that an attribute never has.
    pub(super) fn compared(&mut self, on: &'a IdedExpr, literal: &'a IdedExpr) {
        let (Some(attribute), Some(text)) = (self.attribute(on), string(literal)) else { return };
        let name = attribute.name();
        let never = match attribute {
            Attribute::RequestHost if text.contains(|c: char| c.is_ascii_uppercase()) => "is in lower case",
            Attribute::RequestHost if text.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok()) => "has no port",
            Attribute::RequestMethod if text.contains(|c: char| c.is_ascii_lowercase()) => "is in upper case",
            Attribute::RequestScheme if text.contains(|c: char| c.is_ascii_uppercase()) => "is in lower case",
            Attribute::RequestCanonicalPath if text.contains(['?', '#']) => "has no query",
            Attribute::RequestCanonicalPath if !text.starts_with('/') => "begins with a slash",
            _ => return,
        };
        self.findings.warn(literal.id, format!("{} is never equal: `{name}` {never}", quoted(text)));
    }
}

/// `example.com` as a pattern: a dot between letters that nothing escapes or repeats.
fn has_plain_dot(pattern: &str) -> bool {
    let bytes = pattern.as_bytes();
    bytes
        .windows(3)
        .any(|window| matches!(window, [before, b'.', after] if before.is_ascii_alphanumeric() && after.is_ascii_alphanumeric()))
}

fn address(text: &str) -> Option<String> {
    let shown = quoted(text);
    match text.parse::<IpAddr>() {
        Ok(IpAddr::V6(v6)) => {
            v6.to_ipv4_mapped().map(|v4| format!("{shown} is an IPv4 address in IPv6's clothes: write `\"{v4}\"`"))
        }
        Ok(IpAddr::V4(_)) => None,
        Err(_) if text.contains('/') => Some(format!("{shown} is no address but a network: use `cidr({})`", text_of(text))),
        Err(_) => Some(format!("{shown} is no IP address")),
    }
}

fn network(text: &str) -> Option<String> {
    let shown = quoted(text);
    let Some((address, length)) = text.split_once('/') else {
        return Some(match text.parse::<IpAddr>() {
            Ok(address) => format!("{shown} has no prefix length: write `\"{text}/{}\"`", bits(address)),
            Err(_) => format!("{shown} is no network, such as `\"10.0.0.0/8\"`"),
        });
    };
    let (Ok(address), Ok(length)) = (address.parse::<IpAddr>(), length.parse::<u32>()) else {
        return Some(format!("{shown} is no network, such as `\"10.0.0.0/8\"`"));
    };
    if length > bits(address) {
        return Some(format!("{shown} is no network: its prefix has at most {} bits", bits(address)));
    }
    let network = masked(address, length);
    (network != address).then(|| format!("{shown} has bits behind its prefix: write `\"{network}/{length}\"`"))
}

const fn bits(address: IpAddr) -> u32 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn masked(address: IpAddr, length: u32) -> IpAddr {
    match address {
        IpAddr::V4(v4) => IpAddr::V4((v4.to_bits() & u32::MAX.checked_shl(32 - length).unwrap_or(0)).into()),
        IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() & u128::MAX.checked_shl(128 - length).unwrap_or(0)).into()),
    }
}

fn prefix_bits(arguments: &[(&IdedExpr, Type)]) -> Option<String> {
    let bits = |index: usize, max: i64| {
        let (argument, _) = arguments.get(index)?;
        let Expr::Literal(LiteralValue::Int(value)) = &argument.expr else { return None };
        let wrong = !(0..=max).contains(value.inner());
        wrong.then(|| {
            format!("argument {} of `ip_prefix` is a number of bits from 0 to {max}, not `{}`", index + 1, describe(argument))
        })
    };
    bits(1, 32).or_else(|| bits(2, 128))
}

/// A literal as an error shows it.
fn quoted(text: &str) -> String {
    format!("`{}`", text_of(text))
}
