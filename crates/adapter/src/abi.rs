//! The host's functions (proxy-wasm ABI 0.2.1), made safe: every status is a value, every buffer is bytes.
#![expect(unsafe_code, reason = "the ABI is C: this file is where it ends")]

use std::ptr::null_mut;
use std::time::Duration;

use portcullis_filter::{GrpcCall, HostError};

mod raw {
    #[link(wasm_import_module = "env")]
    unsafe extern "C" {
        pub(super) fn proxy_log(level: u32, message: *const u8, size: usize) -> u32;
        pub(super) fn proxy_get_current_time_nanoseconds(time: *mut u64) -> u32;
        pub(super) fn proxy_set_tick_period_milliseconds(period: u32) -> u32;
        pub(super) fn proxy_get_buffer_bytes(buffer: u32, start: usize, max: usize, data: *mut *mut u8, size: *mut usize) -> u32;
        pub(super) fn proxy_get_header_map_pairs(map: u32, data: *mut *mut u8, size: *mut usize) -> u32;
        pub(super) fn proxy_replace_header_map_value(
            map: u32,
            name: *const u8,
            name_size: usize,
            value: *const u8,
            value_size: usize,
        ) -> u32;
        pub(super) fn proxy_add_header_map_value(
            map: u32,
            name: *const u8,
            name_size: usize,
            value: *const u8,
            value_size: usize,
        ) -> u32;
        pub(super) fn proxy_set_buffer_bytes(buffer: u32, start: usize, max: usize, data: *const u8, size: usize) -> u32;
        pub(super) fn proxy_remove_header_map_value(map: u32, name: *const u8, name_size: usize) -> u32;
        pub(super) fn proxy_get_property(path: *const u8, path_size: usize, data: *mut *mut u8, size: *mut usize) -> u32;
        pub(super) fn proxy_set_property(path: *const u8, path_size: usize, value: *const u8, value_size: usize) -> u32;
        pub(super) fn proxy_get_shared_data(
            key: *const u8,
            key_size: usize,
            data: *mut *mut u8,
            size: *mut usize,
            cas: *mut u32,
        ) -> u32;
        pub(super) fn proxy_set_shared_data(
            key: *const u8,
            key_size: usize,
            value: *const u8,
            value_size: usize,
            cas: u32,
        ) -> u32;
        pub(super) fn proxy_define_metric(kind: u32, name: *const u8, name_size: usize, id: *mut u32) -> u32;
        pub(super) fn proxy_increment_metric(id: u32, offset: i64) -> u32;
        pub(super) fn proxy_record_metric(id: u32, value: u64) -> u32;
        pub(super) fn proxy_send_local_response(
            status: u32,
            details: *const u8,
            details_size: usize,
            body: *const u8,
            body_size: usize,
            headers: *const u8,
            headers_size: usize,
            grpc_status: i32,
        ) -> u32;
        pub(super) fn proxy_grpc_call(
            upstream: *const u8,
            upstream_size: usize,
            service: *const u8,
            service_size: usize,
            method: *const u8,
            method_size: usize,
            metadata: *const u8,
            metadata_size: usize,
            message: *const u8,
            message_size: usize,
            timeout: u32,
            token: *mut u32,
        ) -> u32;
        pub(super) fn proxy_grpc_cancel(token: u32) -> u32;
        pub(super) fn proxy_get_status(code: *mut u32, data: *mut *mut u8, size: *mut usize) -> u32;
        pub(super) fn proxy_set_effective_context(context: u32) -> u32;
        pub(super) fn proxy_continue_stream(kind: u32) -> u32;
        pub(super) fn proxy_call_foreign_function(
            name: *const u8,
            name_size: usize,
            argument: *const u8,
            argument_size: usize,
            data: *mut *mut u8,
            size: *mut usize,
        ) -> u32;
    }

    #[link(wasm_import_module = "wasi_snapshot_preview1")]
    unsafe extern "C" {
        pub(super) fn random_get(data: *mut u8, size: usize) -> u32;
    }
}

/// The host's numbers for header maps (`proxy_map_type_t`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum MapType {
    RequestHeaders = 0,
    RequestTrailers = 1,
    ResponseHeaders = 2,
    ResponseTrailers = 3,
    CallResponseHeaders = 6,
}

/// The host's numbers for buffers (`proxy_buffer_type_t`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum BufferType {
    RequestBody = 0,
    ResponseBody = 1,
    CallResponseBody = 4,
    GrpcMessage = 5,
    PluginConfiguration = 7,
}

