//! The plugin, which also logs why.

use portcullis_explain::{Credentials, tell};
use portcullis_filter::{Callbacks, ConfigError, Filter, Flow, HeaderMap, Host, Setup, Stream, StreamId};

use super::explainer::Explainer;
use crate::filter::{InputValidation, InputValidationStream};

/// [`InputValidation`], which logs an [`Explanation`](super::Explanation) of each request; [`portcullis_explain::read`] reads it.
#[derive(Debug)]
pub struct ExplainedInputValidation(InputValidation);

/// One request.
#[derive(Debug)]
pub struct ExplainedStream {
    stream: InputValidationStream,
    /// `None` once all is told.
    explainer: Option<Explainer>,
}

impl Filter for ExplainedInputValidation {
    const NAME: &'static str = InputValidation::NAME;
    const CALLBACKS: Callbacks = InputValidation::CALLBACKS;
    type Stream = ExplainedStream;

    fn configure(config: &[u8], host: &dyn Setup) -> Result<Self, ConfigError> {
        InputValidation::configure(config, host).map(Self)
    }

    fn stream(&self, id: StreamId) -> ExplainedStream {
        let stream = self.0.stream(id);
        let explainer = Some(Explainer::new(stream.settings()));
        ExplainedStream { stream, explainer }
    }
}

impl Stream for ExplainedStream {
    fn on_request_headers(&mut self, host: &dyn Host, end_of_stream: bool) -> Flow {
        if let Some((explainer, headers)) = self.explainer.as_mut().zip(host.headers(HeaderMap::RequestHeaders).ok()) {
            explainer.credentials = Credentials::of(&headers);
        }
        self.watched(host, |stream, explainer| match explainer {
            Some(explainer) => stream.headers(host, end_of_stream, explainer),
            None => stream.headers(host, end_of_stream, &mut ()),
        })
    }

    fn on_request_body(&mut self, host: &dyn Host, size: usize, end_of_stream: bool) -> Flow {
        self.watched(host, |stream, explainer| match explainer {
            Some(explainer) => stream.body(host, size, end_of_stream, explainer),
            None => stream.body(host, size, end_of_stream, &mut ()),
        })
    }

    fn on_request_trailers(&mut self, host: &dyn Host) -> Flow {
        self.watched(host, |stream, explainer| match explainer {
            Some(explainer) => stream.trailers(host, explainer),
            None => stream.trailers(host, &mut ()),
        })
    }

    fn on_response_headers(&mut self, host: &dyn Host, end_of_stream: bool) -> Flow {
        self.stream.on_response_headers(host, end_of_stream)
    }

    fn on_response_body(&mut self, host: &dyn Host, size: usize, end_of_stream: bool) -> Flow {
        self.stream.on_response_body(host, size, end_of_stream)
    }

    fn on_response_trailers(&mut self, host: &dyn Host) -> Flow {
        self.stream.on_response_trailers(host)
    }
}

impl ExplainedStream {
    /// What `judge` makes of a callback; once the request is judged, why.
    fn watched(
        &mut self,
        host: &dyn Host,
        judge: impl FnOnce(&mut InputValidationStream, Option<&mut Explainer>) -> Flow,
    ) -> Flow {
        let flow = judge(&mut self.stream, self.explainer.as_mut());
        if let Some(explainer) = self.explainer.take_if(|explainer| explainer.over) {
            tell(host, &explainer.credentials, &explainer.told);
        }
        flow
    }
}
