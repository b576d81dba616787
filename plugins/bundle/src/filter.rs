//! The filter: the members, and where their requests are.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};
use std::time::Duration;

use portcullis_filter::{CallResponse, Callbacks, ConfigError, Filter, Flow, GrpcCallResponse, Host, Setup, Stream, StreamId};

use crate::chain::Chain;
use crate::config::configs;
use crate::member::Member;
use crate::part::Part;
use crate::timer::Periods;
use crate::view::RootView;

/// The bundle, configured.
pub struct Bundle(Rc<Shared>);

/// One request.
pub struct BundleStream {
    id: StreamId,
    chain: Rc<RefCell<Chain>>,
    shared: Rc<Shared>,
}

/// The parts that are configured, in the order in which requests meet them.
type Members = Vec<(Part, Box<dyn Member>)>;

/// What all streams share.
pub(crate) struct Shared {
    members: Members,
    pub(crate) periods: Periods,
    /// The requests that a member may resume.
    held: RefCell<BTreeMap<StreamId, Weak<RefCell<Chain>>>>,
}

impl Filter for Bundle {
    const NAME: &'static str = "portcullis";
    const CALLBACKS: Callbacks = Part::CALLBACKS;
    type Stream = BundleStream;

    fn configure(config: &[u8], host: &dyn Setup) -> Result<Self, ConfigError> {
        let members = members(config, host).map_err(ConfigError::new)?;
        let periods = Periods::new(members.iter().map(|(_, member)| member.tick_period()));
        Ok(Self(Rc::new(Shared { members, periods, held: RefCell::default() })))
    }

    fn stream(&self, id: StreamId) -> BundleStream {
        let streams = self.0.members.iter().map(|(part, member)| (*part, member.stream(id)));
        BundleStream { id, chain: Rc::new(RefCell::new(Chain::new(streams))), shared: Rc::clone(&self.0) }
    }

    fn tick_period(&self) -> Option<Duration> {
        self.0.periods.shortest()
    }

    fn on_tick(&self, host: &dyn Host) {
        self.0.each(host, |member, host| member.on_tick(host));
    }

    fn on_http_call_response(&self, host: &dyn Host, response: CallResponse) {
        self.0.each(host, |member, host| member.on_http_call_response(host, response));
    }

    fn on_grpc_call_response(&self, host: &dyn Host, response: GrpcCallResponse) {
        self.0.each(host, |member, host| member.on_grpc_call_response(host, response));
    }
}

/// The parts that `config` has, configured.
fn members(config: &[u8], host: &dyn Setup) -> Result<Members, portcullis_config::ConfigError> {
    let configured = configs(config)?.into_iter().map(|(part, config)| match part.configure(&config, host) {
        Ok(member) => Ok((part, member)),
        Err(error) => Err(error.within(part.name())),
    });
    portcullis_config::ConfigError::gather(configured)
}

impl Shared {
    /// Calls every member, each with the host as it may see it.
    fn each(&self, host: &dyn Host, call: impl Fn(&dyn Member, &dyn Host)) {
        for (place, (_, member)) in self.members.iter().enumerate() {
            call(member.as_ref(), &RootView { host, shared: self, member: place });
        }
    }

    /// The held request, if it is still there.
    pub(crate) fn held(&self, stream: StreamId) -> Option<Rc<RefCell<Chain>>> {
        self.held.borrow().get(&stream).and_then(Weak::upgrade)
    }
}

impl BundleStream {
    /// A callback of the request's way to the upstream.
    fn request(&self, callback: impl FnOnce(&mut Chain) -> Flow) -> Flow {
        let flow = callback(&mut self.chain.borrow_mut());
        if matches!(flow, Flow::Pause) {
            self.shared.held.borrow_mut().insert(self.id, Rc::downgrade(&self.chain));
        }
        flow
    }
}

impl Drop for BundleStream {
    fn drop(&mut self) {
        self.shared.held.borrow_mut().remove(&self.id);
    }
}

impl Stream for BundleStream {
    fn on_request_headers(&mut self, host: &dyn Host, end_of_stream: bool) -> Flow {
        self.request(|chain| chain.on_request_headers(host, end_of_stream))
    }

    fn on_request_body(&mut self, host: &dyn Host, size: usize, end_of_stream: bool) -> Flow {
        self.request(|chain| chain.on_request_body(host, size, end_of_stream))
    }

    fn on_request_trailers(&mut self, host: &dyn Host) -> Flow {
        self.request(|chain| chain.on_request_trailers(host))
    }

    fn on_response_headers(&mut self, host: &dyn Host, end_of_stream: bool) -> Flow {
        self.chain.borrow_mut().on_response(host, |stream, host| stream.on_response_headers(host, end_of_stream))
    }

    fn on_response_body(&mut self, host: &dyn Host, size: usize, end_of_stream: bool) -> Flow {
        self.chain.borrow_mut().on_response(host, |stream, host| stream.on_response_body(host, size, end_of_stream))
    }

    fn on_response_trailers(&mut self, host: &dyn Host) -> Flow {
        self.chain.borrow_mut().on_response(host, |stream, host| stream.on_response_trailers(host))
    }

    fn on_log(&mut self, host: &dyn Host) {
        self.chain.borrow_mut().on_log(host);
    }
}
