//! Absolute HTTP URIs (RFC 3986), read strictly.

/// Where something is fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HttpUri {
    pub(super) scheme: &'static str,
    /// Host and port as they stand there, in lower case.
    pub(super) authority: String,
    /// Path and query, beginning with `/`.
    pub(super) path: String,
}

impl HttpUri {
    /// `None` for anything but `http[s]://host[:port][/path][?query]`: no user, no fragment, no character that needs an escape.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let scheme = ["https", "http"].into_iter().find(|known| scheme.eq_ignore_ascii_case(known))?;
        let (authority, path) = rest.split_at_checked(rest.find(['/', '?']).unwrap_or(rest.len()))?;
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        let well_formed = is_authority(authority) && path.bytes().all(is_path_byte);
        well_formed.then(|| Self { scheme, authority: authority.to_ascii_lowercase(), path })
    }

    /// The host, without port.
    pub(super) fn host(&self) -> &str {
        match self.authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => host,
            _ => &self.authority,
        }
    }
}

fn is_authority(authority: &str) -> bool {
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    is_host(host) && port.is_none_or(|port| port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok())
}

fn is_host(host: &str) -> bool {
    match host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_')),
    }
}

/// `pchar`, `/` and `?` of RFC 3986.
const fn is_path_byte(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'#' | b'\\' | b'"' | b'<' | b'>' | b'^' | b'`' | b'{' | b'|' | b'}' | b'[' | b']')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Option<(String, String, String)> {
        HttpUri::parse(text).map(|uri| (uri.host().to_owned(), uri.authority.clone(), uri.path))
    }

    #[test]
    fn takes_a_uri_apart() {
        let parts = |text| parts(text).map(|(host, authority, path)| format!("{host} {authority} {path}"));
        assert_eq!(parts("https://Id.Example/Keys?v=1").as_deref(), Some("id.example id.example /Keys?v=1"));
        assert_eq!(parts("HTTP://id:8080").as_deref(), Some("id id:8080 /"));
        assert_eq!(parts("https://id?x").as_deref(), Some("id id /?x"));
        assert_eq!(parts("https://[::1]:443/k").as_deref(), Some("[::1] [::1]:443 /k"));
        assert_eq!(parts("https://[::1]/k").as_deref(), Some("[::1] [::1] /k"));
    }

    #[test]
    fn refuses_everything_else() {
        for text in [
            "",
            "id.example/keys",
            "//id.example",
            "ftp://id.example",
            "https://",
            "https:///keys",
            "https://user@id.example/",
            "https://id.example:/x:y@z",
            "https://id:99999/",
            "https://id:+1/",
            "https://id/#f",
            "https://id/a b",
            "https://id/a\nb",
            "https://id\\evil/",
            "https://ïd/",
            "https://[::1/",
            "https://[evil]/",
        ] {
            assert_eq!(parts(text), None, "{text:?}");
        }
    }
}
