//! Log, clock and timer, and what this host does not have.

use std::time::Duration;

use portcullis_filter::LogLevel;
use wasmtime::{Caller, Linker, Result};

use super::ENV;
use crate::model::Status;
use crate::wasm::guest::host;
use crate::wasm::vm::VmData;

pub(super) fn define(linker: &mut Linker<VmData>) -> Result<()> {
    type Vm<'a> = Caller<'a, VmData>;
    linker.func_wrap(ENV, "proxy_log", |vm: Vm<'_>, level: u32, data: u32, size: u32| {
        host(vm, |guest| {
            let text = String::from_utf8_lossy(&guest.read(data, size)?).into_owned();
            Ok(guest.worker().log(level_of(level)?, text)?)
        })
    })?;
    linker.func_wrap(ENV, "proxy_get_log_level", |vm: Vm<'_>, level: u32| {
        host(vm, |guest| {
            guest.worker().admit("proxy_get_log_level")?;
            Ok(guest.write_u32(level, 0)?)
        })
    })?;
    linker.func_wrap(ENV, "proxy_get_current_time_nanoseconds", |vm: Vm<'_>, time: u32| {
        host(vm, |guest| {
            let now = guest.worker().current_time()?;
            Ok(guest.write(time, &now.to_le_bytes())?)
        })
    })?;
    linker.func_wrap(ENV, "proxy_set_tick_period_milliseconds", |vm: Vm<'_>, period: u32| {
        host(vm, |guest| Ok(guest.worker().set_tick_period(Duration::from_millis(period.into()))?))
    })?;
    linker.func_wrap(ENV, "proxy_get_status", |vm: Vm<'_>, code: u32, data: u32, size: u32| {
        host(vm, |guest| {
            let (number, message) = guest.worker().grpc_status()?;
            guest.write_u32(code, number)?;
            guest.give(message.as_bytes(), data, size)
        })
    })?;
    linker.func_wrap(ENV, "proxy_done", |vm: Vm<'_>| {
        host(vm, |guest| {
            guest.worker().admit("proxy_done")?;
            Err(Status::NotFound.into())
        })
    })?;
    define_absent(linker)
}

/// gRPC streams and shared queues.
fn define_absent(linker: &mut Linker<VmData>) -> Result<()> {
    type Vm<'a> = Caller<'a, VmData>;
    const UNKNOWN_CLUSTER: u32 = Status::ParseFailure as u32;
    const UNKNOWN_TOKEN: u32 = Status::NotFound as u32;
    const ABSENT: u32 = Status::Unimplemented as u32;
    linker.func_wrap(
        ENV,
        "proxy_grpc_stream",
        |_: Vm<'_>, _: u32, _: u32, _: u32, _: u32, _: u32, _: u32, _: u32, _: u32, _: u32| UNKNOWN_CLUSTER,
    )?;
    linker.func_wrap(ENV, "proxy_grpc_send", |_: Vm<'_>, _: u32, _: u32, _: u32, _: u32| UNKNOWN_TOKEN)?;
    linker.func_wrap(ENV, "proxy_grpc_close", |_: Vm<'_>, _: u32| UNKNOWN_TOKEN)?;
    linker.func_wrap(ENV, "proxy_register_shared_queue", |_: Vm<'_>, _: u32, _: u32, _: u32| ABSENT)?;
    linker.func_wrap(ENV, "proxy_resolve_shared_queue", |_: Vm<'_>, _: u32, _: u32, _: u32, _: u32, _: u32| ABSENT)?;
    linker.func_wrap(ENV, "proxy_dequeue_shared_queue", |_: Vm<'_>, _: u32, _: u32, _: u32| ABSENT)?;
    linker.func_wrap(ENV, "proxy_enqueue_shared_queue", |_: Vm<'_>, _: u32, _: u32, _: u32| ABSENT)?;
    Ok(())
}

fn level_of(number: u32) -> std::result::Result<LogLevel, Status> {
    match number {
        0 | 1 => Ok(LogLevel::Debug),
        2 => Ok(LogLevel::Info),
        3 => Ok(LogLevel::Warn),
        4 | 5 => Ok(LogLevel::Error),
        _ => Err(Status::BadArgument),
    }
}
