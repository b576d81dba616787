//! Envoy's attributes, out of the raw bytes that the proxy hands over.

use std::borrow::Cow;

use portcullis_filter::Attributes;
use portcullis_policy::{Attribute, Type, Unreadable, Value};

/// The host failed, for another reason than absence.
pub(crate) const REFUSED: Unreadable = Unreadable("the host refused it");

/// Reads `attribute` under Envoy's name for it, which is its own.
pub(crate) fn read(host: &(impl Attributes + ?Sized), attribute: Attribute) -> Result<Option<Value<'static>>, Unreadable> {
    let path: Vec<&str> = attribute.name().split('.').collect();
    let bytes = host.attribute(&path).map_err(|_| REFUSED)?;
    bytes.map(|bytes| value(bytes, &attribute.value_type())).transpose()
}

/// A property that is text.
pub(crate) fn text(host: &(impl Attributes + ?Sized), path: &[&str]) -> Result<Option<String>, Unreadable> {
    let bytes = host.attribute(path).map_err(|_| REFUSED)?;
    bytes.map(|bytes| String::from_utf8(bytes).map_err(|_| NOT_TEXT)).transpose()
}

/// A property that is true or false.
pub(crate) fn truth(host: &(impl Attributes + ?Sized), path: &[&str]) -> Result<Option<bool>, Unreadable> {
    host.attribute(path).map_err(|_| REFUSED)?.map(|bytes| boolean(&bytes)).transpose()
}

const NOT_TEXT: Unreadable = Unreadable("not UTF-8");
const WRONG_SIZE: Unreadable = Unreadable("a size that its type does not have");

fn value(bytes: Vec<u8>, of: &Type) -> Result<Value<'static>, Unreadable> {
    match of {
        Type::Bool => boolean(&bytes).map(Value::Bool),
        Type::Int => integer(&bytes).map(Value::Int),
        Type::String => String::from_utf8(bytes).map(|text| Value::String(Cow::Owned(text))).map_err(|_| NOT_TEXT),
        _ => Err(Unreadable("a type that no property has")),
    }
}

fn boolean(bytes: &[u8]) -> Result<bool, Unreadable> {
    match bytes {
        [0] => Ok(false),
        [1] => Ok(true),
        _ => Err(WRONG_SIZE),
    }
}

fn integer(bytes: &[u8]) -> Result<i64, Unreadable> {
    bytes.try_into().map(i64::from_le_bytes).map_err(|_| WRONG_SIZE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_has_the_size_of_its_type() {
        assert_eq!(value(vec![1], &Type::Bool), Ok(Value::Bool(true)));
        assert_eq!(value(443_i64.to_le_bytes().to_vec(), &Type::Int), Ok(Value::Int(443)));
        assert_eq!(value(b"main".to_vec(), &Type::String), Ok(Value::String("main".into())));
        for (bytes, of) in [
            (vec![], Type::Bool),
            (vec![2], Type::Bool),
            (vec![1, 0], Type::Bool),
            (vec![1; 4], Type::Int),
            (vec![1; 9], Type::Int),
            (b"443".to_vec(), Type::Int),
            (vec![0xff], Type::String),
        ] {
            assert!(value(bytes.clone(), &of).is_err(), "{bytes:?} {of}");
        }
    }
}
