//! Header maps.

use crate::exchange::HeaderLines;
use crate::model::{HeaderList, Status, Worker};

/// A header map, under proxy-wasm's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MapType {
    RequestHeaders,
    RequestTrailers,
    ResponseHeaders,
    ResponseTrailers,
    CallResponseHeaders,
    /// A map that the host has and that is always empty here: gRPC metadata, trailers of callouts.
    Absent,
}

impl MapType {
    pub(crate) fn of(number: u32) -> Result<Self, Status> {
        match number {
            0 => Ok(Self::RequestHeaders),
            1 => Ok(Self::RequestTrailers),
            2 => Ok(Self::ResponseHeaders),
            3 => Ok(Self::ResponseTrailers),
            6 => Ok(Self::CallResponseHeaders),
            4 | 5 | 7 => Ok(Self::Absent),
            _ => Err(Status::BadArgument),
        }
    }
}

impl Worker {
    /// `proxy_get_header_map_pairs`; a map that is not there is empty.
    pub(crate) fn get_header_map_pairs(&mut self, map: MapType) -> Result<&HeaderList, Status> {
        const EMPTY: &HeaderList = &HeaderList::EMPTY;
        self.admit("proxy_get_header_map_pairs")?;
        Ok(self.readable(map).unwrap_or(EMPTY))
    }

    /// `proxy_get_header_map_value`: the first value only.
    pub(crate) fn get_header_map_value(&mut self, map: MapType, name: &[u8]) -> Result<Vec<u8>, Status> {
        self.admit("proxy_get_header_map_value")?;
        let logging = self.current().is_some_and(|stream| stream.logging);
        match self.readable(map) {
            Some(headers) => headers.first(name).map(<[u8]>::to_vec).ok_or(Status::NotFound),
            None if logging => Err(Status::NotFound),
            None => Err(Status::BadArgument),
        }
    }

    /// `proxy_get_header_map_size`, in bytes.
    pub(crate) fn get_header_map_size(&mut self, map: MapType) -> Result<usize, Status> {
        self.admit("proxy_get_header_map_size")?;
        let headers = self.writable(map)?;
        Ok(headers.lines().iter().map(|(name, value)| name.len() + value.len()).sum())
    }

    /// `proxy_set_header_map_pairs`
    pub(crate) fn set_header_map_pairs(&mut self, map: MapType, lines: &HeaderLines) -> Result<(), Status> {
        self.admit("proxy_set_header_map_pairs")?;
        let headers = self.writable(map)?;
        *headers = if map == MapType::RequestHeaders { HeaderList::of_request(lines) } else { HeaderList::of(lines) };
        Ok(())
    }

    /// `proxy_add_header_map_value`
    pub(crate) fn add_header_map_value(&mut self, map: MapType, name: &[u8], value: &[u8]) -> Result<(), Status> {
        self.admit("proxy_add_header_map_value")?;
        let headers = self.writable(map)?;
        if map == MapType::RequestHeaders {
            headers.add_to_request(name, value);
        } else {
            headers.add(name, value);
        }
        Ok(())
    }

    /// `proxy_replace_header_map_value`
    pub(crate) fn replace_header_map_value(&mut self, map: MapType, name: &[u8], value: &[u8]) -> Result<(), Status> {
        self.admit("proxy_replace_header_map_value")?;
        self.writable(map)?.set(name, value);
        Ok(())
    }

    /// `proxy_remove_header_map_value`
    pub(crate) fn remove_header_map_value(&mut self, map: MapType, name: &[u8]) -> Result<(), Status> {
        self.admit("proxy_remove_header_map_value")?;
        self.writable(map)?.remove(name);
        Ok(())
    }

    fn readable(&self, map: MapType) -> Option<&HeaderList> {
        if map == MapType::CallResponseHeaders {
            return self.call_answer.as_ref().map(|answer| &answer.headers);
        }
        let stream = self.current()?;
        let (request, response, logging) = (&stream.request, &stream.response, stream.logging);
        match map {
            MapType::RequestHeaders => request.headers.as_ref().filter(|_| logging || request.headers_open),
            MapType::RequestTrailers => request.trailers.as_ref().filter(|_| !logging && request.trailers_open),
            MapType::ResponseHeaders => response.headers.as_ref().filter(|_| logging || response.headers_open),
            MapType::ResponseTrailers => response.trailers.as_ref().filter(|_| logging || response.trailers_open),
            MapType::CallResponseHeaders | MapType::Absent => None,
        }
    }

    fn writable(&mut self, map: MapType) -> Result<&mut HeaderList, Status> {
        let stream = self.current_mut().ok_or(Status::BadArgument)?;
        let (request, response) = (&mut stream.request, &mut stream.response);
        let headers = match map {
            MapType::RequestHeaders => request.headers.as_mut().filter(|_| request.headers_open),
            MapType::RequestTrailers => request.trailers.as_mut().filter(|_| request.trailers_open),
            MapType::ResponseHeaders => response.headers.as_mut().filter(|_| response.headers_open),
            MapType::ResponseTrailers => response.trailers.as_mut().filter(|_| response.trailers_open),
            MapType::CallResponseHeaders | MapType::Absent => None,
        };
        headers.ok_or(Status::BadArgument)
    }
}
