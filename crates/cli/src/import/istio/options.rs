//! What an import has to know beside the manifests.

use std::collections::{BTreeMap, BTreeSet};

/// What an import has to know beside the manifests.
#[derive(Debug, Clone)]
pub struct Options {
    /// The workload that is imported for; absent where all policies are for the same one.
    pub workload: Option<Workload>,
    /// The workload's namespace; absent where the policies tell.
    pub namespace: Option<String>,
    /// The namespace whose policies are for all others.
    pub root_namespace: String,
    /// The mesh's trust domain and its aliases: what `cluster.local` in a principal stands for. Empty: itself.
    pub trust_domains: Vec<String>,
    /// Who verifies tokens; absent: we, where a RequestAuthentication is imported too, else Istio.
    pub identity: Option<Identity>,
    /// Whether clients connect to the proxy themselves, so that the connection's peer is the address that the proxy determines.
    pub direct_clients: bool,
    /// Clusters by the URI of the keys that they lead to; absent: as Istio names them.
    pub clusters: BTreeMap<String, String>,
    /// Key sets to write into the configuration in place of their URIs.
    pub jwks: Jwks,
}

/// A workload, as selectors and target references see it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Workload {
    /// `app=httpbin`
    pub labels: BTreeMap<String, String>,
    /// What it is reached by: kind and name.
    pub targets: BTreeSet<(String, String)>,
}

/// Who verifies tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Identity {
    /// Istio's RequestAuthentication, which stays
    Istio,
    /// jwt-auth, which is imported
    Portcullis,
}

/// Key sets as JSON text.
#[derive(Debug, Clone, Default)]
pub struct Jwks {
    /// For every URI that is not named.
    pub default: Option<String>,
    /// By URI.
    pub by_uri: BTreeMap<String, String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            workload: None,
            namespace: None,
            root_namespace: "istio-system".to_owned(),
            trust_domains: Vec::new(),
            identity: None,
            direct_clients: false,
            clusters: BTreeMap::new(),
            jwks: Jwks::default(),
        }
    }
}

impl Workload {
    /// A label `KEY=VALUE`, or a target `KIND/NAME`.
    ///
    /// # Errors
    /// When `text` is neither.
    pub fn add(&mut self, text: &str) -> Result<(), String> {
        if let Some((key, value)) = text.split_once('=') {
            self.labels.insert(key.to_owned(), value.to_owned());
        } else if let Some((kind, name)) = text.split_once('/') {
            self.targets.insert((kind.to_owned(), name.to_owned()));
        } else {
            return Err("expected a label such as `app=httpbin`, or a target such as `Gateway/public`".to_owned());
        }
        Ok(())
    }
}

impl Jwks {
    /// The key set in place of `uri`.
    pub(super) fn of(&self, uri: &str) -> Option<&str> {
        self.by_uri.get(uri).or(self.default.as_ref()).map(String::as_str)
    }
}
