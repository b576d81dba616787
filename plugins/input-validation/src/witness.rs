//! Who looks on while a request is judged. In a proxy nobody does, and nothing is left of it there.

use portcullis_filter::{HeaderBlock, Reason};
use portcullis_gate::Unfit;
use portcullis_http::MatchRequest;
use portcullis_policy::{Facts, Params};

use crate::record::Decided;
use crate::rule::Rule;
use crate::violation::Violation;

/// Is told what happens, when it does.
pub(crate) trait Witness {
    /// The rules are asked about `request` from now on.
    fn began(&mut self, _request: &MatchRequest<'_>) {}

    /// The condition of `rule` is asked.
    fn asked(&mut self, _rule: &Rule, _facts: &Facts<'_>, _params: Params<'_>) {}

    /// What `rule` came to.
    fn tried(&mut self, _rule: &Rule, _violation: Option<&Violation>) {}

    /// The request was judged.
    fn decided(&mut self, _decided: &Decided<'_>, _reason: Reason, _detail: Option<&str>) {}

    /// No rule can judge it; what was decided is told by itself.
    fn unfit(&mut self, _headers: &HeaderBlock, _unfit: Unfit) {}
}

/// Nobody.
impl Witness for () {}
