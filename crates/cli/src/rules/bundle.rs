//! bundle: its parts have rules, and it has none.

use bundle::BundleConfig;
use portcullis_config::{ConfigError, load};
use portcullis_filter::Filter as _;
use portcullis_http::RuleIndex;

use super::{Choice, Rules};

pub(super) fn rules(config: &[u8]) -> Result<Rules, ConfigError> {
    let common = load::<BundleConfig>(config, bundle::Bundle::NAME)?.common;
    Ok(Rules {
        instance: common.instance.to_string(),
        reasons: "",
        mode: common.mode,
        rules: Vec::new(),
        may_not_match: false,
        on_ambiguous: common.path.on_ambiguous,
        choice: Choice::All,
        index: RuleIndex::new(std::iter::empty()),
    })
}
