//! Forms as `multipart/form-data` (OpenAPI 3.1 section 4.8.14.5).

use portcullis_config::ByteSize;
use portcullis_validation::MediaRange;
use serde_json::{Map, Value};

use crate::body::unlimited;
use crate::context::Context;
use crate::form::{close, members, object};
use crate::node::{Node, Unreadable, escaped};
use crate::parameter::{checked, with_required};
use crate::schema::Flat;
use crate::value::{self, Shape};

/// How many parts there are at most where nothing is said, of a list and altogether.
const PARTS_MAX: u64 = 20;

/// How many bytes a part has at most that is no file.
const FIELD_MAX: u64 = 64 << 10;

/// So many bytes stand around each part.
const HEAD_MAX: u64 = 1536;

/// A form in parts while it is read.
struct Reader<'n, 'd, 'r> {
    media: &'n Node<'d>,
    schema: &'n Node<'d>,
    object: &'n Flat,
    context: &'n Context<'r>,
}

/// What a part is.
struct Part {
    config: Map<String, Value>,
    /// How many there are at most.
    count: u64,
    /// How many bytes each has at most.
    bytes: u64,
}

/// What the form at `media` may be, and how long at most.
pub(crate) fn multipart(media: &Node<'_>, context: &Context<'_>) -> Result<(Map<String, Value>, u64), Unreadable> {
    let mut form = Map::new();
    let Some(schema) = media.get("schema") else {
        form.insert("additional".to_owned(), "pass".into());
        return Ok((form, context.options.max_body));
    };
    let object = object(&schema, context)?;
    let reader = Reader { media, schema: &schema, object: &object, context };
    let mut parts = Map::new();
    let (mut count, mut bytes) = (0_u64, 0_u64);
    for (name, property, required) in members(&object) {
        let Some(mut part) = reader.part(name, property)? else { continue };
        count = count.saturating_add(part.count);
        bytes = bytes.saturating_add(part.count.saturating_mul(part.bytes.saturating_add(HEAD_MAX)));
        if part.count != 1 {
            part.config.insert("max_count".to_owned(), part.count.into());
        }
        if part.bytes != FIELD_MAX {
            part.config.insert("max_bytes".to_owned(), ByteSize::new(part.bytes).to_string().into());
        }
        parts.insert(name.to_owned(), with_required(part.config, required).into());
    }
    close(&mut form, &object);
    if count > PARTS_MAX {
        form.insert("max_parts".to_owned(), count.into());
    }
    form.insert("parts".to_owned(), parts.into());
    let open = form.contains_key("additional");
    Ok((form, if open { bytes.saturating_add(FIELD_MAX) } else { bytes.max(1) }))
}

