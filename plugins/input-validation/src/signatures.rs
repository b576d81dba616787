//! Signatures of injection in what a request says: which are looked for, where, and what becomes of them.

use portcullis_config::ConfigError;
use portcullis_policy::Attribute;
use portcullis_signatures::{Place, Signature, Signatures, scan};
use serde_json::Value as Json;

use crate::config::{OnSignature, SignaturesConfig};
use crate::head::{Head, pairs};
use crate::violation::{Code, Violation};

/// What is looked for, compiled.
#[derive(Debug, Clone, Default)]
pub(crate) struct SignatureRule {
    block: Signatures,
    detect: Signatures,
    exclude: Vec<(Part, Option<String>)>,
}

/// A part of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Path,
    Query,
    Header,
    Cookie,
    Body,
}

/// What was detected and does not refuse: each signature where it was found first.
#[derive(Debug, Default)]
pub(crate) struct Detected(Vec<Violation>);

/// How long the name of a field is at most that a record tells.
const NAME_MAX: usize = 64;

/// Headers in which nobody looks for text, or that have a grammar of signs.
const NO_TEXT: [&[u8]; 7] =
    [b"accept", b"accept-encoding", b"accept-language", b"content-length", b"content-type", b"cookie", b"host"];

impl Part {
    const ALL: [Self; 5] = [Self::Path, Self::Query, Self::Header, Self::Cookie, Self::Body];

    const fn name(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
            Self::Cookie => "cookie",
            Self::Body => "body",
        }
    }
}

impl Detected {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Violation> {
        self.0.iter()
    }

    fn note(&mut self, violation: Violation) {
        if !self.0.iter().any(|noted| noted.code == violation.code) {
            self.0.push(violation);
        }
    }
}

impl SignatureRule {
    /// What `own` says, and where it says nothing, what `defaults` say.
    pub(crate) fn compile(own: &SignaturesConfig, defaults: &SignaturesConfig) -> Result<Self, ConfigError> {
        let action = |signature| of(own, signature).or(of(defaults, signature)).unwrap_or_default();
        let with = |wanted| Signature::ALL.into_iter().filter(|signature| action(*signature) == wanted).collect();
        let exclude = own.exclude.iter().enumerate().map(|(at, text)| {
            let wrong = || {
                ConfigError::at(
                    "",
                    "expected `path`, `query`, `header`, `cookie` or `body`, or one of them with a name: `query.q`",
                )
            };
            exclusion(text).ok_or_else(|| wrong().within_index(at).within("exclude"))
        });
        let mut exclude: Vec<_> = ConfigError::gather(exclude)?;
        exclude.extend(defaults.exclude.iter().filter_map(|text| exclusion(text)));
        Ok(Self { block: with(OnSignature::Block), detect: with(OnSignature::Detect), exclude })
    }

    fn wanted(&self) -> Signatures {
        self.block.union(self.detect)
    }

    /// Whether anything is looked for in bodies.
    pub(crate) fn reads_body(&self) -> bool {
        !self.wanted().is_empty() && !self.excludes(Part::Body, "")
    }

    /// Whether this field is not looked at; of a body, neither is what is below it.
    fn excludes(&self, part: Part, name: &str) -> bool {
        let below = |excluded: &str| {
            name.strip_prefix(excluded).is_some_and(|rest| rest.is_empty() || (part == Part::Body && rest.starts_with('.')))
        };
        self.exclude.iter().any(|(of, excluded)| *of == part && excluded.as_deref().is_none_or(below))
    }

    /// Looks at the head of a request.
    pub(crate) fn head(&self, head: &Head<'_, '_>, detected: &mut Detected) -> Result<(), Violation> {
        if self.wanted().is_empty() {
            return Ok(());
        }
        for segment in head.path.unwrap_or_default().split('/') {
            self.look(Part::Path, "", Place::Value, segment.as_bytes(), detected)?;
        }
        self.pairs(head, Attribute::Query, Part::Query, Code::Query, detected)?;
        self.pairs(head, Attribute::Cookies, Part::Cookie, Code::Cookie, detected)?;
        for (name, value) in head.headers.iter() {
            if name.starts_with(b":") || NO_TEXT.contains(&name) {
                continue;
            }
            self.look(Part::Header, &String::from_utf8_lossy(name), Place::Header, value, detected)?;
        }
        Ok(())
    }

