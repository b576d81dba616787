//! Addresses, networks and URLs, named as in Kubernetes.

use super::{Group, functions};

pub(super) const GROUP: Group = Group {
    title: "Addresses",
    doc: "An IPv4 address and an IPv6 address are never equal. A literal is checked when the policy is loaded.",
    functions: functions! {
        "ip" Fixed: ["ip(string) -> ip", "ip(ip) -> ip", "cidr.ip() -> ip"], "The address that the text spells; of a network: its address as it was written.", ["source.ip == ip(\"10.1.2.3\")" => "true", "cidr(\"10.0.0.0/8\").ip() == ip(\"10.0.0.0\")" => "true"];
        "isIP" Fixed: ["isIP(string) -> bool"], "Whether the text spells an address.", ["isIP(\"10.1.2.3\")" => "true", "isIP(\"10.1.2\")" => "false"];
        "cidr" Fixed: ["cidr(string) -> cidr"], "The network that the text spells.", ["cidr(\"10.0.0.0/8\").containsIP(source.ip)" => "true"];
        "isCIDR" Fixed: ["isCIDR(string) -> bool"], "Whether the text spells a network.", ["isCIDR(\"10.0.0.0/8\")" => "true"];
        "containsIP" Fixed: ["cidr.containsIP(ip) -> bool", "cidr.containsIP(string) -> bool"], "Whether the address lies in the network.", ["cidr(\"10.0.0.0/8\").containsIP(\"192.0.2.1\")" => "false"];
        "containsCIDR" Fixed: ["cidr.containsCIDR(cidr) -> bool", "cidr.containsCIDR(string) -> bool"], "Whether the whole network lies in the other.", ["cidr(\"10.0.0.0/8\").containsCIDR(cidr(\"10.1.0.0/16\"))" => "true"];
        "masked" Fixed: ["cidr.masked() -> cidr"], "The network with the bits behind its prefix set to zero.", ["cidr(\"10.0.0.0/8\").masked() == cidr(\"10.0.0.0/8\")" => "true"];
        "prefixLength" Fixed: ["cidr.prefixLength() -> int"], "The number of bits in its prefix.", ["cidr(\"10.0.0.0/8\").prefixLength()" => "8"];
        "family" Fixed: ["ip.family() -> int"], "4 or 6.", ["source.ip.family()" => "4"];
        "isLoopback" Fixed: ["ip.isLoopback() -> bool"], "Whether it is of 127.0.0.0/8, or ::1.", ["ip(\"127.0.0.1\").isLoopback()" => "true"];
        "isUnspecified" Fixed: ["ip.isUnspecified() -> bool"], "Whether it is 0.0.0.0 or ::.", ["ip(\"::\").isUnspecified()" => "true"];
        "isPrivate" Fixed: ["ip.isPrivate() -> bool"], "Whether it is of 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or fc00::/7.", ["source.ip.isPrivate()" => "true"];
        "isLinkLocalUnicast" Fixed: ["ip.isLinkLocalUnicast() -> bool"], "Whether it is of 169.254.0.0/16 or fe80::/10.", ["ip(\"169.254.169.254\").isLinkLocalUnicast()" => "true"];
        "isLinkLocalMulticast" Fixed: ["ip.isLinkLocalMulticast() -> bool"], "Whether it is of 224.0.0.0/24 or ff02::/16.", ["ip(\"ff02::1\").isLinkLocalMulticast()" => "true"];
        "isGlobalUnicast" Fixed: ["ip.isGlobalUnicast() -> bool"], "Whether it is neither of the above, nor multicast, nor the broadcast address; private ones are.", ["source.ip.isGlobalUnicast()" => "true"];
        "ip_prefix" Fixed: ["ip_prefix(ip, int, int) -> string"], "The network of an address, for keys of limits: its first bits of an IPv4 address, of an IPv6 address.", ["ip_prefix(source.ip, 24, 64)" => "\"10.1.2.0/24\""];
    },
};

pub(super) const URLS: Group = Group {
    title: "URLs",
    doc: "",
    functions: functions! {
        "url" Text: ["url(string) -> url"], "The URL that the text spells: absolute, or a path that starts with a slash.", ["url(\"https://a.example/b\").getHost()" => "\"a.example\""];
        "isURL" Text: ["isURL(string) -> bool"], "Whether the text spells a URL.", ["isURL(\"a b\")" => "false"];
        "getScheme" Text: ["url.getScheme() -> string"], "The scheme; empty where there is none.", ["url(\"https://a.example/b\").getScheme()" => "\"https\""];
        "getHost" Text: ["url.getHost() -> string"], "The host and, where there is one, the port.", ["url(\"https://a.example:8443/b\").getHost()" => "\"a.example:8443\""];
        "getHostname" Text: ["url.getHostname() -> string"], "The host alone.", ["url(\"https://a.example:8443/b\").getHostname()" => "\"a.example\""];
        "getPort" Text: ["url.getPort() -> string"], "The port; empty where there is none.", ["url(\"https://a.example:8443/b\").getPort()" => "\"8443\""];
        "getEscapedPath" Text: ["url.getEscapedPath() -> string"], "The path, encoded.", ["url(\"https://a.example/b c\").getEscapedPath()" => "\"/b%20c\""];
        "getQuery" Elements: ["url.getQuery() -> map(string,list(string))"], "The parameters of the query, decoded, each with its values.", ["url(\"/b?x=1&x=2\").getQuery()[\"x\"]" => "[\"1\", \"2\"]"];
    },
};
