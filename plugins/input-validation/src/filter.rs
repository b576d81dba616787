//! The filter: judges the head of a request at once and its body as it comes, and holds it until all of it is judged.

use std::rc::Rc;

use portcullis_filter::{Callback, Callbacks, ConfigError, Filter, Flow, HeaderBlock, HeaderMap, Host, Setup, Stream, StreamId};
use portcullis_gate::{Unfit, forward_judged, judged};

use crate::answer::Answer;
use crate::config::{InputValidationConfig, OnNoMatch};
use crate::judge::Verdict;
use crate::pending::{Pending, Travel};
use crate::settings::Settings;
use crate::witness::Witness;

/// The plugin, configured.
#[derive(Debug)]
pub struct InputValidation(Rc<Settings>);

/// One request.
#[derive(Debug)]
pub struct InputValidationStream {
    settings: Rc<Settings>,
    /// What is still to be judged; `None` once all is.
    pending: Option<Pending>,
    /// What is known of the answer, once the request's head has come.
    answer: Option<Answer>,
}

impl InputValidation {
    /// The plugin with this configuration; [`Filter::configure`], with the places of what is wrong.
    ///
    /// # Errors
    /// When the configuration is wrong.
    pub fn load(config: &[u8]) -> Result<Self, portcullis_config::ConfigError> {
        let loaded = portcullis_config::load::<InputValidationConfig>(config, Self::NAME)?;
        Settings::new(loaded).map(|settings| Self(Rc::new(settings)))
    }
}

impl Filter for InputValidation {
    const NAME: &'static str = "input_validation";
    const CALLBACKS: Callbacks = Callbacks::of(&[
        Callback::RequestHeaders,
        Callback::RequestBody,
        Callback::RequestTrailers,
        Callback::ResponseHeaders,
        Callback::ResponseBody,
        Callback::ResponseTrailers,
    ]);
    type Stream = InputValidationStream;

    fn configure(config: &[u8], _host: &dyn Setup) -> Result<Self, ConfigError> {
        Self::load(config).map_err(ConfigError::new)
    }

    fn stream(&self, _id: StreamId) -> InputValidationStream {
        InputValidationStream { settings: Rc::clone(&self.0), pending: None, answer: None }
    }
}

impl Stream for InputValidationStream {
    fn on_request_headers(&mut self, host: &dyn Host, end_of_stream: bool) -> Flow {
        self.headers(host, end_of_stream, &mut ())
    }

    fn on_request_body(&mut self, host: &dyn Host, size: usize, end_of_stream: bool) -> Flow {
        self.body(host, size, end_of_stream, &mut ())
    }

    fn on_request_trailers(&mut self, host: &dyn Host) -> Flow {
        self.trailers(host, &mut ())
    }

    fn on_response_headers(&mut self, host: &dyn Host, end_of_stream: bool) -> Flow {
        let settings = &self.settings;
        self.answer.as_mut().map_or(Flow::Continue, |answer| answer.headers(host, settings, end_of_stream))
    }

    fn on_response_body(&mut self, host: &dyn Host, size: usize, end_of_stream: bool) -> Flow {
        let settings = &self.settings;
        self.answer.as_mut().map_or(Flow::Continue, |answer| answer.body(host, settings, size, end_of_stream))
    }

    fn on_response_trailers(&mut self, host: &dyn Host) -> Flow {
        if let Some(answer) = &mut self.answer {
            answer.trailers(host);
        }
        Flow::Continue
    }
}

impl InputValidationStream {
    /// What every stream shares.
    pub(crate) fn settings(&self) -> &Rc<Settings> {
        &self.settings
    }

    /// Judges the head of the request before this `witness`.
    pub(crate) fn headers(&mut self, host: &dyn Host, end_of_stream: bool, witness: &mut impl Witness) -> Flow {
        let settings = Rc::clone(&self.settings);
        match host.headers(HeaderMap::RequestHeaders) {
            Ok(headers) => self.head(host, headers, end_of_stream, witness),
            Err(_) => settings.refuse_unfit(host, &HeaderBlock::default(), Unfit::Host, witness),
        }
    }

    /// Judges what has come of the body.
    pub(crate) fn body(&mut self, host: &dyn Host, size: usize, end_of_stream: bool, witness: &mut impl Witness) -> Flow {
        let settings = Rc::clone(&self.settings);
        let Some(mut pending) = self.pending.take() else { return Flow::Continue };
        if pending.read(&settings, host, size).is_err() {
            return settings.refuse_unfit(host, &pending.headers, Unfit::Host, witness);
        }
        if end_of_stream {
            return settings.finish(host, pending, witness);
        }
        if let Some(violation) = pending.governing.as_mut().and_then(|trial| trial.violation.take()) {
            return settings.refuse(host, &pending, &violation, witness);
        }
        let flow = match pending.travel {
            Travel::Held(_) => Flow::Pause,
            Travel::Passing => Flow::Continue,
        };
        self.pending = Some(pending);
        flow
    }

    /// Judges the trailers, with which the body is over.
    pub(crate) fn trailers(&mut self, host: &dyn Host, witness: &mut impl Witness) -> Flow {
        let settings = Rc::clone(&self.settings);
        let Some(mut pending) = self.pending.take() else { return Flow::Continue };
        let checked = match host.headers(HeaderMap::RequestTrailers) {
            Ok(trailers) => settings.head_limits.check(&trailers),
            Err(_) => return settings.refuse_unfit(host, &pending.headers, Unfit::Host, witness),
        };
        if let Some(governing) = &mut pending.governing {
            governing.note(checked.err());
        }
        settings.finish(host, pending, witness)
    }

    fn head(&mut self, host: &dyn Host, headers: Rc<HeaderBlock>, end_of_stream: bool, witness: &mut impl Witness) -> Flow {
        let settings = Rc::clone(&self.settings);
        self.answer = Some(Answer::new(Rc::clone(&headers), None));
        let request = match judged(&headers, &settings.index, settings.common.path.on_ambiguous) {
            Ok(request) => request,
            Err(malformed) => return settings.refuse_unfit(host, &headers, Unfit::Malformed(malformed), witness),
        };
        if let Err(violation) = settings.check_head(&headers) {
            let verdict = Verdict { headers: &headers, path: request.path(), rule: None, violation: Some(&violation) };
            return settings.conclude(host, verdict, witness);
        }
        let trials = settings.try_head(host, &headers, &request, end_of_stream, witness);
        let refused = match &trials.governing {
            Some(trial) => trial.violation.is_some(),
            None => settings.on_no_match == OnNoMatch::Reject || trials.without_rule.is_some(),
        };
        let answer = Answer::new(Rc::clone(&headers), trials.governing.as_ref().map(|trial| trial.rule));
        let prepared = refused || (forward_judged(host, &request).is_ok() && answer.prepare(host, &settings).is_ok());
        self.answer = Some(answer);
        if !prepared {
            return settings.refuse_unfit(host, &headers, Unfit::Host, witness);
        }
        let travel = settings.travel(&trials);
        let over = refused || end_of_stream || trials.upgrade;
        let pending = Pending {
            headers: Rc::clone(&headers),
            governing: trials.governing,
            shadow: trials.shadow,
            without_rule: trials.without_rule,
            detected: trials.detected,
            travel,
        };
        if over {
            return settings.finish(host, pending, witness);
        }
        self.pending = Some(pending);
        match travel {
            Travel::Held(_) if settings.stop_iteration => Flow::Pause,
            _ => Flow::Continue,
        }
    }
}
