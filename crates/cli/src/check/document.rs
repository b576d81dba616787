//! YAML with the place of everything in it. JSON is YAML too.

use portcullis_policy::Position;
use saphyr::{LoadableYamlNode, MarkedYamlOwned, ScalarOwned, YamlDataOwned};
use serde_json::{Map, Number, Value as Json};

use super::place;

/// One document of a file.
#[derive(Debug)]
pub(crate) struct Document<'t> {
    /// The whole file.
    text: &'t str,
    node: MarkedYamlOwned,
    /// What it says, as a plugin gets it.
    pub(crate) value: Json,
}

/// Why something is no configuration, and where; without any of its values.
#[derive(Debug)]
pub(crate) struct Unfit {
    pub(crate) at: Position,
    pub(crate) message: String,
}

impl<'t> Document<'t> {
    /// Every document in `text`; one that says what JSON cannot is unfit by itself.
    ///
    /// # Errors
    /// When `text` is no YAML.
    pub(crate) fn all(text: &'t str) -> Result<Vec<Result<Self, Unfit>>, Unfit> {
        let nodes = MarkedYamlOwned::load_from_str(text).map_err(|error| {
            let (line, column) = (error.marker().line(), error.marker().col());
            Unfit { at: position(line, column), message: format!("not valid YAML: {}", error.info()) }
        })?;
        Ok(nodes.into_iter().map(|node| Self::of(text, node)).collect())
    }

    fn of(text: &'t str, node: MarkedYamlOwned) -> Result<Self, Unfit> {
        Ok(Self { text, value: json(&node)?, node })
    }

    /// Where the field `path` stands, or the nearest thing around it.
    pub(crate) fn place(&self, path: &str) -> Position {
        place::find(&self.node, path).0
    }

    /// Where the place `inner` of the expression `source` in the field `path` stands, where its line is in the file as it is in the
    /// expression.
    pub(crate) fn place_within(&self, path: &str, source: &str, inner: Position) -> Option<Position> {
        let (_, value) = place::find(&self.node, path);
        let (first, last) = (value.span.start.line(), value.span.end.line());
        let wanted = source.split('\n').nth(inner.line as usize - 1)?;
        let (indent, wanted) = (wanted.len() - wanted.trim_start().len(), wanted.trim());
        let lines = self.text.lines().enumerate().take(last.max(first)).skip(first.saturating_sub(1));
        let mut found = lines.filter_map(|(index, line)| Some((index + 1, line.get(..line.find(wanted)?)?.chars().count())));
        let (line, before) = found.next().filter(|_| !wanted.is_empty())?;
        let ambiguous = found.next().is_some();
        (!ambiguous).then(|| position(line, before + (inner.column as usize).saturating_sub(indent + 1)))
    }
}

/// `column` from 0.
pub(crate) fn position(line: usize, column: usize) -> Position {
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Position { line: number(line.max(1)), column: number(column.saturating_add(1)) }
}

fn json(node: &MarkedYamlOwned) -> Result<Json, Unfit> {
    let unfit =
        |message: &str| Unfit { at: position(node.span.start.line(), node.span.start.col()), message: message.to_owned() };
    Ok(match &node.data {
        YamlDataOwned::Value(scalar) => self::scalar(scalar).ok_or_else(|| unfit("expected a finite number"))?,
        YamlDataOwned::Sequence(elements) => elements.iter().map(json).collect::<Result<_, _>>()?,
        YamlDataOwned::Mapping(entries) => {
            let entry =
                |(key, value)| Ok((place::key(key).ok_or_else(|| unfit("expected texts as keys"))?.to_owned(), json(value)?));
            Json::Object(entries.iter().map(entry).collect::<Result<Map<_, _>, Unfit>>()?)
        }
        YamlDataOwned::Tagged(..) => return Err(unfit("tags such as `!name` mean nothing here")),
        YamlDataOwned::Representation(..) | YamlDataOwned::Alias(_) | YamlDataOwned::BadValue => {
            return Err(unfit("expected a configuration"));
        }
    })
}

fn scalar(scalar: &ScalarOwned) -> Option<Json> {
    Some(match scalar {
        ScalarOwned::Null => Json::Null,
        ScalarOwned::Boolean(truth) => Json::Bool(*truth),
        ScalarOwned::Integer(integer) => Json::Number(Number::from(*integer)),
        ScalarOwned::FloatingPoint(number) => Json::Number(Number::from_f64(number.into_inner())?),
        ScalarOwned::String(text) => Json::String(text.clone()),
    })
}
