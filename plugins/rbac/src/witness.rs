//! Who looks on while a request is judged. In a proxy nobody does, and nothing is left of it there.

use portcullis_filter::{HeaderBlock, Outcome};
use portcullis_gate::Unfit;
use portcullis_http::{MatchRequest, RuleMatch};
use portcullis_policy::{Facts, Outcome as Answer};

use crate::policy::Policy;
use crate::record::Decided;

/// Is told what happens, when it does.
pub(crate) trait Witness {
    /// The policies are asked about `request` from now on.
    fn began(&mut self, _request: &MatchRequest<'_>, _facts: &Facts<'_>) {}

    /// `policy`, which is for the request, has answered.
    fn asked(&mut self, _policy: &Policy, _matched: &RuleMatch<'_>, _facts: &Facts<'_>, _answer: &Answer) {}

    /// The request was judged.
    fn decided(&mut self, _decided: &Decided<'_>) {}

    /// No policy could judge it.
    fn refused(&mut self, _headers: &HeaderBlock, _unfit: Unfit, _outcome: Outcome) {}
}

/// Nobody.
impl Witness for () {}
