//! Parameters (OpenAPI 3.1 section 4.8.12), by their place and style.

use portcullis_config::HeaderName;
use serde_json::{Map, Value, json};

use crate::context::Context;
use crate::node::{Node, Unreadable};
use crate::schema::Flat;
use crate::template::Template;
use crate::value::{self, Shape};

/// These headers have descriptions of their own in OpenAPI, and a parameter of such a name counts for nothing.
const IGNORED_HEADERS: [&str; 3] = ["accept", "content-type", "authorization"];

/// What parameters say of the head of a request.
#[derive(Debug, Default)]
pub(crate) struct Head {
    pub(crate) params: Map<String, Value>,
    pub(crate) query: Map<String, Value>,
    /// Whether the query may have other parameters.
    pub(crate) any_query: bool,
    pub(crate) headers: Map<String, Value>,
    pub(crate) cookies: Map<String, Value>,
}

/// A parameter while it is read.
struct Parameter<'n, 'd> {
    node: &'n Node<'d>,
    name: &'d str,
    style: &'d str,
    explode: bool,
    required: bool,
    shape: Shape,
}

impl Head {
    /// Adds the parameter at `node`.
    pub(crate) fn add(&mut self, node: &Node<'_>, template: &Template, context: &Context<'_>) -> Result<(), Unreadable> {
        let name = node.text("name").ok_or_else(|| node.unreadable("a parameter without `name`"))?;
        let place = node.text("in").ok_or_else(|| node.unreadable("a parameter without `in`"))?;
        let default = if matches!(place, "query" | "cookie") { "form" } else { "simple" };
        let style = node.text("style").unwrap_or(default);
        let explode = node.value.get("explode").and_then(Value::as_bool).unwrap_or(style == "form");
        let shape = shape(node, context)?;
        let parameter = Parameter { node, name, style, explode, required: node.is("required"), shape };
        match place {
            "path" => self.path(parameter, template, context),
            "query" => self.query(parameter, context),
            "header" => self.header(parameter, context),
            "cookie" => self.cookie(parameter, context),
            _ => Err(node.unreadable("expected `path`, `query`, `header` or `cookie` in `in`")),
        }
    }

    fn path(&mut self, parameter: Parameter<'_, '_>, template: &Template, context: &Context<'_>) -> Result<(), Unreadable> {
        let Parameter { node, name, style, .. } = parameter;
        if template.mixed.iter().any(|mixed| mixed.names.iter().any(|other| other == name)) {
            context
                .report
                .unenforced(&node.pointer, "it is only a part of a segment: the segment's form is held to, not its own");
            return Ok(());
        }
        let Some(capture) = template.captures.get(name) else {
            context.report.note(&node.pointer, "the path has no such template expression: it counts for nothing");
            return Ok(());
        };
        let value = match (style, parameter.shape) {
            ("simple", Shape::Value(value)) => value,
            ("simple", Shape::Array(array)) => separated(array, "comma"),
            ("label", _) => {
                context.report.unenforced(&node.pointer, "of the style `label` only the dot is looked at");
                json!({ "pattern": "^\\." }).as_object().cloned().unwrap_or_default()
            }
            ("matrix", _) => {
                context.report.stricter(&node.pointer, "the style `matrix`: a path with `;` is refused, and so is every request");
                Map::new()
            }
            (style, _) => any_text(node, style, context),
        };
        self.params.insert(capture.clone(), checked(value, node)?);
        Ok(())
    }

    fn query(&mut self, parameter: Parameter<'_, '_>, context: &Context<'_>) -> Result<(), Unreadable> {
        let Parameter { node, name, style, explode, required, .. } = parameter;
        if node.is("allowEmptyValue") && !matches!(&parameter.shape, Shape::Value(value) if value.is_empty()) {
            context.report.stricter(&node.pointer, "`allowEmptyValue`: an empty value is held to the schema as any other");
        }
        let value = match (style, parameter.shape) {
            ("form" | "spaceDelimited" | "pipeDelimited", Shape::Value(value)) => value,
            ("form", Shape::Array(array)) => separated(array, if explode { "repeated" } else { "comma" }),
            ("spaceDelimited" | "pipeDelimited", Shape::Array(array)) if explode => separated(array, "repeated"),
            ("form", Shape::Object(object)) if explode => {
                self.any_query |= object.keywords.get("additionalProperties") != Some(&Value::Bool(false));
                return properties(&mut self.query, &object, node, required, context, str::to_owned);
            }
            ("deepObject", Shape::Object(object)) => {
                if object.keywords.get("additionalProperties").is_some_and(|more| *more != Value::Bool(false)) {
                    context.report.stricter(&node.pointer, "a property that is not named is refused");
                }
                return properties(&mut self.query, &object, node, required, context, |property| format!("{name}[{property}]"));
            }
            (style, _) => any_text(node, style, context),
        };
        self.query.insert(name.to_owned(), checked(with_required(value, required), node)?);
        Ok(())
    }

