//! serde over a parsed document, with errors that know their path and speak of JSON, not of Rust.

use serde::de::{
    self, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use serde_json::{Value, map};

use self::fault::one_of;
use crate::error::{index_segment, key_segment};
use crate::scalar::one_line;

mod fault;

pub(crate) use self::fault::Fault;

/// One value of the document. `null` is a value like any other: it never stands for an absent field.
#[derive(Clone, Copy)]
pub(crate) struct Field<'de>(pub(crate) &'de Value);

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(true) => "true",
        Value::Bool(false) => "false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

impl<'de> Field<'de> {
    fn mismatch(self, expected: &str) -> Fault {
        Fault::new(format!("expected {expected}, found {}", kind(self.0)))
    }

    fn list<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let Value::Array(elements) = self.0 else { return Err(self.mismatch("a list")) };
        let mut list = List { elements, index: 0 };
        let value = visitor.visit_seq(&mut list)?;
        if list.elements.is_empty() { Ok(value) } else { Err(Fault::new(format!("expected a list of {} elements", list.index))) }
    }

    fn object<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let Value::Object(entries) = self.0 else { return Err(self.mismatch("an object")) };
        visitor.visit_map(Entries { entries: entries.iter(), current: None })
    }

    /// A whole number in `min..=max`. `1.0` is one too: protobuf, through which Istio sends a configuration, knows no integers.
    fn whole(self, min: i128, max: i128) -> Result<i128, Fault> {
        let Value::Number(number) = self.0 else { return Err(self.mismatch("a whole number")) };
        let whole = number.as_i128().or_else(|| number.as_f64().and_then(whole_float));
        whole.filter(|whole| (min..=max).contains(whole)).ok_or_else(|| {
            let high = if max >= i128::from(i64::MAX) { "on".to_owned() } else { format!("to {max}") };
            Fault::new(format!("expected a whole number from {min} {high}"))
        })
    }
}

/// The integer that `number` is exactly.
fn whole_float(number: f64) -> Option<i128> {
    const EXACT_MAX: f64 = 9_007_199_254_740_992.0;
    #[expect(clippy::cast_possible_truncation, reason = "whole and within 2^53")]
    (number.fract() == 0.0 && number.abs() <= EXACT_MAX).then_some(number as i128)
}

macro_rules! whole_numbers {
    ($($method:ident $visit:ident $type:ty,)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            let whole = self.whole(<$type>::MIN.into(), <$type>::MAX.into())?;
            visitor.$visit(<$type>::try_from(whole).map_err(|_| Fault::new("expected a smaller number"))?)
        }
    )*};
}

impl<'de> Deserializer<'de> for Field<'de> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Number(number) => match (number.as_u64(), number.as_i64()) {
                (Some(number), _) => visitor.visit_u64(number),
                (None, Some(number)) => visitor.visit_i64(number),
                (None, None) => visitor.visit_f64(number.as_f64().unwrap_or_default()),
            },
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Array(_) => self.list(visitor),
            Value::Object(_) => self.object(visitor),
        }
    }

    whole_numbers! {
        deserialize_u8 visit_u8 u8,
        deserialize_u16 visit_u16 u16,
        deserialize_u32 visit_u32 u32,
        deserialize_u64 visit_u64 u64,
        deserialize_i8 visit_i8 i8,
        deserialize_i16 visit_i16 i16,
        deserialize_i32 visit_i32 i32,
        deserialize_i64 visit_i64 i64,
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let Value::Number(number) = self.0 else { return Err(self.mismatch("a number")) };
        visitor.visit_f64(number.as_f64().unwrap_or_default())
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_f64(visitor)
    }

    /// Never absent: that is for a field which the document does not have.
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.list(visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _length: usize, visitor: V) -> Result<V::Value, Fault> {
        self.list(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(self, _: &'static str, _: usize, visitor: V) -> Result<V::Value, Fault> {
        self.list(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.object(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.object(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match self.0 {
            Value::String(word) => visitor.visit_enum(Variant { word, content: None }),
            Value::Object(entries) => {
                let mut entries = entries.iter();
                let (Some((word, content)), None) = (entries.next(), entries.next()) else {
                    return Err(Fault::new(format!("expected an object with exactly one of {}", one_of(variants))));
                };
                visitor.visit_enum(Variant { word, content: Some(content) })
            }
            _ => Err(self.mismatch(&one_of(variants))),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! { bool i128 u128 char str string bytes byte_buf unit unit_struct identifier }
}

struct List<'de> {
    elements: &'de [Value],
    index: usize,
}

impl<'de> SeqAccess<'de> for &mut List<'de> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        let Some((element, rest)) = self.elements.split_first() else { return Ok(None) };
        let value = seed.deserialize(Field(element)).map_err(|fault| fault.within(&index_segment(self.index)))?;
        self.elements = rest;
        self.index += 1;
        Ok(Some(value))
    }
}

struct Entries<'de> {
    entries: map::Iter<'de>,
    current: Option<(&'de String, &'de Value)>,
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        self.current = self.entries.next();
        self.current.map(|(key, _)| seed.deserialize(de::value::BorrowedStrDeserializer::new(key))).transpose()
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Fault> {
        let (key, value) = self.current.take().ok_or_else(|| Fault::new("value without a key"))?;
        seed.deserialize(Field(value)).map_err(|fault| fault.within(&key_segment(key)))
    }
}

struct Variant<'de> {
    word: &'de str,
    content: Option<&'de Value>,
}

impl<'de> Variant<'de> {
    fn content(&self) -> Result<Field<'de>, Fault> {
        self.content.map(Field).ok_or_else(|| Fault::new(format!("expected an object with the key `{}`", one_line(self.word))))
    }

    fn within(&self) -> impl Fn(Fault) -> Fault {
        let segment = key_segment(self.word);
        move |fault| fault.within(&segment)
    }
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = Fault;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Fault> {
        let variant = seed.deserialize(IntoDeserializer::<Fault>::into_deserializer(self.word))?;
        Ok((variant, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'de> {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        if self.content.is_none() { Ok(()) } else { Err(Fault::new(format!("expected just `{}`", one_line(self.word)))) }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Fault> {
        seed.deserialize(self.content()?).map_err(self.within())
    }

    fn tuple_variant<V: Visitor<'de>>(self, _length: usize, visitor: V) -> Result<V::Value, Fault> {
        self.content()?.list(visitor).map_err(self.within())
    }

    fn struct_variant<V: Visitor<'de>>(self, _fields: &'static [&'static str], visitor: V) -> Result<V::Value, Fault> {
        self.content()?.object(visitor).map_err(self.within())
    }
}

#[cfg(test)]
mod tests;
