//! Our values as CEL's built-in ones: only among those is equality symmetric.

use std::borrow::Cow;
use std::collections::HashMap;

use cel::common::types::{
    CelBool, CelBytes, CelDouble, CelDuration, CelInt, CelList, CelMap, CelMapKey, CelNull, CelOptional, CelString, CelTimestamp,
    CelType, CelUInt,
};
use cel::common::value::{CowVal, Val};
use chrono::{DateTime, TimeDelta};
use serde_json::{Number, Value as Json};

use crate::Value;
use crate::bounds::{FIELDS_MAX, JSON_TEXT_MAX, LIST_MAX, TEXT_MAX};
use crate::facts::Params;
use crate::failure::Cause;
use crate::values::network::Ip;

/// Why there is no value.
pub(crate) type Miss = Cause;

/// A value of CEL's.
pub(crate) type Boxed<'v> = Box<dyn Val + 'v>;

/// `value` as CEL's, borrowing its strings.
pub(crate) fn to_cel<'v>(value: &'v Value<'v>) -> Result<Boxed<'v>, Miss> {
    Ok(match value {
        Value::Null => Box::new(CelNull),
        Value::Bool(bool) => Box::new(CelBool::from(*bool)),
        Value::Int(int) => Box::new(CelInt::from(*int)),
        Value::Uint(uint) => Box::new(CelUInt::from(*uint)),
        Value::Double(double) => Box::new(CelDouble::from(*double)),
        Value::String(string) => text(string, TEXT_MAX)?,
        Value::Bytes(bytes) => Box::new(CelBytes::from(bounded(bytes)?)),
        Value::Timestamp(nanoseconds) => timestamp(*nanoseconds)?,
        Value::Duration(nanoseconds) => duration(*nanoseconds)?,
        Value::Ip(address) => Box::new(Ip(*address)),
        Value::List(elements) => list(elements, to_cel)?,
        Value::Map(entries) => map(entries)?,
        Value::Type(name) => Box::new(CelType::new(name.as_ref())),
        Value::Optional(None) => Box::new(CelOptional::none()),
        Value::Optional(Some(value)) => Box::new(CelOptional::of(to_cel(value)?)),
        Value::Json(value) => json(value)?,
        Value::Fields(fields) => all_fields(fields)?,
    })
}

/// A JSON value as CEL's, borrowing its strings.
pub(crate) fn json(value: &Json) -> Result<Boxed<'_>, Miss> {
    Ok(match value {
        Json::Null => Box::new(CelNull),
        Json::Bool(bool) => Box::new(CelBool::from(*bool)),
        Json::Number(number) => json_number(number),
        Json::String(string) => text(string, JSON_TEXT_MAX)?,
        Json::Array(elements) => list(elements, json)?,
        Json::Object(fields) => {
            room(fields.len())?;
            let entries = fields.iter().map(|(name, value)| Ok((key(name)?, json(value)?)));
            Box::new(CelMap::from(entries.collect::<Result<HashMap<_, _>, Miss>>()?))
        }
    })
}

/// A string of the request, of so many bytes at most.
pub(crate) fn text(string: &str, most: usize) -> Result<Boxed<'_>, Miss> {
    if string.len() > most {
        return Err(Cause::TooLarge);
    }
    Ok(Box::new(CelString::from(string)))
}

/// The bytes of a header, query parameter or cookie, if they are text.
pub(crate) fn field_text(bytes: &[u8]) -> Result<Boxed<'_>, Miss> {
    match std::str::from_utf8(bytes) {
        Ok(string) => text(string, TEXT_MAX),
        Err(_) => Err(Cause::Unreadable("not UTF-8")),
    }
}

/// The only value of the field `name`.
pub(crate) fn single_field<'v>(fields: &'v [(Cow<'_, str>, Cow<'_, [u8]>)], name: &str) -> Result<Boxed<'v>, Miss> {
    let mut values = fields.iter().filter(|(field, _)| field == name).map(|(_, value)| value);
    match (values.next(), values.next()) {
        (Some(value), None) => field_text(value),
        (Some(_), Some(_)) => Err(Cause::Several),
        (None, _) => Err(Cause::Absent),
    }
}

