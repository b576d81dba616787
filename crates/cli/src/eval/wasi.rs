//! WASI preview 1, as little of it as a program needs that reads its standard input and writes its standard output.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use wasmtime::{Caller, Error, Extern, Linker, Result};

const BADF: u32 = 8;
const FAULT: u32 = 21;
const NOSYS: u32 = 52;

/// A program's standard streams and clock.
#[derive(Debug)]
pub(super) struct Streams {
    input: Vec<u8>,
    read: usize,
    /// What it wrote to its standard output.
    pub(super) output: Vec<u8>,
    /// What it wrote to its standard error.
    pub(super) errors: Vec<u8>,
    /// What it gave to `proc_exit`.
    pub(super) exited: Option<u32>,
    started: Instant,
}

impl Streams {
    /// With all that can be read.
    pub(super) fn new(input: Vec<u8>) -> Self {
        Self { input, read: 0, output: Vec::new(), errors: Vec::new(), exited: None, started: Instant::now() }
    }
}

type Program<'a> = Caller<'a, Streams>;

const MODULE: &str = "wasi_snapshot_preview1";

/// Defines every function that such a program imports.
pub(super) fn define(linker: &mut Linker<Streams>) -> Result<()> {
    linker.func_wrap(MODULE, "fd_write", |mut program: Program<'_>, file: u32, parts: u32, count: u32, written: u32| {
        errno(write(&mut program, file, parts, count, written))
    })?;
    linker.func_wrap(MODULE, "fd_read", |mut program: Program<'_>, file: u32, parts: u32, count: u32, taken: u32| {
        errno(read(&mut program, file, parts, count, taken))
    })?;
    linker.func_wrap(MODULE, "clock_time_get", |mut program: Program<'_>, clock: u32, _: u64, time: u32| {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let now = if clock == 0 { wall } else { program.data().started.elapsed() };
        let nanoseconds = u64::try_from(now.as_nanos()).unwrap_or(u64::MAX);
        errno(put(&mut program, time, &nanoseconds.to_le_bytes()))
    })?;
    linker.func_wrap(MODULE, "random_get", |mut program: Program<'_>, data: u32, size: u32| {
        // For the seeds of hash maps: what is tested should not depend on them.
        errno(put(&mut program, data, &vec![0; size as usize]))
    })?;
    linker.func_wrap(MODULE, "proc_exit", |mut program: Program<'_>, code: u32| -> Result<()> {
        program.data_mut().exited = Some(code);
        Err(Error::msg("the program ended"))
    })?;
    define_nothing(linker)
}

/// No arguments, no environment, no files.
fn define_nothing(linker: &mut Linker<Streams>) -> Result<()> {
    for name in ["environ_sizes_get", "args_sizes_get"] {
        linker.func_wrap(MODULE, name, |mut program: Program<'_>, count: u32, size: u32| {
            errno(put(&mut program, count, &[0; 4]).and_then(|()| put(&mut program, size, &[0; 4])))
        })?;
    }
    for name in ["environ_get", "args_get"] {
        linker.func_wrap(MODULE, name, |_: Program<'_>, _: u32, _: u32| 0_u32)?;
    }
    linker.func_wrap(MODULE, "fd_fdstat_get", |mut program: Program<'_>, _: u32, stat: u32| {
        errno(put(&mut program, stat, &[0; 24]))
    })?;
    linker.func_wrap(MODULE, "fd_prestat_get", |_: Program<'_>, _: u32, _: u32| BADF)?;
    linker.func_wrap(MODULE, "fd_close", |_: Program<'_>, _: u32| 0_u32)?;
    linker.func_wrap(MODULE, "fd_seek", |_: Program<'_>, _: u32, _: i64, _: u32, _: u32| NOSYS)?;
    linker.func_wrap(MODULE, "sched_yield", |_: Program<'_>| 0_u32)?;
    linker.func_wrap(MODULE, "poll_oneoff", |_: Program<'_>, _: u32, _: u32, _: u32, _: u32| NOSYS)?;
    Ok(())
}

fn errno(done: Result<(), u32>) -> u32 {
    done.err().unwrap_or(0)
}

fn write(program: &mut Program<'_>, file: u32, parts: u32, count: u32, written: u32) -> Result<(), u32> {
    let mut text = Vec::new();
    for (start, length) in parts_of(program, parts, count)? {
        text.extend(get(program, start, length)?);
    }
    put(program, written, &u32::try_from(text.len()).map_err(|_| FAULT)?.to_le_bytes())?;
    let streams = program.data_mut();
    match file {
        1 => streams.output.extend(text),
        2 => streams.errors.extend(text),
        _ => return Err(BADF),
    }
    Ok(())
}

fn read(program: &mut Program<'_>, file: u32, parts: u32, count: u32, taken: u32) -> Result<(), u32> {
    if file != 0 {
        return Err(BADF);
    }
    let mut total = 0_u32;
    for (start, length) in parts_of(program, parts, count)? {
        let streams = program.data_mut();
        let left = streams.input.get(streams.read..).unwrap_or_default();
        let part = left.get(..left.len().min(length as usize)).unwrap_or_default().to_vec();
        streams.read += part.len();
        total += u32::try_from(part.len()).map_err(|_| FAULT)?;
        put(program, start, &part)?;
    }
    put(program, taken, &total.to_le_bytes())
}

/// Where each part of a buffer starts, and its length.
fn parts_of(program: &mut Program<'_>, parts: u32, count: u32) -> Result<Vec<(u32, u32)>, u32> {
    let bytes = get(program, parts, count.checked_mul(8).ok_or(FAULT)?)?;
    let words: Vec<u32> = bytes.chunks_exact(4).filter_map(|word| word.try_into().ok().map(u32::from_le_bytes)).collect();
    Ok(words.chunks_exact(2).filter_map(|pair| Some((*pair.first()?, *pair.last()?))).collect())
}

fn get(program: &mut Program<'_>, start: u32, length: u32) -> Result<Vec<u8>, u32> {
    let memory = program.get_export("memory").and_then(Extern::into_memory).ok_or(FAULT)?;
    let end = start.checked_add(length).ok_or(FAULT)?;
    memory.data(&program).get(start as usize..end as usize).map(<[u8]>::to_vec).ok_or(FAULT)
}

fn put(program: &mut Program<'_>, start: u32, bytes: &[u8]) -> Result<(), u32> {
    let memory = program.get_export("memory").and_then(Extern::into_memory).ok_or(FAULT)?;
    memory.write(program, start as usize, bytes).map_err(|_| FAULT)
}
