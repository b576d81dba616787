//! The memory of a VM, seen from a host call.

use std::cell::RefMut;

use wasmtime::{Caller, Extern, Memory};

use super::vm::VmData;
use crate::model::{Status, Worker};

/// The VM that makes a host call.
pub(super) struct Guest<'a>(Caller<'a, VmData>);

/// Why a host call does not succeed.
pub(super) enum Fault {
    /// The plugin is told.
    Status(Status),
    /// The plugin's own allocator trapped.
    Trap(wasmtime::Error),
}

impl From<Status> for Fault {
    fn from(status: Status) -> Self {
        Self::Status(status)
    }
}

impl From<wasmtime::Error> for Fault {
    fn from(error: wasmtime::Error) -> Self {
        Self::Trap(error)
    }
}

/// Runs a host call and gives its status to the plugin.
pub(super) fn host(caller: Caller<'_, VmData>, call: impl FnOnce(&mut Guest<'_>) -> Result<(), Fault>) -> wasmtime::Result<u32> {
    match call(&mut Guest(caller)) {
        Ok(()) => Ok(0),
        Err(Fault::Status(status)) => Ok(status as u32),
        Err(Fault::Trap(error)) => Err(error),
    }
}

impl Guest<'_> {
    /// What the host knows of this VM. Let go of it before [`Guest::give`]: an allocator may make host calls.
    pub(super) fn worker(&self) -> RefMut<'_, Worker> {
        self.0.data().worker.borrow_mut()
    }

    pub(super) fn read(&mut self, start: u32, size: u32) -> Result<Vec<u8>, Status> {
        let memory = self.memory()?;
        let bytes = memory.data(&self.0).get(start as usize..).and_then(|bytes| bytes.get(..size as usize));
        bytes.map(<[u8]>::to_vec).ok_or(Status::InvalidMemoryAccess)
    }

    pub(super) fn write(&mut self, start: u32, bytes: &[u8]) -> Result<(), Status> {
        let memory = self.memory()?;
        let target = memory.data_mut(&mut self.0).get_mut(start as usize..).and_then(|target| target.get_mut(..bytes.len()));
        target.ok_or(Status::InvalidMemoryAccess)?.copy_from_slice(bytes);
        Ok(())
    }

    pub(super) fn write_u32(&mut self, start: u32, value: u32) -> Result<(), Status> {
        self.write(start, &value.to_le_bytes())
    }

    /// Copies `bytes` to memory that the plugin allocates for them, and writes where they are; nothing is at 0.
    pub(super) fn give(&mut self, bytes: &[u8], return_data: u32, return_size: u32) -> Result<(), Fault> {
        let start = if bytes.is_empty() { 0 } else { self.allocate(bytes.len())? };
        if start != 0 {
            self.write(start, bytes)?;
        }
        self.write_u32(return_data, start)?;
        self.write_u32(return_size, size_of(bytes))?;
        Ok(())
    }

    fn allocate(&mut self, size: usize) -> Result<u32, Fault> {
        let allocator = ["proxy_on_memory_allocate", "malloc"].iter().find_map(|name| self.0.get_export(name)?.into_func());
        let allocator = allocator.ok_or(Status::InvalidMemoryAccess)?.typed::<u32, u32>(&self.0)?;
        let start = allocator.call(&mut self.0, u32::try_from(size).map_err(|_| Status::InvalidMemoryAccess)?)?;
        if start == 0 { Err(Status::InvalidMemoryAccess.into()) } else { Ok(start) }
    }

    fn memory(&mut self) -> Result<Memory, Status> {
        self.0.get_export("memory").and_then(Extern::into_memory).ok_or(Status::InvalidMemoryAccess)
    }
}

pub(super) fn size_of(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}
