//! Just enough protobuf to read Envoy's dynamic metadata: `envoy.config.core.v3.Metadata`, and `google.protobuf.Struct` in it.

use serde_json::{Map, Number, Value};

/// How deep lists and objects may nest.
const DEPTH_MAX: usize = 64;

/// The message contradicts itself, repeats a key, or nests too deep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed;

/// The value of `key` in the `namespace` of a serialized `Metadata`.
pub(crate) fn metadata(bytes: &[u8], namespace: &str, key: &str) -> Result<Option<Value>, Malformed> {
    // Metadata: map<string, Struct> filter_metadata = 1. Struct: map<string, Value> fields = 1.
    let Some(fields) = entry(bytes, namespace)? else { return Ok(None) };
    entry(fields, key)?.map(|bytes| value(bytes, DEPTH_MAX)).transpose()
}

/// What `key` leads to in the map that is field 1 of a message.
fn entry<'b>(message: &'b [u8], key: &str) -> Result<Option<&'b [u8]>, Malformed> {
    let mut found = None;
    for field in Fields(message) {
        let (1, Wire::Bytes(pair)) = field? else { continue };
        let (name, value) = pair_of(pair)?;
        if name == key && found.replace(value).is_some() {
            return Err(Malformed);
        }
    }
    Ok(found)
}

/// An entry of a map: `string key = 1`, a message `value = 2`.
fn pair_of(bytes: &[u8]) -> Result<(&str, &[u8]), Malformed> {
    let (mut key, mut value) = (None, None);
    for field in Fields(bytes) {
        let earlier = match field? {
            (1, Wire::Bytes(bytes)) => key.replace(bytes),
            (2, Wire::Bytes(bytes)) => value.replace(bytes),
            _ => return Err(Malformed),
        };
        if earlier.is_some() {
            return Err(Malformed);
        }
    }
    let key = str::from_utf8(key.unwrap_or_default()).map_err(|_| Malformed)?;
    Ok((key, value.unwrap_or_default()))
}

/// A `google.protobuf.Value`: exactly one kind. INVARIANT: recursion ends with `depth`.
fn value(bytes: &[u8], depth: usize) -> Result<Value, Malformed> {
    let deeper = depth.checked_sub(1).ok_or(Malformed)?;
    let mut fields = Fields(bytes);
    let kind = fields.next().ok_or(Malformed)??;
    if fields.next().is_some() {
        return Err(Malformed);
    }
    match kind {
        (1, Wire::Varint(0)) => Ok(Value::Null),
        (2, Wire::Fixed64(bytes)) => Number::from_f64(f64::from_le_bytes(bytes)).map(Value::Number).ok_or(Malformed),
        (3, Wire::Bytes(bytes)) => text(bytes).map(Value::String),
        (4, Wire::Varint(truth @ (0 | 1))) => Ok(Value::Bool(truth == 1)),
        (5, Wire::Bytes(bytes)) => object(bytes, deeper),
        (6, Wire::Bytes(bytes)) => list(bytes, deeper),
        _ => Err(Malformed),
    }
}

fn object(bytes: &[u8], depth: usize) -> Result<Value, Malformed> {
    let mut members = Map::new();
    for field in Fields(bytes) {
        let (1, Wire::Bytes(pair)) = field? else { return Err(Malformed) };
        let (name, member) = pair_of(pair)?;
        if members.insert(name.to_owned(), value(member, depth)?).is_some() {
            return Err(Malformed);
        }
    }
    Ok(Value::Object(members))
}

fn list(bytes: &[u8], depth: usize) -> Result<Value, Malformed> {
    let element = |field: Result<(u64, Wire<'_>), Malformed>| match field? {
        (1, Wire::Bytes(bytes)) => value(bytes, depth),
        _ => Err(Malformed),
    };
    Fields(bytes).map(element).collect::<Result<_, _>>().map(Value::Array)
}

fn text(bytes: &[u8]) -> Result<String, Malformed> {
    str::from_utf8(bytes).map(str::to_owned).map_err(|_| Malformed)
}

/// What a field holds, as it stands on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wire<'b> {
    Varint(u64),
    Fixed64([u8; 8]),
    Bytes(&'b [u8]),
    Fixed32,
}

/// The fields of a message, by their numbers.
struct Fields<'b>(&'b [u8]);

impl<'b> Iterator for Fields<'b> {
    type Item = Result<(u64, Wire<'b>), Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_err() {
            self.0 = &[];
        }
        Some(field)
    }
}

impl<'b> Fields<'b> {
    fn field(&mut self) -> Result<(u64, Wire<'b>), Malformed> {
        let tag = self.varint()?;
        let wire = match tag & 7 {
            0 => Wire::Varint(self.varint()?),
            1 => Wire::Fixed64(self.take(8)?.try_into().map_err(|_| Malformed)?),
            2 => {
                let length = usize::try_from(self.varint()?).map_err(|_| Malformed)?;
                Wire::Bytes(self.take(length)?)
            }
            5 => self.take(4).map(|_| Wire::Fixed32)?,
            _ => return Err(Malformed),
        };
        Ok((tag >> 3, wire))
    }

    /// At most ten bytes, and no more bits than 64.
    fn varint(&mut self) -> Result<u64, Malformed> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let (&byte, rest) = self.0.split_first().ok_or(Malformed)?;
            self.0 = rest;
            let bits = u64::from(byte & 0x7f);
            if bits << shift >> shift != bits {
                return Err(Malformed);
            }
            value |= bits << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Malformed)
    }

    fn take(&mut self, length: usize) -> Result<&'b [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Malformed)?;
        self.0 = rest;
        Ok(taken)
    }
}

#[cfg(test)]
mod tests;
