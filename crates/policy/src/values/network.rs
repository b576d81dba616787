//! Addresses, networks and URLs.

mod url;

use std::any::Any;
use std::fmt::{self, Display};
use std::net::IpAddr;

use cel::common::types::Type;
use cel::common::value::{StaticVal, Val};

use crate::values::constant::own_val;

pub(crate) use url::{URL, Url};

/// The type of [`Ip`].
pub(crate) static IP: Type = Type::new_unspecified_type("net.IP");
/// The type of [`Cidr`].
pub(crate) static CIDR: Type = Type::new_unspecified_type("net.CIDR");

/// An address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ip(pub(crate) IpAddr);

own_val!(Ip, IP);

impl Ip {
    /// Kubernetes' `ip()`: no zone, no IPv4-mapped IPv6 address, no leading zeroes.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let address: IpAddr = text.parse().ok()?;
        let mapped = matches!(address, IpAddr::V6(v6) if v6.to_ipv4_mapped().is_some());
        (!mapped).then_some(Self(address))
    }

    /// The bits of the address, and how many there are.
    fn bits(self) -> (u128, u8) {
        match self.0 {
            IpAddr::V4(v4) => (u128::from(v4.to_bits()), 32),
            IpAddr::V6(v6) => (v6.to_bits(), 128),
        }
    }

    /// The address with all but its first `length` bits cleared.
    pub(crate) fn masked(self, length: u8) -> Self {
        let (bits, width) = self.bits();
        let shift = u32::from(width.saturating_sub(length));
        let kept = bits.checked_shr(shift).and_then(|high| high.checked_shl(shift)).unwrap_or(0);
        match self.0 {
            IpAddr::V4(_) => Self(IpAddr::V4(u32::try_from(kept).unwrap_or(0).into())),
            IpAddr::V6(_) => Self(IpAddr::V6(kept.into())),
        }
    }
}

/// A network: an address, not necessarily its first one, and the length of its prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cidr {
    /// The address as it was written.
    pub(crate) address: Ip,
    /// How many of its bits are fixed.
    pub(crate) length: u8,
}

own_val!(Cidr, CIDR);

impl Cidr {
    /// Kubernetes' `cidr()`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (address, length) = text.split_once('/')?;
        let plain = length.bytes().all(|byte| byte.is_ascii_digit()) && (length == "0" || !length.starts_with('0'));
        let address = Ip::parse(address)?;
        let length = length.parse().ok().filter(|length| plain && *length <= address.bits().1)?;
        Some(Self { address, length })
    }

    /// Whether `ip` is in the network.
    pub(crate) fn contains(self, ip: Ip) -> bool {
        ip.masked(self.length) == self.address.masked(self.length)
    }

    /// Whether every address of `other` is in the network.
    pub(crate) fn contains_network(self, other: Self) -> bool {
        other.length >= self.length && self.contains(other.address)
    }
}

impl Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address.0, self.length)
    }
}
