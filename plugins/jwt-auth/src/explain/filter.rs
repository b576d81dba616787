//! The plugin, which also logs why.

use std::time::Duration;

use portcullis_explain::{Credentials, tell};
use portcullis_filter::{CallResponse, Callbacks, ConfigError, Filter, Flow, HeaderMap, Host, Setup, Stream, StreamId};

use super::explainer::Explainer;
use crate::filter::{JwtAuth, JwtAuthStream};
use crate::settings::Settings;

/// [`JwtAuth`], which logs an [`Explanation`](super::Explanation) each time that it judges a request;
/// [`portcullis_explain::read`] reads it.
#[derive(Debug)]
pub struct ExplainedJwtAuth(JwtAuth);

/// One request.
#[derive(Debug)]
pub struct ExplainedStream {
    plugin: std::rc::Rc<Settings>,
    stream: JwtAuthStream,
}

impl Filter for ExplainedJwtAuth {
    const NAME: &'static str = JwtAuth::NAME;
    const CALLBACKS: Callbacks = JwtAuth::CALLBACKS;
    type Stream = ExplainedStream;

    fn configure(config: &[u8], host: &dyn Setup) -> Result<Self, ConfigError> {
        JwtAuth::configure(config, host).map(Self)
    }

    fn stream(&self, id: StreamId) -> ExplainedStream {
        ExplainedStream { plugin: self.0.settings().clone(), stream: self.0.stream(id) }
    }

    fn tick_period(&self) -> Option<Duration> {
        self.0.tick_period()
    }

    fn on_tick(&self, host: &dyn Host) {
        let settings = self.0.settings();
        settings.sources.on_tick(host, &mut |host, waited| {
            explained(settings, host, |explainer| settings.judge_again(host, waited, explainer))
        });
    }

    fn on_http_call_response(&self, host: &dyn Host, response: CallResponse) {
        let settings = self.0.settings();
        settings.sources.on_http_call_response(host, response, &mut |host, waited| {
            explained(settings, host, |explainer| settings.judge_again(host, waited, explainer))
        });
    }
}

impl Stream for ExplainedStream {
    fn on_request_headers(&mut self, host: &dyn Host, _end_of_stream: bool) -> Flow {
        explained(&self.plugin, host, |explainer| self.stream.judge(host, explainer))
    }

    fn on_request_body(&mut self, host: &dyn Host, size: usize, end_of_stream: bool) -> Flow {
        self.stream.on_request_body(host, size, end_of_stream)
    }

    fn on_request_trailers(&mut self, host: &dyn Host) -> Flow {
        self.stream.on_request_trailers(host)
    }
}

/// Judges, and tells why.
fn explained<T>(settings: &Settings, host: &dyn Host, judge: impl FnOnce(&Explainer) -> T) -> T {
    let headers = host.headers(HeaderMap::RequestHeaders).unwrap_or_default();
    let mut credentials = Credentials::of(&headers);
    settings.locations.found(&headers).iter().for_each(|found| credentials.add(&found.token));
    let explainer = Explainer::new(settings, &headers);
    let judged = judge(&explainer);
    tell(host, &credentials, &explainer.finish());
    judged
}