/// Writes a log line; a host that refuses it is not told about elsewhere.
pub(crate) fn log(level: u32, message: &str) {
    // SAFETY: the host reads `message` during the call only.
    let _ = unsafe { raw::proxy_log(level, message.as_ptr(), message.len()) };
}

/// Nanoseconds since the Unix epoch.
pub(crate) fn current_time() -> Result<u64, HostError> {
    let mut time = 0;
    // SAFETY: the host writes a u64 to a valid place.
    check(unsafe { raw::proxy_get_current_time_nanoseconds(&raw mut time) })?;
    Ok(time)
}

/// Random bytes, from WASI: the ABI has none of its own.
pub(crate) fn random() -> Result<[u8; 16], HostError> {
    let mut bytes = [0; 16];
    // SAFETY: the host writes as many bytes to a valid place.
    let errno = unsafe { raw::random_get(bytes.as_mut_ptr(), bytes.len()) };
    if errno == 0 { Ok(bytes) } else { Err(HostError::INTERNAL_FAILURE) }
}

/// Starts the timer of the root context, in whole milliseconds.
pub(crate) fn set_tick_period(period: Duration) -> Result<(), HostError> {
    // SAFETY: integers only.
    check(unsafe { raw::proxy_set_tick_period_milliseconds(millis(period)) })
}

pub(crate) fn buffer(buffer: BufferType, start: usize, max: usize) -> Result<Vec<u8>, HostError> {
    // SAFETY: `take` gives places to write to.
    take(|data, size| unsafe { raw::proxy_get_buffer_bytes(buffer as u32, start, max, data, size) })
}

pub(crate) fn header_map(map: MapType) -> Result<Vec<u8>, HostError> {
    // SAFETY: `take` gives places to write to.
    take(|data, size| unsafe { raw::proxy_get_header_map_pairs(map as u32, data, size) })
}

pub(crate) fn replace_header(map: MapType, name: &str, value: &[u8]) -> Result<(), HostError> {
    // SAFETY: the host reads both during the call only.
    check(unsafe { raw::proxy_replace_header_map_value(map as u32, name.as_ptr(), name.len(), value.as_ptr(), value.len()) })
}

pub(crate) fn add_header(map: MapType, name: &str, value: &[u8]) -> Result<(), HostError> {
    // SAFETY: the host reads both during the call only.
    check(unsafe { raw::proxy_add_header_map_value(map as u32, name.as_ptr(), name.len(), value.as_ptr(), value.len()) })
}

/// Replaces the whole buffer.
pub(crate) fn set_buffer(buffer: BufferType, bytes: &[u8]) -> Result<(), HostError> {
    // SAFETY: the host reads `bytes` during the call only.
    check(unsafe { raw::proxy_set_buffer_bytes(buffer as u32, 0, usize::MAX, bytes.as_ptr(), bytes.len()) })
}

pub(crate) fn remove_header(map: MapType, name: &str) -> Result<(), HostError> {
    // SAFETY: the host reads `name` during the call only.
    check(unsafe { raw::proxy_remove_header_map_value(map as u32, name.as_ptr(), name.len()) })
}

/// `path` is the property's parts, each but the last followed by NUL.
pub(crate) fn property(path: &[u8]) -> Result<Vec<u8>, HostError> {
    // SAFETY: the host reads `path` during the call; `take` gives places to write to.
    take(|data, size| unsafe { raw::proxy_get_property(path.as_ptr(), path.len(), data, size) })
}

pub(crate) fn set_property(path: &[u8], value: &[u8]) -> Result<(), HostError> {
    // SAFETY: the host reads both during the call only.
    check(unsafe { raw::proxy_set_property(path.as_ptr(), path.len(), value.as_ptr(), value.len()) })
}

/// The value and its compare-and-swap number.
pub(crate) fn shared_data(key: &str) -> Result<(Vec<u8>, u32), HostError> {
    let mut cas = 0;
    // SAFETY: the host reads `key` during the call and writes a u32 to a valid place; `take` gives places to write to.
    let value = take(|data, size| unsafe { raw::proxy_get_shared_data(key.as_ptr(), key.len(), data, size, &raw mut cas) })?;
    Ok((value, cas))
}

pub(crate) fn set_shared_data(key: &str, value: &[u8], cas: u32) -> Result<(), HostError> {
    // SAFETY: the host reads both during the call only.
    check(unsafe { raw::proxy_set_shared_data(key.as_ptr(), key.len(), value.as_ptr(), value.len(), cas) })
}

