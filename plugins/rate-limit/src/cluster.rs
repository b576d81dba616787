//! `scope: cluster`: limits that a rate limit service keeps, asked over gRPC.
//!
//! What the proxy counts itself is charged first. If that fits, the services are asked, each once for all its limits, and the request
//! is held for the answers: [`Inquiry`].

mod descriptor;
mod headers;
mod inquiry;
mod question;
mod report;
mod service;
mod settle;

pub(crate) use descriptor::Descriptor;
pub(crate) use headers::Headers;
pub(crate) use inquiry::{Concluded, Inquiries, Inquiry, PERIOD};
pub(crate) use question::{Elsewhere, Part, tell};
pub(crate) use report::Report;
pub(crate) use service::{Cluster, Service, check, counts_here, terms_elsewhere};
