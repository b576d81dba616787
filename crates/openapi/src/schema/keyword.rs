//! The keywords of a schema, by what is done with them.

use crate::document::Version;

/// What is done with a keyword.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keyword {
    /// It says nothing about a request.
    Annotation,
    /// It is as JSON Schema 2020-12 has it.
    Plain,
    /// It holds a schema.
    Schema,
    /// It holds a list of schemas.
    Schemas,
    /// It holds schemas by name.
    SchemasByName,
    /// It is converted by itself.
    Special,
    /// It says how a text is encoded, and nothing looks.
    Content,
    /// What stands below it is read otherwise than we do.
    Unfollowed,
    /// OpenAPI 3.0 does not have it.
    NotIn30,
    Unknown,
}

/// What 3.0 takes from JSON Schema (OpenAPI 3.0 section 4.7.24).
const IN_30: [&str; 23] = [
    "multipleOf",
    "maximum",
    "exclusiveMaximum",
    "minimum",
    "exclusiveMinimum",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "uniqueItems",
    "maxProperties",
    "minProperties",
    "required",
    "enum",
    "type",
    "allOf",
    "oneOf",
    "anyOf",
    "not",
    "items",
    "properties",
    "additionalProperties",
];

pub(super) fn keyword(name: &str, version: Version) -> Keyword {
    match known(name) {
        Keyword::Unknown if name.starts_with("x-") => Keyword::Annotation,
        known @ (Keyword::Plain | Keyword::Schema | Keyword::Schemas | Keyword::SchemasByName | Keyword::Content)
            if version == Version::V30 =>
        {
            if IN_30.contains(&name) {
                known
            } else {
                Keyword::NotIn30
            }
        }
        known => known,
    }
}

fn known(name: &str) -> Keyword {
    match name {
        "title" | "description" | "default" | "example" | "examples" | "deprecated" | "externalDocs" | "xml" | "writeOnly"
        | "$comment" | "$defs" | "definitions" | "$anchor" | "$dynamicAnchor" | "$vocabulary" => Keyword::Annotation,
        "type" | "enum" | "const" | "multipleOf" | "maximum" | "minimum" | "maxLength" | "minLength" | "maxItems"
        | "minItems" | "uniqueItems" | "maxContains" | "minContains" | "maxProperties" | "minProperties"
        | "dependentRequired" => Keyword::Plain,
        "not"
        | "if"
        | "then"
        | "else"
        | "items"
        | "contains"
        | "additionalProperties"
        | "propertyNames"
        | "unevaluatedItems"
        | "unevaluatedProperties" => Keyword::Schema,
        "allOf" | "anyOf" | "oneOf" | "prefixItems" => Keyword::Schemas,
        "dependentSchemas" => Keyword::SchemasByName,
        "$ref" | "$schema" | "nullable" | "exclusiveMaximum" | "exclusiveMinimum" | "format" | "pattern"
        | "patternProperties" | "properties" | "required" | "readOnly" | "discriminator" => Keyword::Special,
        "contentEncoding" | "contentMediaType" | "contentSchema" => Keyword::Content,
        "$id" | "$dynamicRef" | "$recursiveRef" | "$recursiveAnchor" => Keyword::Unfollowed,
        _ => Keyword::Unknown,
    }
}
