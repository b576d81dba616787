//! What services are asked.

use std::rc::Rc;

use portcullis_filter::{CallId, GrpcCall, GrpcCalls, HostError};
use portcullis_quota::Place;
use portcullis_rls::{Descriptor, METHOD, RateLimitRequest, RateLimitResponse, SERVICE};

use super::{Headers, Report, Service};
use crate::decide::{Cause, Denial};
use crate::key::ShownKey;
use crate::limit::Limit;

/// What is asked about one limit.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) limit: Rc<Limit>,
    /// The values of its descriptor.
    pub(crate) values: Vec<String>,
    pub(crate) hits: u64,
    /// Where the proxy counts the request if the service does not answer; where it does so and this is absent, the limit is then not for
    /// the request.
    pub(crate) account: Option<Place>,
    /// The values as a record shows them.
    pub(crate) key: Option<ShownKey>,
}

/// What becomes of a request with those who count elsewhere.
#[derive(Debug, Default)]
pub(crate) struct Elsewhere {
    /// What is still to be asked, and decides.
    pub(crate) asks: Vec<Part>,
    /// What is asked to try a limit out: nobody waits for the answer.
    pub(crate) tries: Vec<Part>,
    /// What was asked, and fits.
    pub(crate) admitted: Vec<Part>,
    /// What the services report of limits that the request fits into.
    pub(crate) reports: Vec<(Rc<Limit>, Report)>,
    /// What they add to the request.
    pub(crate) request_headers: Headers,
    /// What they add to its response.
    pub(crate) response_headers: Headers,
}

impl Elsewhere {
    /// A service lets them pass.
    pub(super) fn admit(&mut self, parts: Vec<Part>, response: RateLimitResponse) {
        if response.statuses.len() == parts.len() {
            let reports = parts.iter().zip(&response.statuses).map(|(part, status)| (Rc::clone(&part.limit), Report::of(status)));
            self.reports.extend(reports);
        }
        self.admitted.extend(parts);
        self.request_headers.extend(response.request_headers);
        self.response_headers.extend(response.response_headers);
    }
}

impl Part {
    pub(crate) fn service(&self) -> Option<&Service> {
        self.limit.cluster.as_ref().map(|cluster| &cluster.service)
    }

    pub(super) fn falls_back(&self) -> bool {
        self.limit.cluster.as_ref().is_some_and(|cluster| cluster.falls_back)
    }

    pub(super) fn denied(self, cause: Cause) -> Denial {
        Denial { limit: self.limit, cause, key: self.key }
    }

    fn entries(&self) -> Vec<(&str, &str)> {
        let keys = self.limit.cluster.iter().flat_map(|cluster| cluster.descriptor.keys());
        keys.zip(self.values.iter().map(String::as_str)).collect()
    }
}

/// The parts that one service is asked together, in the order of the limits.
pub(super) fn together(parts: Vec<Part>) -> Vec<Vec<Part>> {
    let mut questions: Vec<Vec<Part>> = Vec::new();
    for part in parts {
        let same = questions.iter_mut().find(|question| question.first().and_then(Part::service) == part.service());
        match same {
            Some(question) => question.push(part),
            None => questions.push(vec![part]),
        }
    }
    questions
}

/// Asks the service of `parts`, which is the same for all.
pub(super) fn ask(host: &(impl GrpcCalls + ?Sized), parts: &[Part]) -> Result<CallId, HostError> {
    send(host, parts.iter().map(|part| (part, part.hits)))
}

/// Tells the service what the response has cost. Nobody hears the answer: what is spent is spent.
pub(crate) fn tell(host: &(impl GrpcCalls + ?Sized), part: &Part, hits: u64) -> Result<(), HostError> {
    send(host, [(part, hits)].into_iter()).map(drop)
}

fn send<'p>(
    host: &(impl GrpcCalls + ?Sized),
    mut parts: impl Iterator<Item = (&'p Part, u64)> + Clone,
) -> Result<CallId, HostError> {
    let descriptors = parts.clone().map(|(part, hits)| Descriptor { entries: part.entries(), hits }).collect();
    let service = parts.next().and_then(|(part, _)| part.service()).ok_or(HostError::BAD_ARGUMENT)?;
    let question = RateLimitRequest { domain: &service.domain, descriptors };
    host.grpc_call(&GrpcCall {
        to: &service.at,
        service: SERVICE,
        method: METHOD,
        metadata: &[],
        message: &question.encode(),
        timeout: service.timeout,
    })
}
