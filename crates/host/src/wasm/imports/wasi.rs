//! WASI preview 1, as little of it as Envoy has.

use portcullis_filter::LogLevel;
use wasmtime::{Caller, Linker, Result};

use crate::model::{Status, Worker};
use crate::wasm::guest::{Fault, Guest, host, size_of};
use crate::wasm::vm::VmData;

// WASI's error numbers.
const BADF: u32 = 8;
const FAULT: u32 = 21;
const INVAL: u32 = 28;
const NOENT: u32 = 44;
const NOSYS: u32 = 52;
const NOTSUP: u32 = 58;

/// Envoy gives no more random bytes at once.
const MAX_RANDOM: u32 = 64 * 1024;

pub(super) fn define(linker: &mut Linker<VmData>) -> Result<()> {
    for module in ["wasi_snapshot_preview1", "wasi_unstable"] {
        define_environment(linker, module)?;
        define_files(linker, module)?;
    }
    Ok(())
}

fn define_environment(linker: &mut Linker<VmData>, module: &str) -> Result<()> {
    type Vm<'a> = Caller<'a, VmData>;
    linker.func_wrap(module, "environ_sizes_get", |vm: Vm<'_>, count: u32, size: u32| {
        wasi(vm, |guest| {
            let entries = environment(&guest.worker());
            guest.write_u32(count, u32::try_from(entries.len()).unwrap_or(u32::MAX))?;
            Ok(guest.write_u32(size, size_of(&entries.concat()))?)
        })
    })?;
    linker.func_wrap(module, "environ_get", |vm: Vm<'_>, mut pointers: u32, mut data: u32| {
        wasi(vm, |guest| {
            let entries = environment(&guest.worker());
            for entry in entries {
                guest.write_u32(pointers, data)?;
                guest.write(data, &entry)?;
                pointers = pointers.wrapping_add(4);
                data = data.wrapping_add(size_of(&entry));
            }
            Ok(())
        })
    })?;
    linker.func_wrap(module, "args_sizes_get", |vm: Vm<'_>, count: u32, size: u32| {
        wasi(vm, |guest| {
            guest.write_u32(count, 0)?;
            Ok(guest.write_u32(size, 0)?)
        })
    })?;
    linker.func_wrap(module, "args_get", |_: Vm<'_>, _: u32, _: u32| 0_u32)?;
    linker.func_wrap(module, "clock_time_get", |vm: Vm<'_>, clock: u32, _: u64, time: u32| {
        if clock > 1 {
            return Ok(NOTSUP);
        }
        wasi(vm, |guest| {
            let shared = guest.worker().shared.clock.get();
            let monotonic = u64::try_from(shared.elapsed().as_nanos()).unwrap_or(u64::MAX);
            let nanos = if clock == 0 { shared.now().as_nanos() } else { monotonic };
            Ok(guest.write(time, &nanos.to_le_bytes())?)
        })
    })?;
    linker.func_wrap(module, "random_get", |vm: Vm<'_>, data: u32, size: u32| {
        if size > MAX_RANDOM {
            return Ok(INVAL);
        }
        wasi(vm, |guest| {
            let bytes = guest.worker().random_bytes(size as usize);
            Ok(guest.write(data, &bytes)?)
        })
    })?;
    linker.func_wrap(module, "sched_yield", |_: Vm<'_>| 0_u32)?;
    linker.func_wrap(module, "poll_oneoff", |_: Vm<'_>, _: u32, _: u32, _: u32, _: u32| NOSYS)?;
    // Envoy does nothing here, and the VM runs into the `unreachable` that follows.
    linker.func_wrap(module, "proc_exit", |_: Vm<'_>, _: u32| {})?;
    Ok(())
}

fn define_files(linker: &mut Linker<VmData>, module: &str) -> Result<()> {
    type Vm<'a> = Caller<'a, VmData>;
    linker.func_wrap(module, "fd_write", |vm: Vm<'_>, file: u32, parts: u32, count: u32, written: u32| {
        let level = match file {
            1 => LogLevel::Info,
            2 => LogLevel::Error,
            _ => return Ok(BADF),
        };
        wasi(vm, |guest| {
            let text = gather(guest, parts, count)?;
            guest.write_u32(written, size_of(&text))?;
            print(&mut guest.worker(), level, &text);
            Ok(())
        })
    })?;
    linker.func_wrap(module, "fd_read", |_: Vm<'_>, _: u32, _: u32, _: u32, _: u32| NOSYS)?;
    linker.func_wrap(module, "fd_seek", |_: Vm<'_>, _: u32, _: i64, _: u32, _: u32| 0_u32)?;
    linker.func_wrap(module, "fd_close", |_: Vm<'_>, _: u32| 0_u32)?;
    linker.func_wrap(module, "fd_fdstat_get", |vm: Vm<'_>, file: u32, stat: u32| {
        if !matches!(file, 1 | 2) {
            return Ok(BADF);
        }
        wasi(vm, |guest| {
            let mut rights = [0; 24];
            // The right to write, where Envoy puts it.
            rights[8] = 64;
            Ok(guest.write(stat, &rights)?)
        })
    })?;
    linker.func_wrap(module, "fd_prestat_get", |_: Vm<'_>, _: u32, _: u32| BADF)?;
    linker.func_wrap(module, "fd_prestat_dir_name", |_: Vm<'_>, _: u32, _: u32, _: u32| NOSYS)?;
    linker.func_wrap(
        module,
        "path_open",
        |_: Vm<'_>, _: u32, _: u32, _: u32, _: u32, _: u32, _: i64, _: i64, _: u32, _: u32| NOENT,
    )?;
    linker.func_wrap(module, "path_filestat_get", |_: Vm<'_>, _: u32, _: u32, _: u32, _: u32, _: u32| NOSYS)?;
    Ok(())
}

/// As [`host`], with WASI's numbers: memory that does not exist is the only thing that can fail.
fn wasi(vm: Caller<'_, VmData>, call: impl FnOnce(&mut Guest<'_>) -> std::result::Result<(), Fault>) -> Result<u32> {
    host(vm, call).map(|status| if status == 0 { 0 } else { FAULT })
}

/// `NAME=value`, each followed by NUL.
fn environment(worker: &Worker) -> Vec<Vec<u8>> {
    worker.shared.options.environment.iter().map(|(name, value)| format!("{name}={value}\0").into_bytes()).collect()
}

fn gather(guest: &mut Guest<'_>, parts: u32, count: u32) -> std::result::Result<Vec<u8>, Status> {
    let mut text = Vec::new();
    for index in 0..count {
        let part = guest.read(parts.wrapping_add(index.wrapping_mul(8)), 8)?;
        let number = |at| part.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |bytes| u32::from_le_bytes(*bytes));
        text.extend(guest.read(number(0), number(4))?);
    }
    Ok(text)
}

fn print(worker: &mut Worker, level: LogLevel, text: &[u8]) {
    let text = String::from_utf8_lossy(text.strip_suffix(b"\n").unwrap_or(text)).into_owned();
    if text.is_empty() {
        return;
    }
    if level == LogLevel::Error {
        worker.last_stderr = Some(text.clone());
    }
    worker.shared.log(worker.place, level, text);
}
