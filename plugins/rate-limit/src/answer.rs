//! What clients are told: refusals, and the fields of admitted responses.

use std::rc::Rc;
use std::time::Duration;

use portcullis_filter::{GrpcStatus, HeaderMap, Host, LocalReply};
use portcullis_gate::Unfit;
use portcullis_quota::{Policy, ServiceLimit, Standing, Terms, ceil_seconds};
use serde_json::json;

use crate::cluster::{Headers, Report};
use crate::decide::{Cause, Denial};
use crate::limit::Limit;
use crate::settings::Settings;

/// The problem types of draft-ietf-httpapi-ratelimit-headers.
const QUOTA_EXCEEDED: &str = "https://iana.org/assignments/http-problem-types#quota-exceeded";
const REDUCED_CAPACITY: &str = "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity";

/// When to come back if nobody can tell: a request in flight may end at any moment, and so may contention.
const SOON: Duration = Duration::from_secs(1);

/// What the fields say of one limit.
#[derive(Debug, Clone, Copy)]
struct Told<'s> {
    limit: &'s Limit,
    terms: Terms,
    remaining: u64,
    more_in: Option<Duration>,
}

impl Settings {
    /// The refusal of a request that does not fit.
    pub(crate) fn reply(&self, denials: &[Denial], headers: &Headers) -> LocalReply {
        let Some(first) = denials.first() else { return Unfit::Host.reply() };
        let told: Vec<Told<'_>> = denials.iter().filter_map(over).collect();
        let mut reply = self.problem(first, &told);
        if let Some(wait) = denials.iter().filter_map(wait).max() {
            reply = reply.header("retry-after", ceil_seconds(wait).to_string());
        }
        reply = fields(self, &told).into_iter().fold(reply, |reply, (name, value)| reply.header(name, value));
        reply = headers.add_to(reply);
        reply.details = format!("{}{{{}}}", reply.details, first.limit.name);
        first.limit.deny_response.as_ref().unwrap_or(&self.deny_response).applied(reply)
    }

