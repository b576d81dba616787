//! `limitador` behind the service, as its own server puts it there.

use std::collections::HashMap;
use std::sync::Arc;

use limitador::RateLimiter;
use limitador::limit::{Context, Limit};

use crate::messages::{DescriptorStatus, Duration, OK, OVER_LIMIT, RateLimit, RateLimitRequest, RateLimitResponse};
use crate::service::Engine;

/// How many counters it keeps at once.
const COUNTERS: u64 = 1000;

/// `quota` requests an hour for each value of `key` in the descriptors of `domain`.
pub(crate) fn hourly(domain: &str, key: &str, quota: u64) -> Engine {
    engine(RateLimiter::new(COUNTERS), domain, key, quota)
}

/// The same, on what `limiter` keeps its counters in.
pub(crate) fn engine(limiter: RateLimiter, domain: &str, key: &str, quota: u64) -> Engine {
    let variable = format!("descriptors[0].{key}").try_into().unwrap();
    let mut limit = Limit::new(domain, quota, HOUR, Vec::new(), [variable]);
    limit.set_name(format!("per-{key}"));
    limiter.add_limit(limit);
    Arc::new(move |question| ask(&limiter, question))
}

/// In seconds, and as the protocol has it.
const HOUR: u64 = 3_600;
const UNIT_HOUR: i32 = 3;

fn ask(limiter: &RateLimiter, question: &RateLimitRequest) -> RateLimitResponse {
    let entries = question.descriptors.iter().map(|descriptor| {
        descriptor.entries.iter().map(|entry| (entry.key.clone(), entry.value.clone())).collect::<HashMap<_, _>>()
    });
    let mut context = Context::default();
    context.list_binding("descriptors".to_owned(), entries.collect());
    let namespace = question.domain.as_str().into();
    // Nothing said is one hit.
    let hits = u64::from(question.hits_addend.max(1));
    let checked = limiter.check_rate_limited_and_update(&namespace, &context, hits).unwrap();
    let code = if checked.limited { OVER_LIMIT } else { OK };
    let statuses = checked.counters.iter().map(|counter| DescriptorStatus {
        code,
        current_limit: Some(RateLimit {
            requests_per_unit: u32::try_from(counter.max_value()).unwrap(),
            unit: UNIT_HOUR,
            name: counter.limit().name().unwrap_or_default().to_owned(),
        }),
        limit_remaining: counter.remaining().and_then(|remaining| u32::try_from(remaining).ok()).unwrap_or_default(),
        duration_until_reset: counter.expires_in().map(|left| Duration { seconds: left.as_secs().cast_signed(), nanos: 0 }),
    });
    RateLimitResponse { overall_code: code, statuses: statuses.collect(), ..RateLimitResponse::default() }
}
