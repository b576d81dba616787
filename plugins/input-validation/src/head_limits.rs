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
        match self.once.iter().find(|name| headers.all(name).nth(1).is_some()) {
            Some(name) => Err(Violation::new(Code::HeaderRepeated, format!("`{}`", name.trim_start_matches(':')))),
            None => Ok(()),
        }
    }
}
