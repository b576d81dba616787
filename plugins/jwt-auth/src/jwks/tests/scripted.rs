//! The smallest filter with remote keys: the token stands in a header of its own and must have a good signature.

use std::rc::Rc;
use std::time::Duration;

use portcullis_filter::{
    CallResponse, Callback, Callbacks, ConfigError, Filter, Flow, HeaderMap, Host, LocalReply, Reason, Setup, Stream, StreamId,
};
use portcullis_jose::{CompactJws, NoNative, TokenError, TokenRules, verify};

use crate::jwks::{DiscoveryConfig, Hold, KeySources, Rejudged, RemoteJwksConfig, RemoteKeys, SourceId, UnknownKey, Waited};

pub(super) struct Scripted(Rc<KeySources>);

pub(super) struct ScriptedStream {
    id: StreamId,
    keys: Rc<KeySources>,
    hold: Option<Hold>,
}

const ONLY: SourceId = SourceId(0);

impl Filter for Scripted {
    const NAME: &'static str = "scripted";
    const CALLBACKS: Callbacks =
        Callbacks::of(&[Callback::Tick, Callback::HttpCallResponse, Callback::RequestHeaders, Callback::RequestBody]);
    type Stream = ScriptedStream;

    /// A `remote_jwks`, or `{issuer, discovery}`.
    fn configure(config: &[u8], host: &dyn Setup) -> Result<Self, ConfigError> {
        let config = portcullis_config::json::parse(config).unwrap();
        let remote = match config.get("discovery") {
            Some(discovery) => {
                let discovery = portcullis_config::from_value::<DiscoveryConfig>(discovery).map_err(ConfigError::new)?;
                RemoteKeys::discovered(discovery, config["issuer"].as_str(), host)
            }
            None => {
                let config = portcullis_config::from_value::<RemoteJwksConfig>(&config).map_err(ConfigError::new)?;
                RemoteKeys::at(config, host)
            }
        };
        let mut keys = KeySources::default();
        keys.add("test", "main", remote.map_err(ConfigError::new)?);
        Ok(Self(Rc::new(keys)))
    }

    fn stream(&self, id: StreamId) -> ScriptedStream {
        ScriptedStream { id, keys: Rc::clone(&self.0), hold: None }
    }

    fn tick_period(&self) -> Option<Duration> {
        self.0.tick_period()
    }

    fn on_tick(&self, host: &dyn Host) {
        self.0.on_tick(host, &mut |host, waited| judge(&self.0, host, Some(waited)));
    }

    fn on_http_call_response(&self, host: &dyn Host, response: CallResponse) {
        self.0.on_http_call_response(host, response, &mut |host, waited| judge(&self.0, host, Some(waited)));
    }
}

impl Stream for ScriptedStream {
    fn on_request_headers(&mut self, host: &dyn Host, _: bool) -> Flow {
        match judge(&self.keys, host, None) {
            Rejudged::Decided(flow) => flow,
            Rejudged::Waits(source) => {
                self.hold = self.keys.hold(source, self.id, host.now());
                if self.hold.is_some() { Flow::Pause } else { refuse(503) }
            }
        }
    }

    fn on_request_body(&mut self, _: &dyn Host, _: usize, _: bool) -> Flow {
        if self.hold.as_ref().is_some_and(Hold::is_held) { Flow::Pause } else { Flow::Continue }
    }
}

fn judge(keys: &KeySources, host: &dyn Host, waited: Option<Waited>) -> Rejudged {
    let now = host.now();
    let waits = || match waited {
        Some(waited) if waited.expired => Rejudged::Decided(refuse(503)),
        _ => Rejudged::Waits(ONLY),
    };
    let Some((set, _)) = keys.current(ONLY, now) else { return waits() };
    let headers = host.headers(HeaderMap::RequestHeaders).unwrap();
    let token = CompactJws::parse(headers.only("token").unwrap()).unwrap();
    match verify(&token, &set, &TokenRules::default(), now.since_epoch(), &NoNative) {
        Ok(_) => Rejudged::Decided(Flow::Continue),
        Err(TokenError::UnknownKey) => {
            let asked = waited.map_or(now, |waited| waited.since);
            let kid = headers.only("token").map(kid_of);
            match keys.unknown_key(ONLY, kid.as_deref(), asked, now) {
                UnknownKey::Refuse => Rejudged::Decided(refuse(401)),
                UnknownKey::Hold => waits(),
            }
        }
        Err(_) => Rejudged::Decided(refuse(401)),
    }
}

/// The token's whole header tells keys apart as well as the `kid` in it.
fn kid_of(token: &[u8]) -> String {
    token.split(|byte| *byte == b'.').next().map(|header| String::from_utf8_lossy(header).into_owned()).unwrap()
}

fn refuse(status: u16) -> Flow {
    Flow::Reply(LocalReply::problem(status, "test", "test", Reason("test")))
}