    /// What cannot be read as others may read it cannot be looked at either: where anything is blocked, it is refused.
    fn pairs(
        &self,
        head: &Head<'_, '_>,
        attribute: Attribute,
        part: Part,
        unreadable: Code,
        detected: &mut Detected,
    ) -> Result<(), Violation> {
        match head.facts.read(attribute) {
            Ok(fields) => self.fields(part, pairs(fields), detected),
            Err(_) if self.block.is_empty() || self.excludes(part, "") => Ok(()),
            Err(problem) => Err(Violation::new(unreadable, problem.to_string())),
        }
    }

    /// Looks at names and values.
    pub(crate) fn fields<'f>(
        &self,
        part: Part,
        fields: impl IntoIterator<Item = (&'f str, &'f [u8])>,
        detected: &mut Detected,
    ) -> Result<(), Violation> {
        for (name, value) in fields {
            self.look(part, name, Place::Name, name.as_bytes(), detected)?;
            self.look(part, name, Place::Value, value, detected)?;
        }
        Ok(())
    }

    /// Looks at the strings and keys of a value whose depth is bounded.
    pub(crate) fn json(&self, value: &Json, path: &str, detected: &mut Detected) -> Result<(), Violation> {
        match value {
            Json::String(text) => self.look(Part::Body, path, Place::Value, text.as_bytes(), detected),
            Json::Array(values) => values.iter().try_for_each(|value| self.json(value, path, detected)),
            Json::Object(entries) => entries.iter().try_for_each(|(key, value)| {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                self.look(Part::Body, &path, Place::Name, key.as_bytes(), detected)?;
                self.json(value, &path, detected)
            }),
            _ => Ok(()),
        }
    }

    /// Looks at one value, or at one name.
    pub(crate) fn look(
        &self,
        part: Part,
        name: &str,
        place: Place,
        value: &[u8],
        detected: &mut Detected,
    ) -> Result<(), Violation> {
        let wanted = self.wanted();
        if wanted.is_empty() {
            return Ok(());
        }
        let found = scan(value, place, wanted);
        if found.is_empty() || self.excludes(part, name) {
            return Ok(());
        }
        let violation = |signature| Violation::new(Code::Signature(signature), told(part, name, place));
        if let Some(signature) = found.intersection(self.block).iter().next() {
            return Err(violation(signature));
        }
        found.iter().for_each(|signature| detected.note(violation(signature)));
        Ok(())
    }
}

/// Where it was, in words of ours, with the name of the field only where that cannot be what was found.
fn told(part: Part, name: &str, place: Place) -> String {
    let harmless = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    if place == Place::Name {
        format!("the name of a field of `{}`", part.name())
    } else if name.is_empty() {
        format!("`{}`", part.name())
    } else if name.len() <= NAME_MAX && name.bytes().all(harmless) {
        format!("`{}.{name}`", part.name())
    } else {
        format!("a field of `{}`", part.name())
    }
}

const fn of(config: &SignaturesConfig, signature: Signature) -> Option<OnSignature> {
    match signature {
        Signature::Sqli => config.sqli,
        Signature::Xss => config.xss,
        Signature::PathTraversal => config.path_traversal,
        Signature::Command => config.command,
        Signature::Template => config.template,
        Signature::Crlf => config.crlf,
    }
}

/// `query.q`; names of headers in lower case.
fn exclusion(text: &str) -> Option<(Part, Option<String>)> {
    let (part, name) = text.split_once('.').map_or((text, None), |(part, name)| (part, Some(name)));
    let part = Part::ALL.into_iter().find(|known| known.name() == part)?;
    let named = name.is_none_or(|name| !name.is_empty()) && (part != Part::Path || name.is_none());
    let name = name.map(|name| if part == Part::Header { name.to_ascii_lowercase() } else { name.to_owned() });
    named.then_some((part, name))
}
