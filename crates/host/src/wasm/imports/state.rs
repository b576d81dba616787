//! Properties, shared data, metrics.

use portcullis_filter::MetricKind;
use wasmtime::{Caller, Linker, Result};

use super::ENV;
use crate::model::Status;
use crate::wasm::guest::host;
use crate::wasm::vm::VmData;

pub(super) fn define(linker: &mut Linker<VmData>) -> Result<()> {
    type Vm<'a> = Caller<'a, VmData>;
    linker.func_wrap(ENV, "proxy_get_property", |vm: Vm<'_>, path: u32, path_size: u32, data: u32, size: u32| {
        host(vm, |guest| {
            let path = guest.read(path, path_size)?;
            let value = guest.worker().get_property(&path)?;
            guest.give(&value, data, size)
        })
    })?;
    linker.func_wrap(ENV, "proxy_set_property", |vm: Vm<'_>, path: u32, path_size: u32, data: u32, size: u32| {
        host(vm, |guest| {
            let (path, value) = (guest.read(path, path_size)?, guest.read(data, size)?);
            Ok(guest.worker().set_property(&path, &value)?)
        })
    })?;
    linker.func_wrap(ENV, "proxy_get_shared_data", |vm: Vm<'_>, key: u32, key_size: u32, data: u32, size: u32, cas: u32| {
        host(vm, |guest| {
            let key = guest.read(key, key_size)?;
            let (value, number) = guest.worker().get_shared_data(&key)?;
            guest.give(&value, data, size)?;
            Ok(guest.write_u32(cas, number)?)
        })
    })?;
    linker.func_wrap(ENV, "proxy_set_shared_data", |vm: Vm<'_>, key: u32, key_size: u32, data: u32, size: u32, cas: u32| {
        host(vm, |guest| {
            let (key, value) = (guest.read(key, key_size)?, guest.read(data, size)?);
            Ok(guest.worker().set_shared_data(&key, &value, cas)?)
        })
    })?;
    linker.func_wrap(ENV, "proxy_define_metric", |vm: Vm<'_>, kind: u32, name: u32, name_size: u32, id: u32| {
        host(vm, |guest| {
            let name = guest.read(name, name_size)?;
            let defined = guest.worker().define_metric(kind_of(kind)?, &String::from_utf8_lossy(&name))?;
            Ok(guest.write_u32(id, defined)?)
        })
    })?;
    linker.func_wrap(ENV, "proxy_increment_metric", |vm: Vm<'_>, id: u32, offset: i64| {
        host(vm, |guest| Ok(guest.worker().increment_metric(id, offset)?))
    })?;
    linker.func_wrap(ENV, "proxy_record_metric", |vm: Vm<'_>, id: u32, value: u64| {
        host(vm, |guest| Ok(guest.worker().record_metric(id, value)?))
    })?;
    linker.func_wrap(ENV, "proxy_get_metric", |vm: Vm<'_>, id: u32, value: u32| {
        host(vm, |guest| {
            let found = guest.worker().get_metric(id)?;
            Ok(guest.write(value, &found.to_le_bytes())?)
        })
    })?;
    Ok(())
}

fn kind_of(number: u32) -> std::result::Result<MetricKind, Status> {
    match number {
        0 => Ok(MetricKind::Counter),
        1 => Ok(MetricKind::Gauge),
        2 => Ok(MetricKind::Histogram),
        _ => Err(Status::BadArgument),
    }
}
