//! From what was read, and to what a plugin reads.

use saphyr::{MarkedYamlOwned, ScalarOwned, YamlDataOwned};
use serde_json::{Number, Value as Json};

use super::{Map, Yaml};

/// What a person has written, in the order in which it was written; what is no plain value is null.
impl From<&MarkedYamlOwned> for Yaml {
    fn from(node: &MarkedYamlOwned) -> Self {
        match &node.data {
            YamlDataOwned::Value(scalar) => scalar.into(),
            YamlDataOwned::Sequence(items) => Self::List(items.iter().map(Self::from).collect()),
            YamlDataOwned::Mapping(entries) => {
                let texts = entries.iter().filter_map(|(name, value)| Some((name.data.as_str()?, value)));
                Self::Map(texts.fold(Map::default(), |map, (name, value)| map.with(name, value)))
            }
            YamlDataOwned::Tagged(..) | YamlDataOwned::Representation(..) | YamlDataOwned::Alias(_) | YamlDataOwned::BadValue => {
                Self::Null
            }
        }
    }
}

impl From<&ScalarOwned> for Yaml {
    fn from(scalar: &ScalarOwned) -> Self {
        match scalar {
            ScalarOwned::Null => Self::Null,
            ScalarOwned::Boolean(truth) => Self::Bool(*truth),
            ScalarOwned::Integer(integer) => Self::Number((*integer).into()),
            ScalarOwned::FloatingPoint(number) => Number::from_f64(number.into_inner()).map_or(Self::Null, Self::Number),
            ScalarOwned::String(text) => Self::Text(text.clone()),
        }
    }
}

impl From<&Yaml> for Json {
    fn from(yaml: &Yaml) -> Self {
        match yaml {
            Yaml::Null => Self::Null,
            Yaml::Bool(truth) => Self::Bool(*truth),
            Yaml::Number(number) => Self::Number(number.clone()),
            Yaml::Text(text) => Self::String(text.clone()),
            Yaml::List(items) => items.iter().map(Self::from).collect(),
            Yaml::Map(_) => yaml.entries().map(|(name, value)| (name.to_owned(), Self::from(value))).collect(),
        }
    }
}

impl From<Map> for Yaml {
    fn from(map: Map) -> Self {
        Self::Map(map)
    }
}

impl From<&str> for Yaml {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Yaml {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Yaml {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

impl From<u16> for Yaml {
    fn from(number: u16) -> Self {
        Self::Number(number.into())
    }
}

impl<Item: Into<Self>> From<Vec<Item>> for Yaml {
    fn from(items: Vec<Item>) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }
}
