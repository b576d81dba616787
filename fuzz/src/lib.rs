//! What the fuzz targets share: a proxy in memory, requests written as text, and the many ways to read one path.

pub mod facts;
pub mod fixtures;
pub mod host;
pub mod policies;
pub mod reading;
pub mod request;
pub mod roles;
