//! Who looks on while a request is judged. In a proxy nobody does, and nothing is left of it there.

use std::fmt::Debug;

use portcullis_filter::{HeaderBlock, Host, Outcome, StreamId};
use portcullis_gate::Unfit;
use portcullis_http::MatchRequest;
use portcullis_policy::{Facts, Params};

use crate::decide::Decided;
use crate::key::ShownKey;
use crate::limit::Limit;
use crate::settings::Settings;

/// Is told what happens, when it does.
pub(crate) trait Witness: Debug {
    /// The limits are asked about the request of `stream` from now on.
    fn began(&self, settings: &Settings, stream: StreamId, headers: &HeaderBlock, request: &MatchRequest<'_>);

    /// The condition of `limit`, which is for that request, is asked.
    fn asked(&self, limit: &Limit, facts: &Facts<'_>, params: Params<'_>);

    /// `limit` applies; the key, as records show it.
    fn keyed(&self, limit: &Limit, key: Option<&ShownKey>);

    /// The request costs so much.
    fn costs(&self, limit: &Limit, units: u64);

    /// The request of `stream` was judged.
    fn decided(&self, host: &dyn Host, stream: StreamId, decided: &Decided, outcome: Outcome, detail: Option<String>);

    /// No limit can judge a request.
    fn refused(&self, settings: &Settings, host: &dyn Host, headers: &HeaderBlock, unfit: Unfit, outcome: Outcome);
}

impl Settings {
    /// Tells whoever looks on.
    pub(crate) fn tell(&self, what: impl FnOnce(&dyn Witness)) {
        if cfg!(not(target_os = "wasi"))
            && let Some(witness) = &self.witness
        {
            what(&**witness);
        }
    }
}
