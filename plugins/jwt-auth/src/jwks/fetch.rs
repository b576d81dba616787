//! One attempt to fetch a key set: a callout for each step, and what its answer must be.

use portcullis_filter::{
    Body, BodyKind, CallId, CallResponse, HeaderBlock, HeaderMap, Headers, HostError, HttpCall, HttpCalls, Timestamp,
};
use portcullis_jose::{KeySet, KeySetError, ParsedKeySet, SymmetricKeys};

use super::discovery::key_set_uri;
use super::options::{Origin, RemoteKeys};
use super::uri::HttpUri;

/// An attempt that is under way.
#[derive(Debug)]
pub(super) struct Attempt {
    pub(super) began: Timestamp,
    pub(super) call: CallId,
    step: Step,
}

/// What is being asked for.
#[derive(Debug)]
enum Step {
    /// The issuer's metadata, in this one of the places where they may be; what was wrong with the first one.
    Metadata(usize, Option<FetchError>),
    /// The key set.
    KeySet,
}

/// What an answer led to.
#[derive(Debug)]
pub(super) enum Progress {
    /// To a further callout.
    Further(Attempt),
    /// To the key set.
    Fetched { document: Vec<u8>, parsed: ParsedKeySet, headers: Box<HeaderBlock> },
}

/// Why an attempt failed. Never holds what was fetched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum FetchError {
    /// The host did not even send the request: an unknown cluster, or one without endpoints.
    #[error("cluster `{cluster}` cannot be reached ({error})")]
    Unsent { cluster: String, error: HostError },
    /// The answer broke off.
    #[error("the answer broke off")]
    Broken,
    /// No answer came, not even the host's own.
    #[error("no answer")]
    Unanswered,
    /// Another status than 200.
    #[error("the answer has status {0}")]
    Status(String),
    /// Longer than allowed.
    #[error("the answer has {size} bytes, more than {max}")]
    TooLong { size: usize, max: usize },
    /// The host does not hand the answer over.
    #[error("the answer cannot be read: {0}")]
    Unreadable(HostError),
    /// The other workers cannot be told.
    #[error("shared data fails: {0}")]
    Unshared(HostError),
    /// The metadata are not what they should be.
    #[error("the issuer's metadata: {0}")]
    Metadata(&'static str),
    /// The key set is none.
    #[error("{0}")]
    KeySet(#[from] KeySetError),
}

impl RemoteKeys {
    /// Sends the first request.
    pub(super) fn begin(&self, host: &(impl HttpCalls + ?Sized), began: Timestamp) -> Result<Attempt, FetchError> {
        let (step, cluster, uri) = match &self.origin {
            Origin::KeySet { cluster, uri } => (Step::KeySet, cluster, uri),
            Origin::Metadata { cluster, documents, .. } => {
                let first = documents.first().ok_or(FetchError::Metadata("no place to look"))?;
                (Step::Metadata(0, None), cluster, first)
            }
        };
        Ok(Attempt { began, call: self.send(host, cluster, uri)?, step })
    }

    /// Reads the answer to `attempt`'s last request, within its callback.
    pub(super) fn proceed<H: Body + Headers + HttpCalls + ?Sized>(
        &self,
        attempt: &Attempt,
        response: CallResponse,
        host: &H,
    ) -> Result<Progress, FetchError> {
        let answer = self.read(response, host);
        match (&attempt.step, &self.origin) {
            (Step::Metadata(place, first), Origin::Metadata { issuer, hosts, insecure, jwks_cluster, .. }) => {
                let found = answer.and_then(|(_, document)| key_set_uri(&document, issuer, hosts, *insecure));
                let (step, call) = match found {
                    Ok(uri) => (Step::KeySet, self.send(host, jwks_cluster, &uri)?),
                    Err(error) => {
                        let first = first.clone().unwrap_or(error);
                        let call = self.send_elsewhere(host, place + 1, first.clone())?;
                        (Step::Metadata(place + 1, Some(first)), call)
                    }
                };
                Ok(Progress::Further(Attempt { began: attempt.began, call, step }))
            }
            _ => {
                let (headers, document) = answer?;
                // Never a symmetric key: whoever can read the set could sign with it.
                let parsed = KeySet::parse(&document, SymmetricKeys::Refuse)?;
                Ok(Progress::Fetched { document, parsed, headers: Box::new(headers) })
            }
        }
    }

    /// Looks in the next place; where there is none, the first place's error stands.
    fn send_elsewhere(&self, host: &(impl HttpCalls + ?Sized), place: usize, error: FetchError) -> Result<CallId, FetchError> {
        match &self.origin {
            Origin::Metadata { cluster, documents, .. } => match documents.get(place) {
                Some(uri) => self.send(host, cluster, uri),
                None => Err(error),
            },
            Origin::KeySet { .. } => Err(error),
        }
    }

    fn send(&self, host: &(impl HttpCalls + ?Sized), cluster: &str, uri: &HttpUri) -> Result<CallId, FetchError> {
        let mut headers = vec![
            (":method", "GET"),
            (":scheme", uri.scheme),
            (":authority", &uri.authority),
            (":path", &uri.path),
            ("accept", "application/jwk-set+json, application/json"),
        ];
        headers.extend(self.headers.iter().map(|(name, value)| (name.as_str(), value.expose())));
        let call = HttpCall { cluster, headers: &headers, body: b"", timeout: self.timeout };
        host.http_call(&call).map_err(|error| FetchError::Unsent { cluster: cluster.to_owned(), error })
    }

    fn read<H: Body + Headers + ?Sized>(&self, response: CallResponse, host: &H) -> Result<(HeaderBlock, Vec<u8>), FetchError> {
        if response.headers == 0 {
            return Err(FetchError::Broken);
        }
        let headers = host.headers(HeaderMap::CallResponseHeaders).map_err(FetchError::Unreadable)?;
        let status = headers.only(":status").unwrap_or_default();
        if status != b"200" {
            return Err(FetchError::Status(status.escape_ascii().take(16).map(char::from).collect()));
        }
        if response.body_size > self.max_bytes {
            return Err(FetchError::TooLong { size: response.body_size, max: self.max_bytes });
        }
        let body = host.body(BodyKind::CallResponse, 0, response.body_size).map_err(FetchError::Unreadable)?;
        Ok((HeaderBlock::clone(&headers), body))
    }
}
