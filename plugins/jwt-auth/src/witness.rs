//! Who looks on while a request is judged. In a proxy nobody does, and nothing is left of it there.

use std::rc::Rc;
use std::time::Duration;

use portcullis_filter::Outcome;
use portcullis_http::MatchRequest;
use portcullis_jose::VerifiedClaims;

use crate::caller::Caller;
use crate::demands::Demands;
use crate::expressions::Bearer;
use crate::filter::Judged;
use crate::requirement::{Requirement, Unmet};
use crate::settings::Rule;
use crate::terms::Terms;
use crate::token::Found;

/// Is told what happens, when it does. A provider is its number.
pub(crate) trait Witness {
    /// The tokens of `request` are looked at from now on, as `rule` wants it.
    fn began(&self, _request: &MatchRequest<'_>, _rule: Option<&Rule>) {}

    /// A token has a good signature; it is held to the provider's terms now.
    fn terms(&self, _terms: &Terms, _claims: &VerifiedClaims, _bearer: &Bearer<'_>) {}

    /// A token was verified for a provider, or not.
    fn verified(&self, _provider: usize, _found: &Found<'_>, _verified: &Result<Rc<Caller>, Unmet>, _now: Duration) {}

    /// Every token was looked at for a provider: the caller whom one of them proves, and its place.
    fn looked(&self, _provider: usize, _looked: &Result<(usize, Rc<Caller>), Unmet>) {}

    /// The requirement was evaluated; what follows is about other tokens.
    fn required(&self, _requirement: &Requirement) {}

    /// The rule's demands are asked of the caller, at this time and by a clock that may differ so much.
    fn demanded(&self, _demands: &Demands, _claims: &VerifiedClaims, _time: (Duration, Duration)) {}

    /// The request was judged.
    fn concluded(&self, _judged: &Judged<'_>, _outcome: Outcome) {}
}

/// Nobody.
impl Witness for () {}
