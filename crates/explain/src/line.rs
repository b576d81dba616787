//! The line that brings an explanation out of a filter: through the one port that every host has.

use portcullis_filter::{Log, LogLevel};
use serde::Serialize;
use serde_json::Value as Json;

use crate::credentials::Credentials;

/// What the line begins with: no decision record does.
const PREFIX: &str = "explanation ";

/// Logs `explanation`, without any part of these credentials.
pub fn tell(host: &(impl Log + ?Sized), credentials: &Credentials, explanation: &impl Serialize) {
    let Ok(mut json) = serde_json::to_value(explanation) else { return };
    hide(&mut json, credentials);
    host.log(LogLevel::Debug, &format!("{PREFIX}{json}"));
}

/// The explanation that `line` is, if it is one.
#[must_use]
pub fn read(line: &str) -> Option<Json> {
    serde_json::from_str(line.strip_prefix(PREFIX)?).ok()
}

fn hide(json: &mut Json, credentials: &Credentials) {
    match json {
        Json::String(text) => {
            if let Some(hidden) = credentials.hidden_in(text) {
                *text = hidden;
            }
        }
        Json::Array(elements) => elements.iter_mut().for_each(|element| hide(element, credentials)),
        Json::Object(members) => members.values_mut().for_each(|member| hide(member, credentials)),
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}
