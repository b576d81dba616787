//! What jwt-auth has published: `portcullis_filter::Identity` as JSON.

use std::cell::RefCell;
use std::hash::BuildHasher;
use std::rc::Rc;

use foldhash::fast::FixedState;
use portcullis_config::json;
use portcullis_filter::{Attributes, IDENTITY_KEY, is_same};
use portcullis_policy::Unreadable;
use serde_json::{Map, Value};

use super::TokenIdentity;
use crate::property::REFUSED;

/// How many identities are kept.
const PLACES: usize = 256;

/// The longest text that is kept, in bytes.
const TEXT_MAX: usize = 4 * 1024;

/// The most members and elements of one that is kept. Each takes some 300 bytes once it is parsed, where seven were enough to write it:
/// with this, all that is kept stays within ten megabytes, whatever claims callers have.
const PARTS_MAX: usize = 100;

/// Identities that were parsed, for the same text comes with each request that bears the same token. Each has one place, where it
/// replaces whatever was there.
#[derive(Debug, Clone, Default)]
pub(super) struct Parsed(RefCell<Vec<Option<Entry>>>);

#[derive(Debug, Clone)]
struct Entry {
    text: Box<[u8]>,
    identity: Rc<TokenIdentity>,
}

impl Parsed {
    /// The published identity; `None` where there is none.
    pub(super) fn read(&self, host: &(impl Attributes + ?Sized)) -> Result<Option<Rc<TokenIdentity>>, Unreadable> {
        match host.attribute(&[IDENTITY_KEY]).map_err(|_| REFUSED)? {
            None => Ok(None),
            Some(bytes) if bytes.is_empty() => Ok(None),
            Some(bytes) => self.of(bytes).map(Some).ok_or(Unreadable("no identity")),
        }
    }

    fn of(&self, text: Vec<u8>) -> Option<Rc<TokenIdentity>> {
        let mut places = self.0.borrow_mut();
        places.resize(PLACES, None);
        // Whoever aims at the place of another makes that one be parsed again, no more.
        let hash = FixedState::default().hash_one(&text);
        let place = usize::try_from(hash % PLACES as u64).ok().and_then(|place| places.get_mut(place))?;
        if let Some(known) = place.as_ref().filter(|known| is_same(&known.text, &text)) {
            return Some(Rc::clone(&known.identity));
        }
        let identity = Rc::new(parse(&text)?);
        if is_kept(&text) {
            *place = Some(Entry { text: text.into(), identity: Rc::clone(&identity) });
        }
        Some(identity)
    }
}

fn is_kept(text: &[u8]) -> bool {
    let parts = text.iter().filter(|byte| matches!(byte, b',' | b'[' | b'{'));
    text.len() <= TEXT_MAX && parts.count() <= PARTS_MAX
}

/// Exactly what jwt-auth writes: another shape is another writer's.
fn parse(bytes: &[u8]) -> Option<TokenIdentity> {
    let Value::Object(mut members) = json::parse(bytes).ok()? else { return None };
    let identity = TokenIdentity {
        provider: Some(text(&mut members, "provider")??),
        issuer: text(&mut members, "issuer")?,
        subject: text(&mut members, "subject")?,
        claims: members.remove("claims").filter(Value::is_object)?,
        header: Some(members.remove("header").filter(Value::is_object)?),
    };
    members.is_empty().then_some(identity)
}

/// A text that may be absent; `None` where it is something else.
fn text(members: &mut Map<String, Value>, name: &str) -> Option<Option<String>> {
    match members.remove(name) {
        None => Some(None),
        Some(Value::String(text)) => Some(Some(text)),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(subject: &str) -> Vec<u8> {
        format!(r#"{{"provider":"main","subject":"{subject}","claims":{{}},"header":{{}}}}"#).into_bytes()
    }

    #[test]
    fn each_text_is_its_own_identity_however_many_there_are() {
        let parsed = Parsed::default();
        for round in 0..2 {
            for number in 0..4 * PLACES {
                let subject = number.to_string();
                let identity = parsed.of(text(&subject)).unwrap();
                assert_eq!(identity.subject.as_deref(), Some(subject.as_str()), "{round}");
            }
        }
        assert_eq!(parsed.0.borrow().len(), PLACES);
    }

    #[test]
    fn the_same_text_is_parsed_once() {
        let parsed = Parsed::default();
        let (once, again) = (parsed.of(text("alice")).unwrap(), parsed.of(text("alice")).unwrap());
        assert!(Rc::ptr_eq(&once, &again));
    }

    #[test]
    fn what_is_no_identity_or_too_large_is_not_kept() {
        let parsed = Parsed::default();
        assert!(parsed.of(b"{}".to_vec()).is_none());
        assert!(parsed.of(text(&"x".repeat(TEXT_MAX))).is_some());
        let many = format!(r#"{{"provider":"main","claims":{{"list":[{}0]}},"header":{{}}}}"#, "{},".repeat(PARTS_MAX));
        assert!(parsed.of(many.into_bytes()).is_some());
        assert!(parsed.0.borrow().iter().all(Option::is_none));
    }
}
