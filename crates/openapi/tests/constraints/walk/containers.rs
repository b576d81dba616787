//! Constraints of lists and objects.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::Walk;
use crate::document::escaped;
use crate::wrong::Form;

impl Walk<'_> {
    pub(super) fn of_list(&mut self, keyword: &str, value: &Value, elements: &[Value], below: &str, at: &str) {
        let number = usize::try_from(value.as_u64().unwrap_or_default()).unwrap();
        let list = elements.to_vec();
        match keyword {
            "items" => {
                let prefix = self
                    .document
                    .at(below.rsplit_once('/').unwrap().0)
                    .get("prefixItems")
                    .and_then(Value::as_array)
                    .map_or(0, Vec::len);
                if value == &json!(false) {
                    let longer = any::<i8>().prop_map(move |more| json!([list.clone(), vec![json!(more)]].concat())).boxed();
                    self.push("items", at, longer, "");
                } else if prefix < elements.len() {
                    self.schema(below, &format!("{at}/{prefix}"));
                }
            }
            "prefixItems" => {
                let last = elements.len().min(value.as_array().unwrap().len());
                (0..last).for_each(|index| self.schema(&format!("{below}/{index}"), &format!("{at}/{index}")));
            }
            "minItems" if number == 1 && self.form != Form::Json => {
                self.push("minItems", at, None, "a list without items is not there")
            }
            "minItems" if number > 0 => {
                let shorter = (0..number).prop_map(move |length| json!(list.iter().take(length).collect::<Vec<_>>())).boxed();
                self.push("minItems", at, shorter, "");
            }
            "maxItems" => {
                let longer = (number + 1..number + 6)
                    .prop_map(move |length| json!(list.iter().cycle().take(length).collect::<Vec<_>>()))
                    .boxed();
                self.push("maxItems", at, (!elements.is_empty()).then_some(longer), "the example has no items");
            }
            "uniqueItems" => {
                let again = (0..elements.len().max(1))
                    .prop_map(move |index| json!([vec![list[index].clone()], list.clone()].concat()))
                    .boxed();
                self.push("uniqueItems", at, (!elements.is_empty()).then_some(again), "the example has no items");
            }
            "contains" => {
                let none = (0..elements.len()).prop_map(move |_| json!([])).boxed();
                self.push("contains", at, none, "");
            }
            _ => {}
        }
    }

    pub(super) fn of_object(
        &mut self,
        keyword: &str,
        value: &Value,
        members: &Map<String, Value>,
        schema: &Value,
        below: &str,
        at: &str,
    ) {
        let object = members.clone();
        match keyword {
            "properties" => self.properties(value, members, below, at),
            "patternProperties" => {
                for pattern in value.as_object().unwrap().keys() {
                    let regex = regex::Regex::new(pattern).unwrap();
                    let first = members.keys().find(|name| regex.is_match(name));
                    first.into_iter().for_each(|name| {
                        self.schema(&format!("{below}/{}", escaped(pattern)), &format!("{at}/{}", escaped(name)))
                    });
                }
            }
            "additionalProperties" if value == &json!(false) => {
                self.push("additionalProperties", at, with_more(object, "[a-z]{5,9}9X"), "")
            }
            "unevaluatedProperties" if value == &json!(false) => {
                self.push("unevaluatedProperties", at, with_more(object, "[a-z]{5,9}9X"), "")
            }
            "additionalProperties" => {
                let known = |name: &String| schema.get("properties").is_some_and(|properties| properties.get(name).is_some());
                let more = members.keys().find(|name| !known(name)).cloned();
                more.into_iter().for_each(|name| self.schema(below, &format!("{at}/{}", escaped(&name))));
            }
            "propertyNames" => self.push("propertyNames", at, with_more(object, "[A-Z!]{3,8}"), ""),
            "required" => {
                for name in value.as_array().unwrap().iter().filter_map(Value::as_str) {
                    let mut without = object.clone();
                    if without.remove(name).is_some() {
                        self.push("required", at, Just(Value::Object(without)).boxed(), "");
                    }
                }
            }
            "dependentRequired" => {
                for (name, needed) in value.as_object().unwrap().iter().filter(|(name, _)| members.contains_key(*name)) {
                    let mut without = object.clone();
                    needed.as_array().unwrap().iter().for_each(|it| drop(without.remove(it.as_str().unwrap())));
                    assert!(without.contains_key(name));
                    self.push("dependentRequired", at, Just(Value::Object(without)).boxed(), "");
                }
            }
            "minProperties" => self.push("minProperties", at, Just(json!({})).boxed(), ""),
            "maxProperties" => {
                let most = usize::try_from(value.as_u64().unwrap()).unwrap();
                let model = members.values().next().cloned().unwrap_or_else(|| json!("x"));
                let longer = (most + 1..most + 5).prop_map(move |length| {
                    let names = (0..length).map(|number| (format!("p_{}", "x".repeat(number)), model.clone()));
                    Value::Object(names.collect())
                });
                self.push("maxProperties", at, longer.boxed(), "");
            }
            _ => {}
        }
    }

    fn properties(&mut self, value: &Value, members: &Map<String, Value>, below: &str, at: &str) {
        for name in value.as_object().unwrap().keys() {
            let property = format!("{below}/{}", escaped(name));
            let own = self.document.at(&self.document.resolved(&property)).clone();
            if own["readOnly"] == true {
                let mut with = members.clone();
                with.insert(name.clone(), json!("x"));
                self.push("readOnly", at, Just(Value::Object(with)).boxed(), "");
            } else if members.contains_key(name) {
                self.schema(&property, &format!("{at}/{}", escaped(name)));
            }
        }
    }
}

/// With one more member, of a name like this.
fn with_more(object: Map<String, Value>, names: &'static str) -> BoxedStrategy<Value> {
    let model = object.values().next().cloned().unwrap_or_else(|| json!("x"));
    let more = names.prop_map(move |name| {
        let mut object = object.clone();
        object.insert(name, model.clone());
        Value::Object(object)
    });
    more.boxed()
}
