//! The caller's address, out of Envoy's `ip:port`.

use std::net::{IpAddr, SocketAddr};

/// The address in `127.0.0.1:5000` or `[::1]:5000`, with or without a port; an IPv4 address that is mapped into IPv6 is the IPv4
/// address that it is. `None` where the connection has no IP address: a pipe, an internal listener.
pub(crate) fn ip(address: &str) -> Option<IpAddr> {
    let ip = match address.parse::<SocketAddr>() {
        Ok(socket) => socket.ip(),
        Err(_) => bare(address).parse().ok()?,
    };
    Some(ip.to_canonical())
}

fn bare(address: &str) -> &str {
    address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(address: &str) -> Option<String> {
        ip(address).map(|ip| ip.to_string())
    }

    #[test]
    fn the_port_is_no_part_of_it() {
        for address in ["10.1.2.3:443", "10.1.2.3", "[::ffff:10.1.2.3]:443", "::ffff:10.1.2.3", "[::ffff:a01:203]"] {
            assert_eq!(text(address).as_deref(), Some("10.1.2.3"), "{address}");
        }
        for address in ["[2001:db8::1]:443", "2001:db8::1", "[2001:db8:0::1]"] {
            assert_eq!(text(address).as_deref(), Some("2001:db8::1"), "{address}");
        }
    }

    #[test]
    fn a_pipe_has_none() {
        for address in [
            "",
            "/var/run/envoy.sock",
            "@pipe",
            "envoy://internal/1",
            "localhost:80",
            "10.1.2.3:99999",
            "010.1.2.3:1",
            "10.1.2:1",
        ] {
            assert_eq!(text(address), None, "{address:?}");
        }
    }
}
