//! What is asked.

use portcullis_protobuf::Message;

/// The most hits that a request can be charged; Envoy's own bound for a descriptor.
pub const HITS_MAX: u64 = 1_000_000_000;

/// One question: whether what these descriptors tell of may pass. The service limits each by what is configured there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateLimitRequest<'a> {
    /// Whose limits they are.
    pub domain: &'a str,
    /// What is limited; all of them must let it pass.
    pub descriptors: Vec<Descriptor<'a>>,
}

/// What is limited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Descriptor<'a> {
    /// Keys and values, in the order in which the service's configuration nests them.
    pub entries: Vec<(&'a str, &'a str)>,
    /// What is charged; at most [`HITS_MAX`].
    pub hits: u64,
}

impl RateLimitRequest<'_> {
    /// The serialized message. Services older than the addend of a descriptor charge each as much as the dearest.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let hits = self.descriptors.iter().map(|descriptor| descriptor.hits.min(HITS_MAX)).max().unwrap_or_default();
        let mut message = Message::default().bytes(1, self.domain.as_bytes());
        for descriptor in &self.descriptors {
            message = message.bytes(2, &descriptor.encode(hits));
        }
        message.varint(3, hits).finish()
    }
}

impl Descriptor<'_> {
    /// `addend` is what the service charges if nothing else is said.
    fn encode(&self, addend: u64) -> Vec<u8> {
        let mut message = Message::default();
        for (key, value) in &self.entries {
            let entry = Message::default().bytes(1, key.as_bytes()).bytes(2, value.as_bytes());
            message = message.bytes(1, &entry.finish());
        }
        let hits = self.hits.min(HITS_MAX);
        if hits != addend {
            // google.protobuf.UInt64Value
            message = message.bytes(3, &Message::default().varint(1, hits).finish());
        }
        message.finish()
    }
}

#[cfg(test)]
mod tests;