pub(crate) fn define_metric(kind: u32, name: &str) -> Result<u32, HostError> {
    let mut id = 0;
    // SAFETY: the host reads `name` during the call and writes a u32 to a valid place.
    check(unsafe { raw::proxy_define_metric(kind, name.as_ptr(), name.len(), &raw mut id) })?;
    Ok(id)
}

pub(crate) fn increment_metric(id: u32, offset: i64) -> Result<(), HostError> {
    // SAFETY: integers only.
    check(unsafe { raw::proxy_increment_metric(id, offset) })
}

pub(crate) fn record_metric(id: u32, value: u64) -> Result<(), HostError> {
    // SAFETY: integers only.
    check(unsafe { raw::proxy_record_metric(id, value) })
}

/// A local reply. `headers` are serialized pairs; without a `grpc_status` the host derives one.
pub(crate) fn send_local_response(
    status: u16,
    details: &str,
    body: &[u8],
    headers: &[u8],
    grpc_status: Option<u32>,
) -> Result<(), HostError> {
    let grpc_status = grpc_status.and_then(|code| i32::try_from(code).ok()).unwrap_or(-1);
    // SAFETY: the host reads all of them during the call only.
    check(unsafe {
        raw::proxy_send_local_response(
            u32::from(status),
            details.as_ptr(),
            details.len(),
            body.as_ptr(),
            body.len(),
            headers.as_ptr(),
            headers.len(),
            grpc_status,
        )
    })
}

/// Sends the message of `call`; its number. `metadata` is the call's, as serialized pairs.
pub(crate) fn grpc_call(call: &GrpcCall<'_>, metadata: &[u8]) -> Result<u32, HostError> {
    let upstream = call.to.as_bytes();
    let mut token = 0;
    // SAFETY: the host reads all of them during the call only and writes a u32 to a valid place.
    check(unsafe {
        raw::proxy_grpc_call(
            upstream.as_ptr(),
            upstream.len(),
            call.service.as_ptr(),
            call.service.len(),
            call.method.as_ptr(),
            call.method.len(),
            metadata.as_ptr(),
            metadata.len(),
            call.message.as_ptr(),
            call.message.len(),
            millis(call.timeout),
            &raw mut token,
        )
    })?;
    Ok(token)
}

pub(crate) fn cancel_grpc_call(token: u32) -> Result<(), HostError> {
    // SAFETY: integers only.
    check(unsafe { raw::proxy_grpc_cancel(token) })
}

/// What the gRPC status that came last says.
pub(crate) fn grpc_status_message() -> Result<Vec<u8>, HostError> {
    let mut code = 0;
    // SAFETY: the host writes a u32 to a valid place; `take` gives places to write to.
    take(|data, size| unsafe { raw::proxy_get_status(&raw mut code, data, size) })
}

/// Makes `context` the one that host calls are about, until the running callback returns.
pub(crate) fn set_effective_context(context: u32) -> Result<(), HostError> {
    // SAFETY: integers only.
    check(unsafe { raw::proxy_set_effective_context(context) })
}

/// Lets the request of the effective context go on.
pub(crate) fn continue_request() -> Result<(), HostError> {
    /// `proxy_stream_type_t`
    const HTTP_REQUEST: u32 = 0;
    // SAFETY: integers only.
    check(unsafe { raw::proxy_continue_stream(HTTP_REQUEST) })
}

pub(crate) fn call_foreign_function(name: &str, argument: &[u8]) -> Result<Vec<u8>, HostError> {
    // SAFETY: the host reads both during the call; `take` gives places to write to.
    take(|data, size| unsafe {
        raw::proxy_call_foreign_function(name.as_ptr(), name.len(), argument.as_ptr(), argument.len(), data, size)
    })
}

/// In whole milliseconds, as the ABI counts.
fn millis(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}

const fn check(status: u32) -> Result<(), HostError> {
    if status == 0 { Ok(()) } else { Err(HostError(status)) }
}

/// Runs a call that hands over a buffer.
fn take(call: impl FnOnce(*mut *mut u8, *mut usize) -> u32) -> Result<Vec<u8>, HostError> {
    let mut data: *mut u8 = null_mut();
    let mut size = 0;
    check(call(&raw mut data, &raw mut size))?;
    if data.is_null() || size == 0 {
        return Ok(Vec::new());
    }
    // SAFETY: the host got `data` from our allocator (`proxy_on_memory_allocate`, a boxed slice of `size` bytes), filled it and
    // gave it away.
    Ok(unsafe { Vec::from_raw_parts(data, size, size) })
}
