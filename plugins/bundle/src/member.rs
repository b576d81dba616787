//! A filter among others, whatever its type.

use std::time::Duration;

use portcullis_filter::{CallResponse, Filter, GrpcCallResponse, Host, Stream, StreamId};

/// [`Filter`], once it is configured.
pub(crate) trait Member {
    fn stream(&self, id: StreamId) -> Box<dyn Stream>;
    fn tick_period(&self) -> Option<Duration>;
    fn on_tick(&self, host: &dyn Host);
    fn on_http_call_response(&self, host: &dyn Host, response: CallResponse);
    fn on_grpc_call_response(&self, host: &dyn Host, response: GrpcCallResponse);
}

impl<F: Filter> Member for F {
    fn stream(&self, id: StreamId) -> Box<dyn Stream> {
        Box::new(Filter::stream(self, id))
    }

    fn tick_period(&self) -> Option<Duration> {
        Filter::tick_period(self)
    }

    fn on_tick(&self, host: &dyn Host) {
        Filter::on_tick(self, host);
    }

    fn on_http_call_response(&self, host: &dyn Host, response: CallResponse) {
        Filter::on_http_call_response(self, host, response);
    }

    fn on_grpc_call_response(&self, host: &dyn Host, response: GrpcCallResponse) {
        Filter::on_grpc_call_response(self, host, response);
    }
}
