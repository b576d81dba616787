//! Streams, local replies and foreign functions.

use wasmtime::{Caller, Linker, Result};

use super::ENV;
use crate::model::{LocalReply, decode_pairs};
use crate::wasm::guest::{Fault, Guest, host, size_of};
use crate::wasm::vm::VmData;

/// gRPC knows no status above this; anything else is none.
const MAX_GRPC_STATUS: u32 = 16;

pub(super) fn define(linker: &mut Linker<VmData>) -> Result<()> {
    type Vm<'a> = Caller<'a, VmData>;
    linker.func_wrap(ENV, "proxy_continue_stream", |vm: Vm<'_>, kind: u32| {
        host(vm, |guest| Ok(guest.worker().continue_stream(kind)?))
    })?;
    linker.func_wrap(ENV, "proxy_close_stream", |vm: Vm<'_>, kind: u32| {
        host(vm, |guest| Ok(guest.worker().close_stream(kind)?))
    })?;
    linker.func_wrap(ENV, "proxy_set_effective_context", |vm: Vm<'_>, context: u32| {
        host(vm, |guest| Ok(guest.worker().set_effective_context(context)?))
    })?;
    linker.func_wrap(
        ENV,
        "proxy_send_local_response",
        |vm: Vm<'_>,
         status: u32,
         details: u32,
         details_size: u32,
         body: u32,
         body_size: u32,
         headers: u32,
         headers_size: u32,
         grpc: u32| {
            host(vm, |guest| {
                let details = String::from_utf8_lossy(&guest.read(details, details_size)?).into_owned();
                let (body, headers) = (guest.read(body, body_size)?, decode_pairs(&guest.read(headers, headers_size)?));
                let status = u16::try_from(status).unwrap_or_default();
                let grpc_status = Some(grpc).filter(|grpc| *grpc <= MAX_GRPC_STATUS);
                Ok(guest.worker().send_local_response(LocalReply { status, headers, body, grpc_status, details })?)
            })
        },
    )?;
    linker.func_wrap(
        ENV,
        "proxy_call_foreign_function",
        |vm: Vm<'_>, name: u32, name_size: u32, arguments: u32, arguments_size: u32, data: u32, size: u32| {
            host(vm, |guest| {
                let (name, arguments) = (guest.read(name, name_size)?, guest.read(arguments, arguments_size)?);
                let answer = guest.worker().call_foreign_function(&name, &arguments)?;
                give_wanted(guest, &answer, data, size)
            })
        },
    )?;
    Ok(())
}

/// A caller that does not want the result passes no place for it.
fn give_wanted(guest: &mut Guest<'_>, answer: &[u8], data: u32, size: u32) -> std::result::Result<(), Fault> {
    match (data, size) {
        (0, 0) => Ok(()),
        (0, _) => Ok(guest.write_u32(size, size_of(answer))?),
        _ => guest.give(answer, data, size),
    }
}
