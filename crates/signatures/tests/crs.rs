//! How much of the OWASP Core Rule Set's regression requests is found, by category, and how much of real traffic is.
#![expect(clippy::unwrap_used, reason = "test code, never in a proxy: a panic is a failed test")]

use std::collections::BTreeMap;
use std::env;
use std::fs;

use portcullis_signatures::{Place, Signature, Signatures, scan};
use serde_json::Value;

/// A category, what is looked for, and the share in percent that is found at least, at paranoia level 1.
const FLOORS: [(&str, usize); 8] = [
    ("REQUEST-942-APPLICATION-ATTACK-SQLI", 99),
    ("REQUEST-941-APPLICATION-ATTACK-XSS", 95),
    ("REQUEST-930-APPLICATION-ATTACK-LFI", 100),
    ("REQUEST-932-APPLICATION-ATTACK-RCE", 91),
    ("REQUEST-933-APPLICATION-ATTACK-PHP", 45),
    ("REQUEST-934-APPLICATION-ATTACK-GENERIC", 63),
    ("REQUEST-944-APPLICATION-ATTACK-JAVA", 18),
    ("REQUEST-921-PROTOCOL-ATTACK", 25),
];

/// Categories that no signature is for, each with the reason.
const UNSOUGHT: [(&str, &str); 5] = [
    ("REQUEST-911-METHOD-ENFORCEMENT", "`methods` of a rule"),
    ("REQUEST-920-PROTOCOL-ENFORCEMENT", "the checks of heads and framing, and Envoy's"),
    ("REQUEST-922-MULTIPART-ATTACK", "the parser of multipart bodies"),
    ("REQUEST-931-APPLICATION-ATTACK-RFI", "an address of a file elsewhere is an address: a schema says where one may stand"),
    ("REQUEST-943-APPLICATION-ATTACK-SESSION-FIXATION", "a cookie's name in a value is no attack by itself"),
];

#[test]
fn the_suite_of_the_core_rule_set() {
    let Some(requests) = portcullis_suites::rows("crs/crs_request_visible.jsonl") else { return };
    let mut shares: BTreeMap<(String, String), (usize, usize)> = BTreeMap::new();
    for request in requests {
        let found = found_in(&request);
        let category = request["category"].as_str().unwrap();
        let label = format!("{} {}", request["paranoia_level"], request["label"].as_str().unwrap());
        let share = shares.entry((category.to_owned(), label.clone())).or_default();
        share.1 += 1;
        share.0 += usize::from(!found.is_empty());
        let wanted = env::var("CRS_SHOW").is_ok_and(|show| category.contains(&show) && label.starts_with('1'));
        if wanted && found.is_empty() == label.contains("attack") {
            println!("{} {label} {found:?}", request["id"]);
        }
    }
    for ((category, label), (found, all)) in &shares {
        println!("{category} {label}: {found} of {all}, {} %", found * 100 / all);
    }
    let known = |category: &str| {
        UNSOUGHT.iter().any(|(known, _)| *known == category) || FLOORS.iter().any(|(known, _)| *known == category)
    };
    let others = shares.keys().filter(|(category, label)| label == "1 attack" && !known(category));
    assert_eq!(others.collect::<Vec<_>>(), Vec::<&(String, String)>::new(), "categories without a floor");
    for (category, floor) in FLOORS {
        let (found, all) = shares[&(category.to_owned(), "1 attack".to_owned())];
        assert!(found * 100 >= all * floor, "{category}: {found} of {all}");
    }
}

#[test]
fn no_real_user_agent_is_refused() {
    let Some(agents) = portcullis_suites::path("crs/extra/popularUAs.data") else { return };
    let agents = fs::read(agents).unwrap();
    let refused: Vec<_> = agents
        .split(|byte| *byte == b'\n')
        .filter(|agent| !scan(agent, Place::Header, Signatures::ALL).is_empty())
        .map(|agent| (String::from_utf8_lossy(agent).into_owned(), scan(agent, Place::Header, Signatures::ALL)))
        .collect();
    assert!(refused.is_empty(), "{refused:#?}");
}

/// What the plugin looks at: segments of the path, query, cookies, headers, and bodies by their media type.
fn found_in(request: &Value) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    let mut look = |place: Place, value: &[u8]| {
        for signature in scan(value, place, Signatures::ALL).iter() {
            found.push((signature.name(), String::from_utf8_lossy(value).chars().take(60).collect::<String>()));
        }
    };
    let uri = request["uri"].as_str().unwrap();
    let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
    path.split('/').for_each(|segment| look(Place::Value, &percent(segment, false)));
    look(Place::Value, &percent(path, false));
    let fields = |text: &str, look: &mut dyn FnMut(Place, &[u8])| {
        for field in text.split('&') {
            let (name, value) = field.split_once('=').unwrap_or((field, ""));
            look(Place::Name, &percent(name, true));
            look(Place::Value, &percent(value, true));
        }
    };
    fields(query.split('#').next().unwrap_or(query), &mut look);
    if query.contains('#') {
        fields(query, &mut look);
    }
    let mut media_type = String::new();
    for header in request["headers"].as_array().unwrap() {
        let (name, value) = (header[0].as_str().unwrap().to_lowercase(), header[1].as_str().unwrap());
        match name.as_str() {
            "cookie" => {
                for cookie in value.split(';') {
                    let (name, value) = cookie.split_once('=').unwrap_or((cookie, ""));
                    look(Place::Name, &percent(name.trim(), false));
                    look(Place::Value, &percent(value, false));
                }
            }
            "content-type" => media_type = value.to_lowercase(),
            "host" | "content-length" | "connection" | "accept-encoding" | "accept" => {}
            _ => look(Place::Header, value.as_bytes()),
        }
    }
    let Some(body) = request["body"].as_str() else { return found };
    match media_type.as_str() {
        json if json.contains("json") => {
            if let Ok(value) = serde_json::from_str::<Value>(body) {
                strings(&value, &mut look);
            }
        }
        text if text.starts_with("text/plain") || text.contains("xml") => look(Place::Value, body.as_bytes()),
        parts if parts.starts_with("multipart/") => {
            for part in body.split("name=\"").skip(1) {
                let (name, rest) = part.split_once('"').unwrap_or((part, ""));
                look(Place::Name, name.as_bytes());
                look(Place::Value, rest.as_bytes());
            }
        }
        _ => fields(body, &mut look),
    }
    found
}

fn strings(value: &Value, look: &mut dyn FnMut(Place, &[u8])) {
    match value {
        Value::String(text) => look(Place::Value, text.as_bytes()),
        Value::Array(values) => values.iter().for_each(|value| strings(value, look)),
        Value::Object(entries) => entries.iter().for_each(|(key, value)| {
            look(Place::Name, key.as_bytes());
            strings(value, look);
        }),
        _ => {}
    }
}

fn percent(text: &str, plus: bool) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::new();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let escaped = bytes.get(at + 1..at + 3).and_then(|digits| std::str::from_utf8(digits).ok());
        match (byte, escaped.and_then(|digits| u8::from_str_radix(digits, 16).ok())) {
            (b'%', Some(value)) => {
                decoded.push(value);
                at += 3;
            }
            (b'+', _) if plus => {
                decoded.push(b' ');
                at += 1;
            }
            _ => {
                decoded.push(*byte);
                at += 1;
            }
        }
    }
    decoded
}

#[test]
fn every_signature_has_a_name() {
    let names: Vec<_> = Signatures::ALL.iter().map(Signature::name).collect();
    assert_eq!(names, ["sqli", "xss", "path_traversal", "command", "template", "crlf"]);
}