    fn header(&mut self, parameter: Parameter<'_, '_>, context: &Context<'_>) -> Result<(), Unreadable> {
        let Parameter { node, name, style, required, .. } = parameter;
        let lower = name.to_ascii_lowercase();
        if IGNORED_HEADERS.contains(&lower.as_str()) {
            context.report.note(&node.pointer, "a parameter for `accept`, `content-type` or `authorization` counts for nothing");
            return Ok(());
        }
        lower.parse::<HeaderName>().map_err(|_| node.unreadable("no header has this name"))?;
        let value = match (style, parameter.shape) {
            ("simple", Shape::Value(value)) => value,
            ("simple", Shape::Array(array)) => separated(array, "comma"),
            (style, _) => any_text(node, style, context),
        };
        self.headers.insert(lower, checked(with_required(value, required), node)?);
        Ok(())
    }

    fn cookie(&mut self, parameter: Parameter<'_, '_>, context: &Context<'_>) -> Result<(), Unreadable> {
        let Parameter { node, name, style, explode, required, .. } = parameter;
        let value = match (style, parameter.shape) {
            ("form", Shape::Value(value)) => value,
            ("form", Shape::Array(array)) if !explode => separated(array, "comma"),
            (style, _) => any_text(node, style, context),
        };
        self.cookies.insert(name.to_owned(), checked(with_required(value, required), node)?);
        Ok(())
    }
}

fn shape(node: &Node<'_>, context: &Context<'_>) -> Result<Shape, Unreadable> {
    if let Some(schema) = node.get("schema") {
        return Ok(value::shape(&context.schemas.flat(&schema)?, &schema.pointer, context.report));
    }
    if let Some(content) = node.get("content") {
        context.report.unenforced(&content.pointer, "the content of a parameter is not read: it is any text");
    }
    Ok(Shape::Value(Map::new()))
}

/// Each property as a parameter of its own. One that is required is so where the object is.
pub(crate) fn properties(
    parameters: &mut Map<String, Value>,
    object: &Flat,
    node: &Node<'_>,
    required: bool,
    context: &Context<'_>,
    name: impl Fn(&str) -> String,
) -> Result<(), Unreadable> {
    let names = object.keywords.get("required").and_then(Value::as_array);
    if !required && names.is_some_and(|names| !names.is_empty()) {
        let message = "`required`: the object may be left out, and then so may each of its properties";
        context.report.unenforced(&format!("{}/schema", node.pointer), message);
    }
    for (property, schema) in object.keywords.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let pointer = format!("{}/schema/properties/{}", node.pointer, crate::node::escaped(property));
        let inner = object.below(schema);
        let value = match value::shape(&inner, &pointer, context.report) {
            _ if *schema == Value::Bool(false) => never(),
            Shape::Value(value) => value,
            Shape::Array(array) => separated(array, "repeated"),
            Shape::Object(_) => {
                context.report.unenforced(&pointer, "an object within an object has no style: it is any text");
                Map::new()
            }
        };
        let required = required && names.is_some_and(|names| names.iter().any(|name| name == property));
        parameters.insert(name(property), checked(with_required(value, required), node)?);
    }
    Ok(())
}

/// What can never be there: a list of at most no items.
pub(crate) fn never() -> Map<String, Value> {
    json!({ "type": "array", "max_items": 0 }).as_object().cloned().unwrap_or_default()
}

fn any_text(node: &Node<'_>, style: &str, context: &Context<'_>) -> Map<String, Value> {
    let message = format!("the style `{style}` with such a schema is not read: it is any text");
    context.report.unenforced(&node.pointer, message);
    Map::new()
}

pub(crate) fn separated(mut array: Map<String, Value>, separator: &str) -> Map<String, Value> {
    if separator != "repeated" {
        array.insert("separator".to_owned(), separator.into());
    }
    array
}

pub(crate) fn with_required(mut parameter: Map<String, Value>, required: bool) -> Map<String, Value> {
    if required {
        parameter.insert("required".to_owned(), true.into());
    }
    parameter
}

/// The parameter, if the plugin takes it.
pub(crate) fn checked(parameter: Map<String, Value>, node: &Node<'_>) -> Result<Value, Unreadable> {
    let mut parameter = parameter;
    let least = parameter.get("min_length").and_then(Value::as_u64).unwrap_or_default();
    if least > 1024 && !parameter.contains_key("max_length") {
        parameter.insert("max_length".to_owned(), least.into());
    }
    let parameter = Value::Object(parameter);
    let compiled = portcullis_config::from_value(&parameter).and_then(portcullis_validation::Parameter::compile);
    match compiled {
        Ok(_) => Ok(parameter),
        Err(error) => Err(node.unreadable(format!("the plugin does not take what this would be: {error}"))),
    }
}
