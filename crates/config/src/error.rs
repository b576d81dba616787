//! What is wrong with a configuration, and where.

use std::fmt::{self, Display};

/// Why a configuration was refused: one finding or more. Prints a line per finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    // INVARIANT: never empty; every constructor puts one in and nothing takes one out.
    findings: Vec<Finding>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The field: `providers.main.remote_jwks.timeout`, `rules[2].match.paths[0]`; empty for the document itself.
    pub path: String,
    /// What is wrong with it: lower case, one line, without the document's secrets.
    pub message: String,
}

impl ConfigError {
    /// One finding at `path`; an empty path is the document itself.
    pub fn at(path: impl Display, message: impl Display) -> Self {
        Self { findings: vec![Finding { path: path.to_string(), message: message.to_string() }] }
    }

    /// The same findings, below `prefix`, which is a path itself: `providers.main`, `rules[2]`.
    #[must_use]
    pub fn within(mut self, prefix: impl Display) -> Self {
        let prefix = prefix.to_string();
        for finding in &mut self.findings {
            finding.path = join(&prefix, &finding.path);
        }
        self
    }

    /// The same findings, below the field or map key `key`, which is quoted if need be.
    #[must_use]
    pub fn within_key(self, key: &str) -> Self {
        self.within(key_segment(key))
    }

    /// The same findings, below the element `index` of a list.
    #[must_use]
    pub fn within_index(self, index: usize) -> Self {
        self.within(index_segment(index))
    }

    /// The findings of both.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.findings.extend(other.findings);
        self
    }

    /// Both values, or the findings of those that failed.
    ///
    /// # Errors
    /// When one of them is an error.
    pub fn both<A, B>(a: Result<A, Self>, b: Result<B, Self>) -> Result<(A, B), Self> {
        match (a, b) {
            (Ok(a), Ok(b)) => Ok((a, b)),
            (Err(a), Err(b)) => Err(a.and(b)),
            (Err(error), Ok(_)) | (Ok(_), Err(error)) => Err(error),
        }
    }

    /// All values, or the findings of all that failed: a person mends them in one go.
    ///
    /// # Errors
    /// When one of `results` is an error.
    pub fn gather<T>(results: impl IntoIterator<Item = Result<T, Self>>) -> Result<Vec<T>, Self> {
        let mut values = Vec::new();
        let mut error: Option<Self> = None;
        for result in results {
            match (result, error.take()) {
                (Ok(value), earlier) => {
                    values.push(value);
                    error = earlier;
                }
                (Err(next), None) => error = Some(next),
                (Err(next), Some(earlier)) => error = Some(earlier.and(next)),
            }
        }
        error.map_or(Ok(values), Err)
    }

    /// Every finding, in the order of the document where that is known.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }
}

impl Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, finding) in self.findings.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{finding}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}

impl Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() { f.write_str(&self.message) } else { write!(f, "{}: {}", self.path, self.message) }
    }
}

/// `inner` below `outer`.
pub(crate) fn join(outer: &str, inner: &str) -> String {
    let dot = if outer.is_empty() || inner.is_empty() || inner.starts_with('[') { "" } else { "." };
    format!("{outer}{dot}{inner}")
}

/// A key as it stands in a path: plain where it reads as one word, else `["quoted"]`.
pub(crate) fn key_segment(key: &str) -> String {
    let plain = !key.is_empty()
        && key.len() <= crate::scalar::QUOTE_MAX
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if plain { key.to_owned() } else { format!("[{}]", crate::quote(key)) }
}

/// An index as it stands in a path.
pub(crate) fn index_segment(index: usize) -> String {
    format!("[{index}]")
}

#[cfg(test)]
mod tests;
