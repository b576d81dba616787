//! What operations are read with.

use crate::Options;
use crate::report::Report;
use crate::schema::Schemas;

/// What operations are read with.
#[derive(Debug)]
pub(crate) struct Context<'r> {
    pub(crate) schemas: Schemas<'r>,
    pub(crate) report: &'r Report,
    pub(crate) options: &'r Options,
}
