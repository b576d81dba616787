//! The attributes of cookies (RFC 6265bis section 4.1).

use portcullis_filter::{HeaderBlock, Host, HostError};

use super::MAP;
use crate::config::{CookieAttributesConfig, SameSite};

const SET_COOKIE: &str = "set-cookie";

pub(super) fn apply(host: &dyn Host, response: &HeaderBlock, config: &CookieAttributesConfig) -> Result<(), HostError> {
    let lines: Vec<&[u8]> = response.all(SET_COOKIE).collect();
    let enforced: Vec<Vec<u8>> = lines.iter().map(|line| enforce(line, config)).collect();
    if lines == enforced {
        return Ok(());
    }
    host.remove_header(MAP, SET_COOKIE)?;
    enforced.iter().try_for_each(|line| host.add_header(MAP, SET_COOKIE, line))
}

/// The line with what is demanded of it.
fn enforce(line: &[u8], config: &CookieAttributesConfig) -> Vec<u8> {
    let mut parts = line.split(|byte| *byte == b';');
    let pair = parts.next().unwrap_or_default();
    let name = pair.split(|byte| *byte == b'=').next().unwrap_or_default().trim_ascii();
    if config.exclude.iter().any(|excluded| excluded.as_bytes() == name) {
        return line.to_vec();
    }
    let mut enforced = pair.to_vec();
    let (mut secure, mut http_only, mut same_site) = (false, false, None);
    for part in parts {
        let (key, value) =
            part.split_at_checked(part.iter().position(|byte| *byte == b'=').unwrap_or(part.len())).unwrap_or_default();
        match key.trim_ascii().to_ascii_lowercase().as_slice() {
            b"secure" => secure = true,
            b"httponly" => http_only = true,
            b"samesite" => {
                // The last one counts; it is said again, below.
                same_site = Some(strictness(value.get(1..).unwrap_or_default().trim_ascii()));
                continue;
            }
            _ => {}
        }
        enforced.push(b';');
        enforced.extend_from_slice(part);
    }
    let attribute = |enforced: &mut Vec<u8>, text: &str| enforced.extend_from_slice(format!("; {text}").as_bytes());
    match (config.same_site, same_site) {
        (SameSite::AsSent, None) => {}
        (SameSite::AsSent, Some(sent)) => attribute(&mut enforced, sent.text()),
        (demanded, sent) => attribute(&mut enforced, sent.unwrap_or(Strictness::None).max(demanded.into()).text()),
    }
    let none = config.same_site == SameSite::AsSent && same_site == Some(Strictness::None);
    if !secure && (config.secure || none) {
        attribute(&mut enforced, "Secure");
    }
    if !http_only && config.http_only {
        attribute(&mut enforced, "HttpOnly");
    }
    enforced
}

/// What `SameSite` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Strictness {
    None,
    Lax,
    Strict,
}

impl Strictness {
    const fn text(self) -> &'static str {
        match self {
            Self::None => "SameSite=None",
            Self::Lax => "SameSite=Lax",
            Self::Strict => "SameSite=Strict",
        }
    }
}

impl From<SameSite> for Strictness {
    fn from(same_site: SameSite) -> Self {
        match same_site {
            SameSite::AsSent => Self::None,
            SameSite::Lax => Self::Lax,
            SameSite::Strict => Self::Strict,
        }
    }
}

/// What is no value that browsers know is `Lax` to them.
fn strictness(value: &[u8]) -> Strictness {
    match value.to_ascii_lowercase().as_slice() {
        b"none" => Strictness::None,
        b"strict" => Strictness::Strict,
        _ => Strictness::Lax,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn enforced(line: &str, config: &CookieAttributesConfig) -> String {
        String::from_utf8(enforce(line.as_bytes(), config)).unwrap()
    }

    #[test]
    fn a_cookie_is_at_least_what_is_demanded_and_never_less_than_it_was() {
        let config = CookieAttributesConfig { exclude: vec!["theme".to_owned()], ..CookieAttributesConfig::default() };
        for (sent, expected) in [
            ("id=7", "id=7; SameSite=Lax; Secure; HttpOnly"),
            ("id=7; Path=/; secure; HTTPONLY; samesite=Strict", "id=7; Path=/; secure; HTTPONLY; SameSite=Strict"),
            ("id=7;SameSite=None;Secure", "id=7;Secure; SameSite=Lax; HttpOnly"),
            ("id=7; SameSite=odd", "id=7; SameSite=Lax; Secure; HttpOnly"),
            ("theme=dark", "theme=dark"),
            ("", "; SameSite=Lax; Secure; HttpOnly"),
        ] {
            assert_eq!(enforced(sent, &config), expected);
        }
        let lenient =
            CookieAttributesConfig { secure: false, http_only: false, same_site: SameSite::AsSent, exclude: Vec::new() };
        assert_eq!(enforced("id=7; Path=/", &lenient), "id=7; Path=/");
        assert_eq!(enforced("id=7; SameSite=None", &lenient), "id=7; SameSite=None; Secure");
    }
}
