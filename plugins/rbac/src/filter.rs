//! The filter: reads the request, has the policies judge it, and does what they say.

use std::rc::Rc;

use portcullis_attributes::RequestAttributes;
use portcullis_filter::{
    Callback, Callbacks, ConfigError, Filter, Flow, HeaderBlock, HeaderMap, Host, Outcome, Setup, Stream, StreamId,
};
use portcullis_gate::{Unfit, forward_judged, judged, outcome};
use portcullis_http::MatchRequest;
use portcullis_policy::Facts;

use crate::caller::Caller;
use crate::config::RbacConfig;
use crate::judge::{Judgement, judge};
use crate::record::{Decided, record, record_unfit};
use crate::settings::Settings;
use crate::witness::Witness;

/// The filter state that names the deciding policy, for access logs: `%FILTER_STATE(wasm.portcullis_policy:PLAIN)%`.
const POLICY_KEY: &str = "portcullis_policy";

/// The plugin, configured.
#[derive(Debug)]
pub struct Rbac(Rc<Settings>);

/// One request.
#[derive(Debug)]
pub struct RbacStream(Rc<Settings>);

impl Rbac {
    /// The plugin with this configuration; [`Filter::configure`], with the places of what is wrong.
    ///
    /// # Errors
    /// When the configuration is wrong.
    pub fn load(config: &[u8]) -> Result<Self, portcullis_config::ConfigError> {
        let loaded = portcullis_config::load::<RbacConfig>(config, Self::NAME)?;
        Settings::new(loaded).map(|settings| Self(Rc::new(settings)))
    }
}

impl Filter for Rbac {
    const NAME: &'static str = "rbac";
    const CALLBACKS: Callbacks = Callbacks::of(&[Callback::RequestHeaders]);
    type Stream = RbacStream;

    fn configure(config: &[u8], _host: &dyn Setup) -> Result<Self, ConfigError> {
        Self::load(config).map_err(ConfigError::new)
    }

    fn stream(&self, _id: StreamId) -> RbacStream {
        RbacStream(Rc::clone(&self.0))
    }
}

impl Stream for RbacStream {
    fn on_request_headers(&mut self, host: &dyn Host, _end_of_stream: bool) -> Flow {
        self.judge(host, &mut ())
    }
}

impl RbacStream {
    /// What every stream shares.
    pub(crate) fn settings(&self) -> &Settings {
        &self.0
    }

    /// Judges the request before this `witness`.
    pub(crate) fn judge(&self, host: &dyn Host, witness: &mut impl Witness) -> Flow {
        match host.headers(HeaderMap::RequestHeaders) {
            Ok(headers) => self.0.decide(host, &headers, witness),
            Err(_) => self.0.refuse(host, &HeaderBlock::default(), Unfit::Host, witness),
        }
    }
}

impl Settings {
    fn decide(&self, host: &dyn Host, headers: &HeaderBlock, witness: &mut impl Witness) -> Flow {
        let request = match judged(headers, &self.index, self.common.path.on_ambiguous) {
            Ok(request) => request,
            Err(malformed) => return self.refuse(host, headers, Unfit::Malformed(malformed), witness),
        };
        if let Err(unfit) = self.once.check(headers) {
            return self.refuse(host, headers, unfit, witness);
        }
        let attributes = RequestAttributes::new(host, headers, &request, &self.identity);
        let judgement = self.judge(host, &request, &attributes, witness);
        let passes = judgement.verdict.passes();
        if passes && forward_judged(host, &request).is_err() {
            return self.refuse(host, headers, Unfit::Host, witness);
        }
        let outcome = outcome(self.common.mode, !passes, false);
        let decided = Decided { headers, path: request.path(), judgement: &judgement, outcome };
        record(self, host, &attributes, &decided);
        witness.decided(&decided);
        self.conclude(host, &judgement, outcome)
    }

    fn judge<'s>(
        &'s self,
        host: &dyn Host,
        request: &MatchRequest<'_>,
        attributes: &RequestAttributes<'_, dyn Host + '_>,
        witness: &mut impl Witness,
    ) -> Judgement<'s> {
        let Some(roles_from) = &self.roles_from else {
            return judge(self, host, request, &Facts::new(attributes), witness);
        };
        let caller = Caller::new(attributes, roles_from, &self.roles);
        let mut judgement = judge(self, host, request, &Facts::new(&caller), witness);
        if let Some(why) = caller.failure() {
            judgement.failure = Some(judgement.failure.map_or_else(|| why.clone(), |failure| format!("{failure}; {why}")));
        }
        judgement
    }

    fn conclude(&self, host: &dyn Host, judgement: &Judgement<'_>, outcome: Outcome) -> Flow {
        // For access logs: nothing is decided by it.
        let _ = host.set_filter_state(POLICY_KEY, judgement.verdict.published().as_bytes());
        if outcome != Outcome::Denied {
            return Flow::Continue;
        }
        let own = judgement.policy.and_then(|policy| policy.deny_response.as_ref());
        Flow::Reply(own.unwrap_or(&self.deny_response).applied(judgement.verdict.reply()))
    }

    /// No policy can judge the request.
    fn refuse(&self, host: &dyn Host, headers: &HeaderBlock, unfit: Unfit, witness: &mut impl Witness) -> Flow {
        let outcome = outcome(self.common.mode, true, unfit == Unfit::Host);
        record_unfit(self, host, headers, unfit, outcome);
        witness.refused(headers, unfit, outcome);
        if outcome == Outcome::Denied { Flow::Reply(unfit.reply()) } else { Flow::Continue }
    }
}
