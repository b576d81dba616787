//! Resources of Kubernetes, out of YAML.

use std::collections::BTreeMap;

use portcullis_config::{ConfigError, from_value};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json};

use super::Manifest;
use super::report::{Level, Place, Remark, Report};
use crate::check::document::{Document, Unfit};

/// The kinds that are imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    AuthorizationPolicy,
    RequestAuthentication,
}

/// One resource.
#[derive(Debug)]
pub(super) struct Resource<'d> {
    pub(super) kind: Kind,
    pub(super) metadata: Metadata,
    file: &'d str,
    document: &'d Document<'d>,
    /// Where it stands in its document: `items[2]`, or nothing.
    path: String,
    spec: Json,
}

/// What is read of `metadata`; Kubernetes knows more.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Metadata {
    #[serde(default)]
    pub(super) name: String,
    #[serde(default)]
    pub(super) namespace: Option<String>,
    #[serde(default)]
    pub(super) annotations: BTreeMap<String, Json>,
}

/// A place in a resource, where something can be told.
#[derive(Debug, Clone)]
pub(super) struct At<'a> {
    resource: &'a Resource<'a>,
    report: &'a Report,
    path: String,
}

/// The documents of a file, but those that are none.
pub(super) fn documents<'t>(manifest: &Manifest<'t>, report: &Report) -> Vec<(&'t str, Document<'t>)> {
    let unfit = |Unfit { at, message }: Unfit| {
        let place = Some(Place { file: manifest.name.to_owned(), at });
        report.tell(Remark { level: Level::Refused, place, path: String::new(), message });
    };
    let documents = Document::all(manifest.text).unwrap_or_else(|error| {
        unfit(error);
        Vec::new()
    });
    let documents = documents.into_iter().filter_map(|document| document.map_err(unfit).ok());
    documents.map(|document| (manifest.name, document)).collect()
}

/// The resources of a document that are imported; a list is taken apart.
pub(super) fn resources<'d>(file: &'d str, document: &'d Document<'d>, report: &Report) -> Vec<Resource<'d>> {
    let read = |path: String, value: &Json| read(file, document, path, value, report);
    match document.value.get("items") {
        Some(Json::Array(items)) if text(&document.value, "kind").ends_with("List") => {
            items.iter().enumerate().filter_map(|(index, item)| read(format!("items[{index}]"), item)).collect()
        }
        // What is left after a last `---`.
        _ if document.value.is_null() => Vec::new(),
        _ => read(String::new(), &document.value).into_iter().collect(),
    }
}

fn read<'d>(file: &'d str, document: &'d Document<'d>, path: String, value: &Json, report: &Report) -> Option<Resource<'d>> {
    let tell = |level, message: String| {
        let place = Some(Place { file: file.to_owned(), at: document.place(&path) });
        report.tell(Remark { level, place, path: path.clone(), message });
    };
    let (kind, version) = (text(value, "kind"), text(value, "apiVersion"));
    let known = match kind {
        _ if !version.starts_with("security.istio.io/") => None,
        "AuthorizationPolicy" => Some(Kind::AuthorizationPolicy),
        "RequestAuthentication" => Some(Kind::RequestAuthentication),
        _ => None,
    };
    let Some(known) = known else {
        match kind {
            "" => tell(Level::Refused, "expected a resource of Kubernetes, with `apiVersion` and `kind`".to_owned()),
            _ => tell(Level::Note, format!("{} ({}) is not imported", kind.escape_debug(), version.escape_debug())),
        }
        return None;
    };
    if !matches!(version, "security.istio.io/v1" | "security.istio.io/v1beta1") {
        tell(Level::Refused, "expected `security.istio.io/v1` or `security.istio.io/v1beta1` as `apiVersion`".to_owned());
        return None;
    }
    let empty = Json::Object(Map::new());
    let part = |name: &str| value.get(name).filter(|part| !part.is_null()).unwrap_or(&empty).clone();
    let metadata = from_value(&part("metadata")).map_err(|error: ConfigError| tell(Level::Refused, format!("metadata.{error}")));
    Some(Resource { kind: known, metadata: metadata.ok()?, file, document, spec: part("spec"), path })
}

fn text<'v>(value: &'v Json, name: &str) -> &'v str {
    value.get(name).and_then(Json::as_str).unwrap_or_default()
}

impl Resource<'_> {
    /// Its kind, namespace and name, for people.
    pub(super) fn title(&self) -> String {
        let namespace = self.metadata.namespace.as_ref().map(|namespace| format!("{namespace}/")).unwrap_or_default();
        format!("{:?} {namespace}{}", self.kind, self.name())
    }

    /// Its name.
    pub(super) fn name(&self) -> &str {
        if self.metadata.name.is_empty() { "unnamed" } else { &self.metadata.name }
    }

    /// The place of the whole.
    pub(super) fn at<'a>(&'a self, report: &'a Report) -> At<'a> {
        At { resource: self, report, path: self.path.clone() }
    }

    /// Its `spec`; whatever is wrong with it is refused.
    pub(super) fn spec<T: DeserializeOwned>(&self, report: &Report) -> Option<T> {
        let at = self.at(report).field("spec");
        let refuse = |error: ConfigError| error.findings().iter().for_each(|it| at.below(&it.path).refuse(&it.message));
        from_value(&self.spec).map_err(refuse).ok()
    }
}

impl<'a> At<'a> {
    /// The place of one of its fields.
    pub(super) fn field(&self, name: &str) -> Self {
        self.below(name)
    }

    /// The place of one of its elements.
    pub(super) fn index(&self, index: usize) -> Self {
        self.below(&format!("[{index}]"))
    }

    fn below(&self, path: &str) -> Self {
        let dot = if self.path.is_empty() || path.is_empty() || path.starts_with('[') { "" } else { "." };
        Self { path: format!("{}{dot}{path}", self.path), ..*self }
    }

    /// The resource and the field, for people.
    pub(super) fn title(&self) -> String {
        format!("{}, {}", self.resource.title(), self.within_spec())
    }

    /// The field without the way to it: `rules[0].to[1]`.
    pub(super) fn within_spec(&self) -> &str {
        let path = self.path.strip_prefix(&self.resource.path).unwrap_or(&self.path).trim_start_matches('.');
        path.strip_prefix("spec").unwrap_or(path).trim_start_matches('.')
    }

    /// That this cannot be said.
    pub(super) fn refuse(&self, message: impl Into<String>) {
        self.tell(Level::Refused, message.into());
    }

    /// That this means something else now.
    pub(super) fn differs(&self, message: impl Into<String>) {
        self.tell(Level::Differs, message.into());
    }

    /// That this is worth a look.
    pub(super) fn note(&self, message: impl Into<String>) {
        self.tell(Level::Note, message.into());
    }

    /// A difference of everything that is imported.
    pub(super) fn differs_everywhere(&self, message: &str) {
        self.report.differs(message);
    }

    fn tell(&self, level: Level, message: String) {
        let Resource { file, document, .. } = self.resource;
        let place = Some(Place { file: (*file).to_owned(), at: document.place(&self.path) });
        self.report.tell(Remark { level, place, path: self.path.clone(), message });
    }
}
