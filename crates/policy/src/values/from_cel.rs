//! What an expression answered, as ours.

use std::borrow::Cow;

use cel::common::types::{
    CelBool, CelBytes, CelDouble, CelDuration, CelInt, CelList, CelMap, CelOptional, CelString, CelTimestamp, CelType, CelUInt,
    Kind,
};
use cel::common::value::Val;

use crate::Value;
use crate::failure::Cause;
use crate::values::network::{Cidr, Ip};

/// `val` as ours, owning its strings.
pub(crate) fn from_cel(val: &dyn Val) -> Result<Value<'static>, Cause> {
    let value = match val.get_type().kind() {
        Kind::NullType => Some(Value::Null),
        Kind::Boolean => val.downcast_ref::<CelBool>().map(|bool| Value::Bool(*bool.inner())),
        Kind::Int => val.downcast_ref::<CelInt>().map(|int| Value::Int(*int.inner())),
        Kind::UInt => val.downcast_ref::<CelUInt>().map(|uint| Value::Uint(*uint.inner())),
        Kind::Double => val.downcast_ref::<CelDouble>().map(|double| Value::Double(*double.inner())),
        Kind::String => val.downcast_ref::<CelString>().map(|string| Value::String(Cow::Owned(string.inner().to_owned()))),
        Kind::Bytes => val.downcast_ref::<CelBytes>().map(|bytes| Value::Bytes(Cow::Owned(bytes.inner().to_vec()))),
        Kind::Timestamp => val.downcast_ref::<CelTimestamp>().map(timestamp),
        Kind::Duration => val.downcast_ref::<CelDuration>().map(duration),
        Kind::Type => val.downcast_ref::<CelType>().map(|name| Value::Type(Cow::Owned(name.name().to_owned()))),
        Kind::List => val.downcast_ref::<CelList>().map(list).transpose()?,
        Kind::Map => val.downcast_ref::<CelMap>().map(map).transpose()?,
        _ => other(val)?,
    };
    value.ok_or(Cause::Type)
}

fn timestamp(time: &CelTimestamp) -> Value<'static> {
    let time = time.inner();
    Value::Timestamp(i128::from(time.timestamp()) * 1_000_000_000 + i128::from(time.timestamp_subsec_nanos()))
}

fn duration(duration: &CelDuration) -> Value<'static> {
    let duration = duration.inner();
    Value::Duration(i128::from(duration.num_seconds()) * 1_000_000_000 + i128::from(duration.subsec_nanos()))
}

fn list(list: &CelList<'_>) -> Result<Value<'static>, Cause> {
    list.inner().iter().map(|element| from_cel(element.as_ref())).collect::<Result<Vec<_>, _>>().map(Value::List)
}

fn map(map: &CelMap<'_>) -> Result<Value<'static>, Cause> {
    let entries = map.inner().iter().map(|(key, value)| Ok((from_cel(key.inner())?, from_cel(value.as_ref())?)));
    entries.collect::<Result<Vec<_>, Cause>>().map(Value::Map)
}

fn other(val: &dyn Val) -> Result<Option<Value<'static>>, Cause> {
    if let Some(optional) = val.downcast_ref::<CelOptional>() {
        let held = optional.option().map(from_cel).transpose()?;
        return Ok(Some(Value::Optional(held.map(Box::new))));
    }
    if let Some(ip) = val.downcast_ref::<Ip>() {
        return Ok(Some(Value::Ip(ip.0)));
    }
    Ok(val.downcast_ref::<Cidr>().map(|cidr| Value::String(Cow::Owned(cidr.to_string()))))
}