    fn problem(&self, first: &Denial, told: &[Told<'_>]) -> LocalReply {
        let reason = first.cause.reason();
        let malformed = |title| LocalReply::problem(400, "malformed-request", title, reason).grpc(GrpcStatus::INVALID_ARGUMENT);
        match first.cause {
            Cause::Host => Unfit::Host.reply(),
            Cause::KeyMissing | Cause::KeyFailed => malformed("Malformed request"),
            Cause::Over(_) | Cause::OverThere(_) => {
                let reply = LocalReply::problem(429, "quota-exceeded", "Too many requests", reason);
                let title = "Request cannot be satisfied as assigned quota has been exceeded";
                self.with_type(reply, QUOTA_EXCEEDED, title, told).grpc(GrpcStatus::RESOURCE_EXHAUSTED)
            }
            Cause::Full | Cause::Contended | Cause::Unavailable => {
                let reply = LocalReply::problem(503, "reduced-capacity", "Service unavailable", reason);
                let title = "Request cannot be satisfied due to temporary server capacity constraints";
                self.with_type(reply, REDUCED_CAPACITY, title, &[]).grpc(GrpcStatus::UNAVAILABLE)
            }
        }
    }

    /// A problem of one of the draft's types. The names of limits are told only where the fields tell them.
    fn with_type(&self, reply: LocalReply, kind: &str, title: &str, told: &[Told<'_>]) -> LocalReply {
        let names = || told.iter().map(|told| told.limit.name.as_str()).collect::<Vec<_>>();
        let body = if self.response_headers.rate_limit && !told.is_empty() {
            json!({ "type": kind, "title": title, "status": reply.status, "violated-policies": names() })
        } else {
            json!({ "type": kind, "title": title, "status": reply.status })
        };
        LocalReply { body: body.to_string().into_bytes(), ..reply }
    }

    /// Tells in an admitted response what is left. A client that is told nothing is none the worse: no failure refuses.
    pub(crate) fn announce<'s>(
        &self,
        host: &dyn Host,
        standings: impl Iterator<Item = (&'s Limit, Standing)>,
        reports: &'s [(Rc<Limit>, Report)],
    ) {
        let here =
            standings.map(|(limit, Standing { remaining, more_in })| Told { limit, terms: limit.terms, remaining, more_in });
        let there = reports.iter().filter_map(|(limit, report)| told(limit, report));
        let told: Vec<Told<'_>> = here.chain(there).filter(|told| !told.limit.shadow).collect();
        for (name, value) in fields(self, &told) {
            let earlier = host.headers(HeaderMap::ResponseHeaders).map(|headers| {
                let lines = headers.all(name).map(|line| String::from_utf8_lossy(line).into_owned());
                lines.collect::<Vec<_>>()
            });
            let listed = name.starts_with("ratelimit");
            let lines = earlier.unwrap_or_default().into_iter().filter(|_| listed).chain([value]);
            let _ = host.set_header(HeaderMap::ResponseHeaders, name, lines.collect::<Vec<_>>().join(", ").as_bytes());
        }
    }
}

/// How long whoever was refused has to wait.
fn wait(denial: &Denial) -> Option<Duration> {
    match &denial.cause {
        Cause::Over(_) if denial.limit.lends() => Some(SOON),
        // What the limit can never hold will not fit later either; but every refusal says something.
        Cause::Over(refusal) => Some(refusal.retry_after.unwrap_or(denial.limit.terms.window)),
        Cause::OverThere(report) => Some(report.wait()),
        Cause::Full | Cause::Contended | Cause::Unavailable => Some(SOON),
        Cause::KeyMissing | Cause::KeyFailed | Cause::Host => None,
    }
}

fn over<'s>(denial: &'s Denial) -> Option<Told<'s>> {
    match &denial.cause {
        Cause::Over(refusal) => Some(Told {
            limit: &denial.limit,
            terms: denial.limit.terms,
            remaining: refusal.standing.remaining,
            more_in: wait(denial),
        }),
        Cause::OverThere(report) => told(&denial.limit, report).map(|told| Told { more_in: wait(denial), ..told }),
        _ => None,
    }
}

/// What a service reports, if it tells enough of it.
fn told<'s>(limit: &'s Limit, report: &Report) -> Option<Told<'s>> {
    Some(Told { limit, terms: report.terms?, remaining: report.remaining, more_in: report.until_reset })
}

fn fields(settings: &Settings, told: &[Told<'_>]) -> Vec<(&'static str, String)> {
    let mut fields = Vec::new();
    if told.is_empty() {
        return fields;
    }
    if settings.response_headers.rate_limit {
        fields.push(("ratelimit-policy", list(told.iter().map(policy))));
        fields.push(("ratelimit", list(told.iter().map(service_limit))));
    }
    // The fields know one limit: the one with the least left, and of several the one that takes longest.
    let tightest = told.iter().min_by_key(|told| (told.remaining, std::cmp::Reverse(told.more_in)));
    if let Some(told) = tightest.filter(|_| settings.response_headers.x_rate_limit) {
        fields.push(("x-ratelimit-limit", told.terms.quota.to_string()));
        fields.push(("x-ratelimit-remaining", told.remaining.to_string()));
        fields.push(("x-ratelimit-reset", ceil_seconds(told.more_in.unwrap_or_default()).to_string()));
    }
    fields
}

fn list(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}

fn policy(told: &Told<'_>) -> String {
    let limit = told.limit;
    let usual = limit.lends().then_some("concurrent-requests");
    let policy = Policy {
        name: &limit.name,
        quota: told.terms.quota.get(),
        unit: limit.unit.as_deref().or(usual),
        // Of a limit on requests in flight it is no window of any quota.
        window: (!limit.lends()).then_some(told.terms.window),
        burst: told.terms.burst,
    };
    policy.to_string()
}

fn service_limit(told: &Told<'_>) -> String {
    ServiceLimit { name: &told.limit.name, remaining: told.remaining, more_in: told.more_in }.to_string()
}
