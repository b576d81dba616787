//! Callouts over HTTP and gRPC.

use std::time::Duration;

use wasmtime::{Caller, Linker, Result};

use super::ENV;
use crate::hostcalls::GrpcCallArguments;
use crate::model::decode_pairs;
use crate::wasm::guest::{Fault, Guest, host};
use crate::wasm::vm::VmData;

pub(super) fn define(linker: &mut Linker<VmData>) -> Result<()> {
    linker.func_wrap(ENV, "proxy_http_call", http_call)?;
    linker.func_wrap(ENV, "proxy_grpc_call", grpc_call)?;
    linker.func_wrap(ENV, "proxy_grpc_cancel", |vm: Caller<'_, VmData>, token: u32| {
        host(vm, |guest| Ok(guest.worker().cancel_grpc_call(token)?))
    })?;
    Ok(())
}

#[expect(clippy::too_many_arguments, reason = "the ABI's")]
fn http_call(
    vm: Caller<'_, VmData>,
    cluster: u32,
    cluster_size: u32,
    headers: u32,
    headers_size: u32,
    body: u32,
    body_size: u32,
    _trailers: u32,
    _trailers_size: u32,
    timeout: u32,
    token: u32,
) -> Result<u32> {
    host(vm, |guest| {
        let cluster = String::from_utf8_lossy(&guest.read(cluster, cluster_size)?).into_owned();
        let (headers, body) = (decode_pairs(&guest.read(headers, headers_size)?), guest.read(body, body_size)?);
        // To be sure of the memory before anything is sent.
        guest.write_u32(token, 0)?;
        let made = guest.worker().http_call(&cluster, &headers, &body, Duration::from_millis(timeout.into()))?;
        Ok(guest.write_u32(token, made)?)
    })
}

#[expect(clippy::too_many_arguments, reason = "the ABI's")]
fn grpc_call(
    vm: Caller<'_, VmData>,
    upstream: u32,
    upstream_size: u32,
    service: u32,
    service_size: u32,
    method: u32,
    method_size: u32,
    metadata: u32,
    metadata_size: u32,
    message: u32,
    message_size: u32,
    timeout: u32,
    token: u32,
) -> Result<u32> {
    host(vm, |guest| {
        let arguments = GrpcCallArguments {
            upstream: guest.read(upstream, upstream_size)?,
            service: text(guest, service, service_size)?,
            method: text(guest, method, method_size)?,
            metadata: decode_pairs(&guest.read(metadata, metadata_size)?),
            message: guest.read(message, message_size)?,
            timeout: Duration::from_millis(timeout.into()),
        };
        // To be sure of the memory before anything is sent.
        guest.write_u32(token, 0)?;
        let made = guest.worker().grpc_call(arguments)?;
        Ok(guest.write_u32(token, made)?)
    })
}

fn text(guest: &mut Guest<'_>, start: u32, size: u32) -> std::result::Result<String, Fault> {
    Ok(String::from_utf8_lossy(&guest.read(start, size)?).into_owned())
}