impl Reader<'_, '_, '_> {
    /// The part called `name`; `None` where there is none of it.
    fn part(&self, name: &str, property: &Value) -> Result<Option<Part>, Unreadable> {
        let report = self.context.report;
        let pointer = format!("{}/properties/{}", self.schema.pointer, escaped(name));
        if *property == Value::Bool(false) {
            if self.object.keywords.get("additionalProperties") != Some(&Value::Bool(false)) {
                report.unenforced(&pointer, "a `readOnly` part passes as one that is not named");
            }
            return Ok(None);
        }
        let flat = self.object.below(property);
        let place = find(self.schema, name, 4)?;
        let (flat, place, count) = if flat.types().as_slice() == ["array"] {
            self.tell_of_items(&flat, &pointer);
            let items = flat.keywords.get("items").cloned().unwrap_or(Value::Bool(true));
            let most = flat.keywords.get("maxItems").and_then(Value::as_u64);
            if most.is_none() {
                report.stricter(&pointer, format!("there is no `maxItems`: there are at most {PARTS_MAX}"));
            }
            let place = place.and_then(|place| place.resolved().ok()?.get("items"));
            (flat.below(&items), place, most.unwrap_or(PARTS_MAX))
        } else {
            (flat, place, 1)
        };
        let mut part = match place.map(|place| is_file(&place)).transpose()? {
            Some(true) => self.file(&flat, &pointer),
            _ => self.field(&flat, &pointer)?,
        };
        if let Some(types) = self.content_types(name)? {
            part.config.insert("content_types".to_owned(), types.into());
        }
        part.count = count;
        Ok(Some(part))
    }

    fn file(&self, flat: &Flat, pointer: &str) -> Part {
        let bytes = flat.keywords.get("maxLength").and_then(Value::as_u64);
        if bytes.is_none() {
            unlimited(pointer, self.context);
        }
        if flat.keywords.keys().any(|keyword| !matches!(keyword.as_str(), "type" | "maxLength")) {
            self.context.report.unenforced(pointer, "of a file only the length is held to");
        }
        let config = Map::from_iter([("file".to_owned(), true.into())]);
        Part { config, count: 1, bytes: bytes.unwrap_or(self.context.options.max_body) }
    }

    fn field(&self, flat: &Flat, pointer: &str) -> Result<Part, Unreadable> {
        let mut config = Map::new();
        match value::shape(flat, pointer, self.context.report) {
            Shape::Value(value) => drop(config.insert("value".to_owned(), checked(value, self.schema)?)),
            Shape::Array(_) | Shape::Object(_) => {
                self.context.report.unenforced(pointer, "a part in JSON is not read: only its length is held to");
            }
        }
        Ok(Part { config, count: 1, bytes: FIELD_MAX })
    }

    /// The media types of a part, as far as the document names some.
    fn content_types(&self, name: &str) -> Result<Option<Vec<String>>, Unreadable> {
        let Some(encoding) = self.media.get("encoding").and_then(|encoding| encoding.get(name)) else { return Ok(None) };
        if encoding.get("headers").is_some() {
            self.context.report.unenforced(&encoding.pointer, "headers of a part are not looked at");
        }
        let Some(types) = encoding.text("contentType") else { return Ok(None) };
        let types: Vec<String> = types.split(',').map(|text| text.trim().to_ascii_lowercase()).collect();
        match types.iter().all(|text| MediaRange::parse(text).is_some()) {
            true => Ok(Some(types)),
            false => Err(encoding.unreadable("expected media types such as `image/png` or `image/*`")),
        }
    }

    fn tell_of_items(&self, flat: &Flat, pointer: &str) {
        let least = flat.keywords.get("minItems").and_then(Value::as_u64).unwrap_or_default();
        if least > 1 {
            self.context.report.unenforced(pointer, "how often a part comes at least is not held to");
        }
        if flat.keywords.get("uniqueItems") == Some(&Value::Bool(true)) {
            self.context.report.unenforced(pointer, "whether parts differ is not looked at");
        }
    }
}

/// Where the property called `name` stands, in the schema or in a branch of its `allOf`.
fn find<'d>(schema: &Node<'d>, name: &str, depth: u32) -> Result<Option<Node<'d>>, Unreadable> {
    let Some(deeper) = depth.checked_sub(1) else { return Ok(None) };
    let schema = schema.resolved()?;
    if let Some(property) = schema.get("properties").and_then(|properties| properties.get(name)) {
        return Ok(Some(property));
    }
    for branch in schema.get("allOf").iter().flat_map(Node::elements) {
        if let Some(found) = find(&branch, name, deeper)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Whether it is bytes: `format: binary` in 3.0; in 3.1 what has a media type and no encoding, or says nothing at all.
fn is_file(property: &Node<'_>) -> Result<bool, Unreadable> {
    let property = property.resolved()?;
    let binary = property.text("format") == Some("binary");
    let media = property.get("contentMediaType").is_some() && property.get("contentEncoding").is_none();
    let says = ["type", "enum", "const", "allOf", "anyOf", "oneOf", "properties", "items", "contentEncoding"];
    let nothing = says.iter().all(|keyword| property.get(keyword).is_none());
    Ok(binary || media || nothing)
}
