//! The parts of a form, judged while they come.

use std::collections::BTreeMap;

use portcullis_config::{ConfigError, NonEmpty};
use portcullis_signatures::Place;
use portcullis_validation::multipart::{MultipartLimits, PartHead, Parts};
use portcullis_validation::{MediaRange, Parameter};

use crate::body_rule::multipart_limits;
use crate::config::{Additional, MultipartConfig, PartConfig};
use crate::signatures::{Detected, Part as SignaturePart, SignatureRule};
use crate::violation::{Code, Violation};

/// How many bytes a part has at most that the rule does not name.
const ADDITIONAL_MAX: u64 = 64 << 10;

/// What parts may be, compiled.
#[derive(Debug)]
pub(crate) struct PartsRule {
    pub(crate) limits: MultipartLimits,
    additional: Additional,
    parts: BTreeMap<String, PartRule>,
}

#[derive(Debug)]
struct PartRule {
    required: bool,
    max_count: u32,
    max_bytes: u64,
    file: bool,
    file_name: Option<Parameter>,
    content_types: Option<Vec<MediaRange>>,
    value: Option<Parameter>,
}

/// What has come of them.
#[derive(Debug, Default)]
pub(crate) struct PartsSeen {
    /// How many of each part that the rule names.
    counts: BTreeMap<String, u32>,
    current: Current,
    /// The texts that were judged, where a condition reads them.
    kept: Option<Vec<(String, Vec<u8>)>>,
}

impl PartsSeen {
    /// Nothing yet; `keep` says whether a condition reads the texts.
    pub(crate) fn new(keep: bool) -> Self {
        Self { kept: keep.then(Vec::new), ..Self::default() }
    }

    /// The texts, by the names of their parts.
    pub(crate) fn fields(&mut self) -> Option<Vec<(String, Vec<u8>)>> {
        self.kept.take()
    }
}

/// The part that is coming.
#[derive(Debug, Default)]
struct Current {
    /// Its name, where the rule has it.
    name: Option<String>,
    /// Whether it is a field, of which the text is looked at.
    looked_at: bool,
    /// The name that it gives itself.
    called: String,
    bytes: u64,
    /// Its text, where that is judged.
    text: Vec<u8>,
}

/// Judges parts by a rule.
pub(crate) struct PartsTrial<'a> {
    pub(crate) rule: &'a PartsRule,
    pub(crate) seen: &'a mut PartsSeen,
    pub(crate) signatures: &'a SignatureRule,
    pub(crate) detected: &'a mut Detected,
}

impl PartsRule {
    pub(crate) fn compile(config: MultipartConfig) -> Result<Self, ConfigError> {
        let compile = |(name, part): (String, PartConfig)| match PartRule::compile(part) {
            Ok(part) => Ok((name, part)),
            Err(error) => Err(error.within_key(&name).within("parts")),
        };
        Ok(Self {
            limits: multipart_limits(config.max_parts, config.max_head_bytes),
            additional: config.additional,
            parts: ConfigError::gather(config.parts.into_iter().map(compile))?.into_iter().collect(),
        })
    }

    /// Whether all that must come has.
    pub(crate) fn finish(&self, seen: &PartsSeen) -> Result<(), Violation> {
        match self.parts.iter().find(|(name, part)| part.required && !seen.counts.contains_key(*name)) {
            Some((name, _)) => Err(wrong(name, "it is missing")),
            None => Ok(()),
        }
    }
}

impl PartRule {
    fn compile(config: PartConfig) -> Result<Self, ConfigError> {
        if config.file && config.value.is_some() {
            return Err(ConfigError::at("value", "a file has none"));
        }
        if !config.file && config.file_name.is_some() {
            return Err(ConfigError::at("file_name", "only a file has one"));
        }
        let parameter = |field: &str, config| Parameter::compile(config).map_err(|error| error.within(field));
        Ok(Self {
            required: config.required,
            max_count: config.max_count,
            max_bytes: config.max_bytes.get(),
            file: config.file,
            file_name: config.file_name.map(|config| parameter("file_name", config)).transpose()?,
            content_types: config.content_types.as_ref().map(media_ranges).transpose()?,
            value: config.value.map(|config| parameter("value", config)).transpose()?,
        })
    }

