//! What a rule demands of a caller, and what the token says about it.

use std::time::Duration;

use portcullis_jose::VerifiedClaims;

use super::Demand;
use crate::demands::{Demands, StepUp, age, scopes, was_used};

/// Each demand by itself, at `now`, by a clock that may differ by `skew` from the issuer's.
pub(super) fn demands(demands: &Demands, claims: &VerifiedClaims, now: Duration, skew: Duration) -> Vec<Demand> {
    let granted = scopes(claims);
    let scope = |scope: &String| Demand {
        demand: format!("the scope {scope}"),
        found: Some(format!("scope {:?}", granted.join(" "))),
        met: granted.contains(&scope.as_str()),
    };
    let step_up = demands.step_up.iter().flat_map(|step_up| of_step_up(step_up, claims, now, skew));
    step_up.chain(demands.scopes.iter().map(scope)).collect()
}

fn of_step_up(step_up: &StepUp, claims: &VerifiedClaims, now: Duration, skew: Duration) -> Vec<Demand> {
    let found = |name: &str| claims.claims().get(name).map(|claim| format!("{name} {claim}"));
    let acr = (!step_up.acr_values.is_empty()).then(|| Demand {
        demand: format!("an acr of {}", step_up.acr_values.join(" or ")),
        found: found("acr"),
        met: step_up.acr_fits(claims),
    });
    let amr = step_up.amr.iter().map(|method| Demand {
        demand: format!("{method} in amr"),
        found: found("amr"),
        met: was_used(method, claims),
    });
    let login = age(claims, now, skew);
    let max_age = step_up.max_age.map(|max| Demand {
        demand: format!("a login at most {} s ago", max.as_secs()),
        found: login.map(|age| format!("auth_time {} s ago", age.as_secs())).or_else(|| found("auth_time")),
        met: step_up.age_fits(login),
    });
    acr.into_iter().chain(amr).chain(max_age).collect()
}
