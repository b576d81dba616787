//! Bodies of requests (OpenAPI 3.1 section 4.8.13), by their media types.

use portcullis_config::ByteSize;
use portcullis_validation::MediaRange;
use serde_json::{Map, Value, json};

use crate::context::Context;
use crate::form;
use crate::multipart;
use crate::node::{Node, Unreadable};

/// What the plugin takes where nothing is said.
const DEFAULT_MAX: u64 = 64 << 10;

/// A body that is longer is told: the proxy's buffer limit must allow it.
const BUFFER_MAX: u64 = 1 << 20;

/// The body of a rule.
#[derive(Debug)]
pub(crate) struct Body {
    pub(crate) content_types: Vec<String>,
    pub(crate) config: Map<String, Value>,
}

/// The forms that a media type has by nature, as the plugin tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Json,
    Urlencoded,
    Multipart,
    Text,
    Raw,
}

/// What the request body at `node` says.
pub(crate) fn body(node: &Node<'_>, context: &Context<'_>) -> Result<Body, Unreadable> {
    let content = node.get("content").filter(|content| content.value.as_object().is_some_and(|content| !content.is_empty()));
    let content = content.ok_or_else(|| node.unreadable("a request body without `content`"))?;
    let body = Body { content_types: Vec::new(), config: Map::new() };
    let mut read = Read { body, json: Vec::new(), lengths: Vec::new(), max: 0 };
    for (name, media) in content.entries() {
        read.media_type(name, &media, context)?;
    }
    read.json(context)?;
    for (pointer, _) in read.lengths.iter().filter(|(_, length)| *length < read.max) {
        context.report.unenforced(pointer, "`maxLength`: a body is as long as the longest of all its media types");
    }
    let Read { mut body, max, .. } = read;
    if !node.is("required") {
        body.config.insert("required".to_owned(), false.into());
    }
    if max != DEFAULT_MAX {
        body.config.insert("max_bytes".to_owned(), ByteSize::new(max).to_string().into());
    }
    if max > BUFFER_MAX {
        let size = ByteSize::new(max);
        context
            .report
            .note(&node.pointer, format!("the proxy holds up to {size} until it is judged: its buffer limit must allow it"));
    }
    Ok(body)
}

/// What has been read of a body.
struct Read<'d> {
    body: Body,
    /// The schemas of its media types that are JSON; `None` for one without.
    json: Vec<Option<Node<'d>>>,
    /// The limits that the document sets, each with its place.
    lengths: Vec<(String, u64)>,
    max: u64,
}

impl<'d> Read<'d> {
    fn media_type(&mut self, name: &str, media: &Node<'d>, context: &Context<'_>) -> Result<(), Unreadable> {
        let (essence, parameters) = name.split_once(';').unwrap_or((name, ""));
        let essence = essence.trim().to_ascii_lowercase();
        if MediaRange::parse(&essence).is_none() {
            return Err(media.unreadable("expected a media type such as `application/json` or `image/*`"));
        }
        if !parameters.is_empty() {
            context.report.note(&media.pointer, "parameters of a media type are not looked at");
        }
        let schema = media.get("schema");
        let max = match natural(&essence) {
            Form::Json => {
                self.json.push(schema);
                context.options.max_body
            }
            Form::Urlencoded => {
                self.body.config.insert("form".to_owned(), form::form(media, context)?.into());
                context.options.max_body
            }
            Form::Multipart => {
                let (parts, size) = multipart::multipart(media, context)?;
                self.body.config.insert("multipart".to_owned(), parts.into());
                size
            }
            Form::Text => {
                self.body.config.insert("text".to_owned(), json!({}));
                text(schema.as_ref(), context)?
            }
            Form::Raw => {
                self.body.config.insert("raw".to_owned(), json!({}));
                let length = raw(schema.as_ref(), context)?;
                self.lengths.extend(schema.iter().zip(length).map(|(schema, length)| (schema.pointer.clone(), length)));
                length.unwrap_or(context.options.max_body)
            }
        };
        self.max = self.max.max(max);
        if !self.body.content_types.contains(&essence) {
            self.body.content_types.push(essence);
        }
        Ok(())
    }