/// Every value of the field `name`, split at commas where they are tokens; no element where there is none.
pub(crate) fn field_values<'v>(fields: &'v [(Cow<'_, str>, Cow<'_, [u8]>)], name: &str, tokens: bool) -> Result<Boxed<'v>, Miss> {
    let mut values = Vec::new();
    for (_, value) in fields.iter().filter(|(field, _)| field == name) {
        match tokens {
            true => values.extend(value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii).filter(|token| !token.is_empty())),
            false => values.push(value.as_ref()),
        }
    }
    room(values.len())?;
    let values = values.into_iter().map(field_text).collect::<Result<Vec<_>, _>>()?;
    Ok(Box::new(CelList::from(values)))
}

/// What a path template captured, as a map.
pub(crate) fn params<'v>(params: Params<'v>) -> Result<Boxed<'v>, Miss> {
    let entries = params.iter().map(|(name, value)| Ok((key(name)?, text(value, TEXT_MAX)?)));
    Ok(Box::new(CelMap::from(entries.collect::<Result<HashMap<_, _>, Miss>>()?)))
}

/// A list with each of `elements`.
pub(crate) fn list<'v, T>(elements: &'v [T], convert: impl Fn(&'v T) -> Result<Boxed<'v>, Miss>) -> Result<Boxed<'v>, Miss> {
    room(elements.len())?;
    let elements = elements.iter().map(convert).collect::<Result<Vec<_>, _>>()?;
    Ok(Box::new(CelList::from(elements)))
}

/// Whether that many elements may be held.
pub(crate) fn room(elements: usize) -> Result<(), Miss> {
    if elements > LIST_MAX { Err(Cause::TooLarge) } else { Ok(()) }
}

/// Whether that many fields may be gone through.
pub(crate) fn fields_room(fields: usize) -> Result<(), Miss> {
    if fields > FIELDS_MAX { Err(Cause::TooLarge) } else { Ok(()) }
}

/// Integers stay integers from where a double no longer tells them from their neighbours: no id equals its neighbour.
fn json_number(number: &Number) -> Boxed<'static> {
    const EXACT: u64 = 1 << 53;
    match (number.as_i64(), number.as_u64()) {
        (Some(int), _) if int.unsigned_abs() >= EXACT => Box::new(CelInt::from(int)),
        (None, Some(uint)) => Box::new(CelUInt::from(uint)),
        _ => Box::new(CelDouble::from(number.as_f64().unwrap_or(f64::NAN))),
    }
}

fn key(name: &str) -> Result<CelMapKey<'_>, Miss> {
    if name.len() > JSON_TEXT_MAX { Err(Cause::TooLarge) } else { Ok(CelMapKey::String(CelString::from(name))) }
}

fn map<'v>(entries: &'v [(Value<'v>, Value<'v>)]) -> Result<Boxed<'v>, Miss> {
    room(entries.len())?;
    let entries = entries.iter().map(|(key, value)| {
        let key = CowVal::Owned(to_cel(key)?);
        Ok((CelMapKey::try_from(key).map_err(|_| Cause::Type)?, to_cel(value)?))
    });
    Ok(Box::new(CelMap::from(entries.collect::<Result<HashMap<_, _>, Miss>>()?)))
}

fn all_fields<'v>(fields: &'v [(Cow<'_, str>, Cow<'_, [u8]>)]) -> Result<Boxed<'v>, Miss> {
    fields_room(fields.len())?;
    let entries = fields.iter().map(|(name, _)| Ok((key(name)?, single_field(fields, name)?)));
    Ok(Box::new(CelMap::from(entries.collect::<Result<HashMap<_, _>, Miss>>()?)))
}

fn bounded(bytes: &[u8]) -> Result<&[u8], Miss> {
    if bytes.len() > TEXT_MAX { Err(Cause::TooLarge) } else { Ok(bytes) }
}

fn timestamp(nanoseconds: i128) -> Result<Boxed<'static>, Miss> {
    const SECOND: i128 = 1_000_000_000;
    /// CEL's years: 1 to 9999.
    const SECONDS: std::ops::RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;
    let seconds = i64::try_from(nanoseconds.div_euclid(SECOND)).ok().filter(|seconds| SECONDS.contains(seconds));
    let rest = u32::try_from(nanoseconds.rem_euclid(SECOND)).unwrap_or_default();
    let time = seconds.and_then(|seconds| DateTime::from_timestamp(seconds, rest)).ok_or(Cause::Overflow)?;
    Ok(Box::new(CelTimestamp::from(time.fixed_offset())))
}

fn duration(nanoseconds: i128) -> Result<Boxed<'static>, Miss> {
    let nanoseconds = i64::try_from(nanoseconds).map_err(|_| Cause::Overflow)?;
    Ok(Box::new(CelDuration::from(TimeDelta::nanoseconds(nanoseconds))))
}
