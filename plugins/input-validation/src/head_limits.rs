//! What holds for the headers of every request, and for its trailers.

use portcullis_filter::HeaderBlock;

use crate::config::HeaderLimitsConfig;
use crate::violation::{Code, Violation};

/// The limits, compiled.
#[derive(Debug)]
pub(crate) struct HeadLimits {
    max_count: usize,
    max_bytes: usize,
    once: Vec<String>,
}

impl From<HeaderLimitsConfig> for HeadLimits {
    fn from(config: HeaderLimitsConfig) -> Self {
        let name = |name: &str| if name == "host" { ":authority".to_owned() } else { name.to_owned() };
        Self {
            max_count: usize::try_from(config.max_count).unwrap_or(usize::MAX),
            max_bytes: config.max_bytes.as_usize(),
            once: config.reject_duplicates_of.iter().map(|once| name(once.as_str())).collect(),
        }
    }
}

impl HeadLimits {
    /// Whether these headers, or trailers, are within the limits.
    pub(crate) fn check(&self, headers: &HeaderBlock) -> Result<(), Violation> {
        let count = headers.iter().filter(|(name, _)| !name.starts_with(b":")).count();
        if count > self.max_count {
            return Err(Violation::new(Code::HeadersTooMany, format!("{count} of at most {}", self.max_count)));
        }
        let bytes = headers.iter().fold(0_usize, |sum, (name, value)| sum.saturating_add(name.len()).saturating_add(value.len()));
        if bytes > self.max_bytes {
            return Err(Violation::new(Code::HeadersTooLarge, format!("{bytes} bytes of at most {}", self.max_bytes)));
        }
        match self.once.iter().find(|name| is_repeated(headers, name)) {
            Some(name) => Err(Violation::new(Code::HeaderRepeated, format!("`{}`", name.trim_start_matches(':')))),
            None => Ok(()),
        }
    }
}

/// Whether it came several times: Envoy joins the lines of some headers with a comma before any filter sees them.
fn is_repeated(headers: &HeaderBlock, name: &str) -> bool {
    let mut lines = headers.all(name);
    let (Some(line), None) = (lines.next(), lines.next()) else { return headers.all(name).next().is_some() };
    let mut joined = unquoted_parts(line).skip(1);
    match name {
        "authorization" => joined.any(|part| !is_auth_param(part)),
        // `content-encoding` may be a list by nature, and one is refused with whatever body it has.
        "content-type" | "expect" | "origin" | "x-request-id" => joined.next().is_some(),
        _ => false,
    }
}

/// What stands between the commas that are outside of quoted strings (RFC 9110 section 5.6.4).
fn unquoted_parts(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let (mut quoted, mut escaped) = (false, false);
    line.split(move |byte| {
        let was_escaped = escaped;
        escaped = quoted && !was_escaped && *byte == b'\\';
        quoted ^= *byte == b'"' && !was_escaped;
        !quoted && *byte == b','
    })
}

/// `name=value`, as further parts of one line of credentials are (RFC 9110 section 11.4).
fn is_auth_param(part: &[u8]) -> bool {
    let name = part.split(|byte| *byte == b'=').next().unwrap_or_default().trim_ascii();
    name.len() < part.trim_ascii().len()
        && name.iter().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repeated(name: &str, lines: &[&str]) -> bool {
        is_repeated(&HeaderBlock::from_pairs(lines.iter().map(|line| (name, *line))), name)
    }

    #[test]
    fn lines_that_were_joined_count_as_several() {
        for (name, line) in [
            ("origin", "https://a.example,https://b.example"),
            ("content-type", "application/json,text/plain"),
            ("expect", "100-continue,x"),
            ("x-request-id", "1,2"),
            ("authorization", "Bearer a,Bearer b"),
            ("authorization", "Digest a=\"b\", c=d,Bearer b"),
            ("authorization", "Basic YTpi,YTpi"),
        ] {
            assert!(repeated(name, &[line]), "{name}: {line}");
        }
        assert!(repeated("x-a", &["1", "2"]));
    }

    #[test]
    fn one_line_with_commas_of_its_own_counts_once() {
        for (name, line) in [
            ("content-type", "multipart/form-data; boundary=\"a,\\\",b\""),
            ("authorization", "Digest username=\"a,b\", realm=\"c\", qop = auth"),
            ("authorization", "Bearer a"),
            ("accept", "text/html, text/plain"),
            ("x-a", "1,2"),
        ] {
            assert!(!repeated(name, &[line]), "{name}: {line}");
        }
        assert!(!repeated("origin", &[]));
    }
}