    /// One schema for all media types that are JSON.
    fn json(&mut self, context: &Context<'_>) -> Result<(), Unreadable> {
        if self.json.is_empty() {
            return Ok(());
        }
        let schemas: Option<Vec<Node<'d>>> = self.json.iter().cloned().collect();
        let mut json = Map::new();
        match schemas {
            Some(schemas) => {
                let schema = context.schemas.closed(&schemas)?;
                json.insert("schema".to_owned(), schema);
                if let [first, rest @ ..] = schemas.as_slice()
                    && rest.iter().any(|other| other.value != first.value)
                {
                    context
                        .report
                        .unenforced(&first.pointer, "several media types are JSON: a body may be as any of their schemas says");
                }
            }
            None => {
                if let Some(node) = self.json.iter().flatten().next() {
                    context
                        .report
                        .unenforced(&node.pointer, "another media type that is JSON has no schema: a body may be any JSON");
                }
            }
        }
        if context.options.max_body > DEFAULT_MAX {
            json.insert("max_string_bytes".to_owned(), ByteSize::new(context.options.max_body).to_string().into());
        }
        self.body.config.insert("json".to_owned(), json.into());
        Ok(())
    }
}

fn natural(essence: &str) -> Form {
    match essence {
        "application/json" => Form::Json,
        "application/x-www-form-urlencoded" => Form::Urlencoded,
        "multipart/form-data" => Form::Multipart,
        essence if essence.ends_with("+json") => Form::Json,
        essence if essence.starts_with("text/") => Form::Text,
        _ => Form::Raw,
    }
}

/// A character has at most four bytes.
fn text(schema: Option<&Node<'_>>, context: &Context<'_>) -> Result<u64, Unreadable> {
    let Some(schema) = schema else { return Ok(context.options.max_body) };
    let flat = context.schemas.flat(schema)?;
    let lost: Vec<&str> = flat.keywords.keys().map(String::as_str).filter(|keyword| *keyword != "type").collect();
    if !lost.is_empty() {
        let lost: Vec<String> = lost.iter().map(|keyword| format!("`{keyword}`")).collect();
        let message = format!("of a text only the number of bytes is held to: {}", lost.join(", "));
        context.report.unenforced(&schema.pointer, message);
    }
    let length = flat.keywords.get("maxLength").and_then(Value::as_u64);
    Ok(length.map_or(context.options.max_body, |length| length.saturating_mul(4).max(1)))
}

/// Bytes; `maxLength` counts them (OpenAPI 3.1 section 4.8.14.3).
fn raw(schema: Option<&Node<'_>>, context: &Context<'_>) -> Result<Option<u64>, Unreadable> {
    let flat = schema.map(|schema| context.schemas.flat(schema)).transpose()?;
    let length = flat.as_ref().and_then(|flat| flat.keywords.get("maxLength")).and_then(Value::as_u64);
    if let (Some(flat), Some(schema)) = (&flat, schema)
        && flat.keywords.iter().any(|(keyword, value)| keyword != "maxLength" && !(keyword == "type" && value == "string"))
    {
        context.report.unenforced(&schema.pointer, "a body of this media type is not read: only its length is held to");
    }
    if let (None, Some(schema)) = (length, schema) {
        unlimited(&schema.pointer, context);
    }
    Ok(length.map(|length| length.max(1)))
}

/// That the document sets no limit where files come.
pub(crate) fn unlimited(pointer: &str, context: &Context<'_>) {
    let size = ByteSize::new(context.options.max_body);
    context.report.stricter(pointer, format!("there is no `maxLength`: it has at most {size} (`--max-body`)"));
}
