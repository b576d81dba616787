//! Addresses, ports and the server name of the connection.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::cel::Cel;
use super::context::{Context, placed};
use super::pattern::{Pattern, literal, matching, not_empty};
use super::resource::At;

/// `source.ip`, `ipBlocks`: whoever has connected.
pub(super) fn peers(values: &[String], context: &Context<'_>, at: &At<'_>) -> Cel {
    if !context.options.direct_clients {
        at.refuse(
            "this is the address of whoever has connected, and the proxy tells only the one that it determined, perhaps from \
             `x-forwarded-for`; `--direct-clients` says that they are the same here",
        );
    }
    addresses("source.ip", values, at)
}

/// `remote.ip`, `remoteIpBlocks`: the client as the proxy determined it.
pub(super) fn remotes(values: &[String], _: &Context<'_>, at: &At<'_>) -> Cel {
    addresses("source.ip", values, at)
}

/// `destination.ip`
pub(super) fn destinations(values: &[String], _: &Context<'_>, at: &At<'_>) -> Cel {
    addresses("destination.ip", values, at)
}

/// `destination.port`, `ports`
pub(super) fn ports(values: &[String], _: &Context<'_>, at: &At<'_>) -> Cel {
    const PORT: &str = "destination.port";
    let port = |(value, at): (&str, At<'_>)| {
        let port = value.parse::<u16>().ok().filter(|_| value.bytes().all(|byte| byte.is_ascii_digit()));
        if port.is_none() {
            at.refuse("expected a port from 0 to 65535");
        }
        port.map(|port| port.to_string())
    };
    let ports = placed(values, at).filter_map(port).collect();
    Cel::all([Cel::Call(format!("has({PORT})")), Cel::one_of(PORT, ports)])
}

/// `connection.sni`
pub(super) fn server_names(values: &[String], _: &Context<'_>, at: &At<'_>) -> Cel {
    const NAME: &str = "connection.requested_server_name";
    let patterns: Vec<Pattern<'_>> = placed(values, at).map(|(value, at)| Pattern::of(value, &at)).collect();
    Cel::all([Cel::Call(format!("has({NAME})")), matching(NAME, &patterns, &not_empty(NAME))])
}

/// What is told wherever a policy looks at addresses.
const MAPPED: &str = "an IPv4 address that comes as an IPv6 one (`::ffff:10.1.2.3`) is the IPv4 address that it is; to Istio it lies in no IPv4 \
    network";

fn addresses(subject: &str, values: &[String], at: &At<'_>) -> Cel {
    at.differs_everywhere(MAPPED);
    let blocks = placed(values, at).filter_map(|(value, at)| {
        let block = block(subject, value);
        if block.is_none() {
            at.refuse("expected an address such as `10.1.2.3`, or a network such as `10.0.0.0/8`");
        }
        block
    });
    Cel::all([Cel::Call(format!("has({subject})")), Cel::any(blocks.collect::<Vec<_>>())])
}

/// That `subject` is the address, or lies in the network, that `text` spells.
fn block(subject: &str, text: &str) -> Option<Cel> {
    let Some((address, length)) = text.split_once('/') else {
        let address = plain(text.parse().ok()?)?;
        return Some(Cel::Equals(subject.to_owned(), format!("ip({})", literal(&address.to_string()))));
    };
    let network = masked(plain(address.parse().ok()?)?, length.parse().ok()?)?;
    Some(Cel::Call(format!("cidr({}).containsIP({subject})", literal(&network))))
}

/// Not an IPv4 address in an IPv6 one: nobody comes from there.
fn plain(address: IpAddr) -> Option<IpAddr> {
    (address.to_canonical() == address).then_some(address)
}

/// The network without the bits behind its prefix, as Envoy takes it.
fn masked(address: IpAddr, length: u8) -> Option<String> {
    let address: IpAddr = match address {
        IpAddr::V4(address) if length <= 32 => {
            Ipv4Addr::from_bits(address.to_bits() & u32::MAX.checked_shl(32 - u32::from(length)).unwrap_or(0)).into()
        }
        IpAddr::V6(address) if length <= 128 => {
            Ipv6Addr::from_bits(address.to_bits() & u128::MAX.checked_shl(128 - u32::from(length)).unwrap_or(0)).into()
        }
        _ => return None,
    };
    Some(format!("{address}/{length}"))
}

#[cfg(test)]
mod tests {

    fn text(block: &str) -> Option<String> {
        super::block("source.ip", block).map(|cel| cel.to_string())
    }

    #[test]
    fn a_network_has_no_bits_behind_its_prefix() {
        for (block, expected) in [
            ("10.1.2.3/8", "cidr(\"10.0.0.0/8\").containsIP(source.ip)"),
            ("0.0.0.0/0", "cidr(\"0.0.0.0/0\").containsIP(source.ip)"),
            ("10.1.2.3/32", "cidr(\"10.1.2.3/32\").containsIP(source.ip)"),
            ("2001:DB8::1/32", "cidr(\"2001:db8::/32\").containsIP(source.ip)"),
            ("::/0", "cidr(\"::/0\").containsIP(source.ip)"),
            ("10.1.2.3", "source.ip == ip(\"10.1.2.3\")"),
        ] {
            assert_eq!(text(block).as_deref(), Some(expected));
        }
    }

    #[test]
    fn what_is_no_network_is_none() {
        for block in ["", "10.1.2", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "010.0.0.1", "::1%eth0", "::ffff:10.0.0.1", "a/8"]
        {
            assert_eq!(text(block), None, "{block}");
        }
    }
}
