//! Headers that carry identity upstream: a client's own copies are removed before anything else happens.

use portcullis_filter::{HeaderBlock, HeaderMap, Headers, HostError};

/// The headers that only this plugin may write.
#[derive(Debug, Default)]
pub(crate) struct IdentityHeaders {
    // As a CGI-like upstream reads them, see `folded`.
    names: Vec<Vec<u8>>,
}

impl IdentityHeaders {
    pub(crate) fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let mut names: Vec<Vec<u8>> = names.into_iter().map(|name| name.bytes().map(folded).collect()).collect();
        names.sort();
        names.dedup();
        Self { names }
    }

    /// Removes from `map` every header that an upstream could take for one of ours.
    pub(crate) fn remove_copies(
        &self,
        host: &(impl Headers + ?Sized),
        map: HeaderMap,
        headers: &HeaderBlock,
    ) -> Result<(), HostError> {
        for (name, _) in headers.iter().filter(|(name, _)| self.is_copy(name)) {
            // Names are tokens: HTTP refuses any that is not ASCII.
            let name = str::from_utf8(name).map_err(|_| HostError::PARSE_FAILURE)?;
            host.remove_header(map, name)?;
        }
        Ok(())
    }

    fn is_copy(&self, name: &[u8]) -> bool {
        self.names.iter().any(|ours| ours.len() == name.len() && ours.iter().zip(name).all(|(our, byte)| *our == folded(*byte)))
    }
}

/// CGI (RFC 3875 section 4.1.18) and its heirs make `HTTP_X_USER` of `x-user`, of `x_user` and, some of them, of `x.user`.
fn folded(byte: u8) -> u8 {
    if byte.is_ascii_alphanumeric() { byte.to_ascii_lowercase() } else { b'_' }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_that_cgi_folds_is_a_copy() {
        let ours = IdentityHeaders::new(["x-user"]);
        for name in ["x-user", "x_user", "x.user", "X-User", "x~user"] {
            assert!(ours.is_copy(name.as_bytes()), "{name}");
        }
        for name in ["x-users", "xuser", "x--user", "y-user", ""] {
            assert!(!ours.is_copy(name.as_bytes()), "{name}");
        }
    }
}
