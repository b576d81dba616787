//! From a JSON pointer to the line and column in the file.

use portcullis_openapi::Remark;
use portcullis_policy::Position;
use saphyr::{LoadableYamlNode, MarkedYamlOwned, ScalarOwned, YamlDataOwned};

use crate::check::document::position;

/// The places in a file; none where it is no YAML.
pub(super) struct Places(Option<MarkedYamlOwned>);

impl Places {
    /// The places in `text`, which the importer has read: it bounds what aliases come to.
    pub(super) fn of(text: &str) -> Self {
        Self(MarkedYamlOwned::load_from_str(text).ok().and_then(|documents| documents.into_iter().next()))
    }

    /// Where the remark is about; the nearest thing around it where that is not in the file, nothing for the whole.
    pub(super) fn of_remark(&self, remark: &Remark) -> Option<Position> {
        let mut node = self.0.as_ref().filter(|_| !remark.pointer.is_empty())?;
        let mut at = start(node);
        for segment in remark.pointer.split('/').skip(1) {
            let Some((place, inner)) = step(node, &segment.replace("~1", "/").replace("~0", "~")) else { break };
            (at, node) = (place, inner);
        }
        Some(at)
    }
}

fn step<'n>(node: &'n MarkedYamlOwned, segment: &str) -> Option<(Position, &'n MarkedYamlOwned)> {
    match &node.data {
        YamlDataOwned::Mapping(entries) => {
            entries.iter().find(|(name, _)| is_called(name, segment)).map(|(name, value)| (start(name), value))
        }
        YamlDataOwned::Sequence(elements) => {
            elements.get(segment.parse::<usize>().ok()?).map(|element| (start(element), element))
        }
        _ => None,
    }
}

/// A number may be a key: `200`.
fn is_called(name: &MarkedYamlOwned, segment: &str) -> bool {
    match &name.data {
        YamlDataOwned::Value(ScalarOwned::String(text)) => text == segment,
        YamlDataOwned::Value(ScalarOwned::Integer(number)) => number.to_string() == segment,
        _ => false,
    }
}

fn start(node: &MarkedYamlOwned) -> Position {
    position(node.span.start.line(), node.span.start.col())
}
