//! How a decision is concluded.

use portcullis_config::{Common, Mode};
use portcullis_filter::{Outcome, Recorder, RecorderOptions};

/// What becomes of a request. A proxy that did not do what it was asked refuses in shadow mode too: that is not what shadow mode
/// tries out.
#[must_use]
pub fn outcome(mode: Mode, refused: bool, host_failed: bool) -> Outcome {
    match (refused, mode) {
        (false, _) => Outcome::Allowed,
        (true, Mode::Shadow) if !host_failed => Outcome::Shadow,
        (true, _) => Outcome::Denied,
    }
}

/// Where the decisions of the plugin go.
#[must_use]
pub fn recorder(common: &Common) -> Recorder {
    Recorder::new(RecorderOptions {
        instance: common.instance.to_string(),
        allowed: common.decisions.allowed,
        max_per_second: common.decisions.max_per_second,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shadow_mode_lets_pass_what_is_refused_but_not_what_the_proxy_failed_to_do() {
        assert_eq!(outcome(Mode::Enforce, false, false), Outcome::Allowed);
        assert_eq!(outcome(Mode::Enforce, true, false), Outcome::Denied);
        assert_eq!(outcome(Mode::Shadow, true, false), Outcome::Shadow);
        assert_eq!(outcome(Mode::Shadow, true, true), Outcome::Denied);
    }
}
