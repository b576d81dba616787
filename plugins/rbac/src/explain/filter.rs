//! The plugin, which also logs why.

use portcullis_explain::{Credentials, tell};
use portcullis_filter::{Callbacks, ConfigError, Filter, Flow, HeaderMap, Host, Setup, Stream, StreamId};

use super::explainer::Explainer;
use crate::filter::{Rbac, RbacStream};

/// [`Rbac`], which logs an [`Explanation`](super::Explanation) of each request; [`portcullis_explain::read`] reads it.
#[derive(Debug)]
pub struct ExplainedRbac(Rbac);

/// One request.
#[derive(Debug)]
pub struct ExplainedStream(RbacStream);

impl Filter for ExplainedRbac {
    const NAME: &'static str = Rbac::NAME;
    const CALLBACKS: Callbacks = Rbac::CALLBACKS;
    type Stream = ExplainedStream;

    fn configure(config: &[u8], host: &dyn Setup) -> Result<Self, ConfigError> {
        Rbac::configure(config, host).map(Self)
    }

    fn stream(&self, id: StreamId) -> ExplainedStream {
        ExplainedStream(self.0.stream(id))
    }
}

impl Stream for ExplainedStream {
    fn on_request_headers(&mut self, host: &dyn Host, _end_of_stream: bool) -> Flow {
        let credentials = host.headers(HeaderMap::RequestHeaders).map(|headers| Credentials::of(&headers));
        let mut explainer = Explainer::new(self.0.settings());
        let flow = self.0.judge(host, &mut explainer);
        tell(host, &credentials.unwrap_or_default(), &explainer.told);
        flow
    }
}
