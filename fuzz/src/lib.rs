//! What the fuzz targets share: a proxy in memory, requests written as text, and the many ways to read one path.

pub mod fixtures;
pub mod host;
pub mod reading;
pub mod request;
