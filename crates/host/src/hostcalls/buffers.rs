//! Bodies and other buffers.

use crate::model::{Status, Worker};

/// A buffer, under proxy-wasm's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BufferType {
    RequestBody,
    ResponseBody,
    CallResponseBody,
    GrpcMessage,
    VmConfiguration,
    PluginConfiguration,
    /// Of TCP, which this host does not have.
    Absent,
}

impl BufferType {
    pub(crate) fn of(number: u32) -> Result<Self, Status> {
        match number {
            0 => Ok(Self::RequestBody),
            1 => Ok(Self::ResponseBody),
            4 => Ok(Self::CallResponseBody),
            5 => Ok(Self::GrpcMessage),
            6 => Ok(Self::VmConfiguration),
            7 => Ok(Self::PluginConfiguration),
            2 | 3 | 8 => Ok(Self::Absent),
            _ => Err(Status::BadArgument),
        }
    }
}

impl Worker {
    /// `proxy_get_buffer_bytes`; less than `max` bytes, or none, where the buffer ends.
    pub(crate) fn get_buffer_bytes(&mut self, buffer: BufferType, start: usize, max: usize) -> Result<&[u8], Status> {
        self.admit("proxy_get_buffer_bytes")?;
        let bytes = self.buffer(buffer)?;
        let rest = bytes.get(start..).unwrap_or_default();
        Ok(rest.get(..max).unwrap_or(rest))
    }

    /// `proxy_get_buffer_status`: the buffer's size.
    pub(crate) fn get_buffer_status(&mut self, buffer: BufferType) -> Result<usize, Status> {
        self.admit("proxy_get_buffer_status")?;
        self.buffer(buffer).map(<[u8]>::len)
    }

    /// `proxy_set_buffer_bytes`: only the beginning, the end or the whole of a body can be replaced.
    pub(crate) fn set_buffer_bytes(&mut self, buffer: BufferType, start: usize, size: usize, bytes: &[u8]) -> Result<(), Status> {
        self.admit("proxy_set_buffer_bytes")?;
        let stream = self.current_mut();
        let body = match buffer {
            BufferType::RequestBody => stream.and_then(|stream| stream.request.body.as_mut()),
            BufferType::ResponseBody => stream.and_then(|stream| stream.response.body.as_mut()),
            _ => None,
        };
        let body = body.ok_or(Status::BadArgument)?;
        match (start, size) {
            (0, 0) => drop(body.splice(0..0, bytes.iter().copied())),
            (0, _) if size >= body.len() => *body = bytes.to_vec(),
            _ if start > 0 && start >= body.len() => body.extend_from_slice(bytes),
            _ => return Err(Status::BadArgument),
        }
        Ok(())
    }

    fn buffer(&self, buffer: BufferType) -> Result<&[u8], Status> {
        let body = match buffer {
            // Outside of a body callback a body is empty, not absent.
            BufferType::RequestBody => self.current().and_then(|stream| stream.request.body.as_ref()),
            BufferType::ResponseBody => self.current().and_then(|stream| stream.response.body.as_ref()),
            BufferType::CallResponseBody => {
                return self.call_answer.as_ref().map(|answer| answer.body.as_slice()).ok_or(Status::NotFound);
            }
            BufferType::GrpcMessage => self.grpc_message.as_ref(),
            BufferType::PluginConfiguration => return self.configuration.as_deref().ok_or(Status::NotFound),
            BufferType::VmConfiguration | BufferType::Absent => None,
        };
        Ok(body.map(Vec::as_slice).unwrap_or_default())
    }
}
