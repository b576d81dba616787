//! Header maps and buffers.

use wasmtime::{Caller, Linker, Result};

use super::ENV;
use crate::hostcalls::{BufferType, MapType};
use crate::model::{Status, decode_pairs, encode_pairs};
use crate::wasm::guest::{Guest, host};
use crate::wasm::vm::VmData;

pub(super) fn define(linker: &mut Linker<VmData>) -> Result<()> {
    type Vm<'a> = Caller<'a, VmData>;
    linker.func_wrap(ENV, "proxy_get_header_map_pairs", |vm: Vm<'_>, map: u32, data: u32, size: u32| {
        host(vm, |guest| {
            let pairs = encode_pairs(guest.worker().get_header_map_pairs(MapType::of(map)?)?);
            guest.give(&pairs, data, size)
        })
    })?;
    linker.func_wrap(ENV, "proxy_set_header_map_pairs", |vm: Vm<'_>, map: u32, data: u32, size: u32| {
        host(vm, |guest| {
            let lines = decode_pairs(&guest.read(data, size)?);
            Ok(guest.worker().set_header_map_pairs(MapType::of(map)?, &lines)?)
        })
    })?;
    linker.func_wrap(
        ENV,
        "proxy_get_header_map_value",
        |vm: Vm<'_>, map: u32, key: u32, key_size: u32, data: u32, size: u32| {
            host(vm, |guest| {
                let key = guest.read(key, key_size)?;
                let value = guest.worker().get_header_map_value(MapType::of(map)?, &key)?;
                guest.give(&value, data, size)
            })
        },
    )?;
    linker.func_wrap(
        ENV,
        "proxy_add_header_map_value",
        |vm: Vm<'_>, map: u32, key: u32, key_size: u32, data: u32, size: u32| {
            host(vm, |guest| {
                let (key, value) = key_and_value(guest, (key, key_size), (data, size))?;
                Ok(guest.worker().add_header_map_value(MapType::of(map)?, &key, &value)?)
            })
        },
    )?;
    linker.func_wrap(
        ENV,
        "proxy_replace_header_map_value",
        |vm: Vm<'_>, map: u32, key: u32, key_size: u32, data: u32, size: u32| {
            host(vm, |guest| {
                let (key, value) = key_and_value(guest, (key, key_size), (data, size))?;
                Ok(guest.worker().replace_header_map_value(MapType::of(map)?, &key, &value)?)
            })
        },
    )?;
    linker.func_wrap(ENV, "proxy_remove_header_map_value", |vm: Vm<'_>, map: u32, key: u32, key_size: u32| {
        host(vm, |guest| {
            let key = guest.read(key, key_size)?;
            Ok(guest.worker().remove_header_map_value(MapType::of(map)?, &key)?)
        })
    })?;
    linker.func_wrap(ENV, "proxy_get_header_map_size", |vm: Vm<'_>, map: u32, size: u32| {
        host(vm, |guest| {
            let bytes = guest.worker().get_header_map_size(MapType::of(map)?)?;
            Ok(guest.write_u32(size, u32::try_from(bytes).unwrap_or(u32::MAX))?)
        })
    })?;
    linker.func_wrap(ENV, "proxy_get_buffer_bytes", |vm: Vm<'_>, buffer: u32, start: u32, max: u32, data: u32, size: u32| {
        host(vm, |guest| {
            let bytes = guest.worker().get_buffer_bytes(BufferType::of(buffer)?, start as usize, max as usize)?.to_vec();
            guest.give(&bytes, data, size)
        })
    })?;
    linker.func_wrap(ENV, "proxy_get_buffer_status", |vm: Vm<'_>, buffer: u32, length: u32, flags: u32| {
        host(vm, |guest| {
            let bytes = guest.worker().get_buffer_status(BufferType::of(buffer)?)?;
            guest.write_u32(length, u32::try_from(bytes).unwrap_or(u32::MAX))?;
            Ok(guest.write_u32(flags, 0)?)
        })
    })?;
    linker.func_wrap(ENV, "proxy_set_buffer_bytes", |vm: Vm<'_>, buffer: u32, start: u32, max: u32, data: u32, size: u32| {
        host(vm, |guest| {
            let bytes = guest.read(data, size)?;
            Ok(guest.worker().set_buffer_bytes(BufferType::of(buffer)?, start as usize, max as usize, &bytes)?)
        })
    })?;
    Ok(())
}

type Slice = (u32, u32);

fn key_and_value(guest: &mut Guest<'_>, key: Slice, value: Slice) -> std::result::Result<(Vec<u8>, Vec<u8>), Status> {
    Ok((guest.read(key.0, key.1)?, guest.read(value.0, value.1)?))
}