    fn begin(&self, head: &PartHead) -> Result<(), &'static str> {
        match (self.file, &head.file_name) {
            (true, None) => return Err("it is no file"),
            (false, Some(_)) => return Err("it is a file"),
            _ => {}
        }
        let essence = head.media_type.as_ref().map_or("text/plain", |media_type| media_type.essence());
        if self.content_types.as_ref().is_some_and(|ranges| !ranges.iter().any(|range| range.covers(essence))) {
            return Err("it has another media type");
        }
        let name = head.file_name.as_ref().zip(self.file_name.as_ref());
        if name.is_some_and(|(name, rule)| rule.check([name.as_bytes()]).is_err()) {
            return Err("its file has another name");
        }
        Ok(())
    }
}

/// The media types of a field called `content_types`.
pub(crate) fn media_ranges(texts: &NonEmpty<String>) -> Result<Vec<MediaRange>, ConfigError> {
    let range = |(at, text): (usize, &String)| {
        let wrong = || ConfigError::at("", "expected a media type such as `application/json` or `image/*`, in lower case");
        MediaRange::parse(text).ok_or_else(|| wrong().within_index(at).within("content_types"))
    };
    ConfigError::gather(texts.iter().enumerate().map(range))
}

impl Parts for PartsTrial<'_> {
    type Refusal = Violation;

    fn begin(&mut self, head: PartHead) -> Result<(), Violation> {
        self.look_at_head(&head)?;
        self.seen.current = Current {
            looked_at: head.file_name.is_none() && self.signatures.reads_body(),
            called: head.name.clone(),
            ..Current::default()
        };
        let Some((name, part)) = self.rule.parts.get_key_value(&head.name) else {
            return match self.rule.additional {
                Additional::Reject => Err(Violation::new(Code::BodyField, "a part that the rule does not name")),
                Additional::Pass => Ok(()),
            };
        };
        part.begin(&head).map_err(|problem| wrong(name, problem))?;
        let count = self.seen.counts.entry(name.clone()).or_default();
        *count = count.saturating_add(1);
        if *count > part.max_count {
            return Err(wrong(name, "it comes too often"));
        }
        self.seen.current.name = Some(head.name);
        Ok(())
    }

    fn content(&mut self, bytes: &[u8]) -> Result<(), Violation> {
        let current = &mut self.seen.current;
        let part = current.name.as_ref().and_then(|name| self.rule.parts.get_key_value(name));
        let max = part.map_or(ADDITIONAL_MAX, |(_, part)| part.max_bytes);
        current.bytes = current.bytes.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        if current.bytes > max {
            return Err(wrong(part.map_or("", |(name, _)| name), "it is too large"));
        }
        if current.looked_at || part.is_some_and(|(_, part)| part.value.is_some()) {
            current.text.extend_from_slice(bytes);
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), Violation> {
        let current = std::mem::take(&mut self.seen.current);
        if current.looked_at {
            self.signatures.look(SignaturePart::Body, &current.called, Place::Value, &current.text, self.detected)?;
        }
        let part = current.name.as_ref().and_then(|name| self.rule.parts.get_key_value(name));
        let Some((name, value)) = part.and_then(|(name, part)| Some((name, part.value.as_ref()?))) else { return Ok(()) };
        value.check([current.text.as_slice()]).map_err(|problem| wrong(name, &problem.to_string()))?;
        if let Some(kept) = &mut self.seen.kept {
            kept.push((name.clone(), current.text));
        }
        Ok(())
    }
}

impl PartsTrial<'_> {
    fn look_at_head(&mut self, head: &PartHead) -> Result<(), Violation> {
        self.signatures.look(SignaturePart::Body, &head.name, Place::Name, head.name.as_bytes(), self.detected)?;
        let file_name = head.file_name.as_deref().unwrap_or_default();
        self.signatures.look(SignaturePart::Body, &head.name, Place::Value, file_name.as_bytes(), self.detected)
    }
}

/// A part that the rule does not name has no name.
fn wrong(name: &str, problem: &str) -> Violation {
    let name = if name.is_empty() { "a part that the rule does not name".to_owned() } else { format!("part `{name}`") };
    Violation::new(Code::BodyField, format!("{name}: {problem}"))
}
