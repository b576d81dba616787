//! Markup or script that a browser would run. Harmless markup (`<b>`, `<p>`) is none.

mod script;

use crate::Seen;
use crate::bytes::{around, at, from, is_space, is_word, trim, until};
use crate::triggers::Trigger;

pub(crate) use script::TRIGGERS as SCRIPT;

/// What is enough by itself.
pub(crate) const MARKUP: &[&[u8]] =
    &[b"-moz-binding", b"@import", b"<!doctype", b"<!entity", b"<![cdata[", b"<?import", b"adw-script"];

/// Elements that run, load or frame something, or change how the rest of the page is read. Sorted.
const ELEMENTS: [&[u8]; 58] = [
    b"applet",
    b"audio",
    b"base",
    b"bgsound",
    b"blink",
    b"body",
    b"button",
    b"comment",
    b"details",
    b"dialog",
    b"embed",
    b"fieldset",
    b"foreignobject",
    b"form",
    b"frame",
    b"frameset",
    b"handler",
    b"head",
    b"html",
    b"iframe",
    b"ilayer",
    b"image",
    b"img",
    b"import",
    b"input",
    b"isindex",
    b"keygen",
    b"layer",
    b"link",
    b"listener",
    b"listing",
    b"marquee",
    b"math",
    b"menuitem",
    b"meta",
    b"nobr",
    b"noembed",
    b"noframes",
    b"noscript",
    b"object",
    b"optgroup",
    b"param",
    b"plaintext",
    b"portal",
    b"script",
    b"select",
    b"slot",
    b"style",
    b"svg",
    b"template",
    b"textarea",
    b"title",
    b"track",
    b"video",
    b"vmlframe",
    b"xml",
    b"xmp",
    b"xss",
];

/// Attributes that run or load something, besides those that begin with `on`.
const ATTRIBUTES: [&[u8]; 6] = [b"formaction", b"srcdoc", b"xlink:href", b"fscommand", b"seeksegmenttime", b"background"];

/// Words that begin with `on` and are no event.
const NO_EVENTS: [&[u8]; 14] = [
    b"onboarding",
    b"once",
    b"one",
    b"ones",
    b"ongoing",
    b"online",
    b"only",
    b"onset",
    b"onshore",
    b"onsite",
    b"onto",
    b"ontology",
    b"onus",
    b"onward",
];

/// Whether it is there.
pub(crate) fn is_in(seen: Seen<'_>) -> bool {
    let (value, triggers) = (seen.value, seen.triggers);
    triggers.has(Trigger::Markup)
        || opens_element(value)
        || has_event(value)
        || script::is_address(value)
        || (triggers.has(Trigger::Script) && script::is_code(value, seen.place))
        || is_seven_bit_markup(value)
}

/// `<script`, `</script`, `<x:script`, `< s c r i p t`.
fn opens_element(value: &[u8]) -> bool {
    memchr::memchr_iter(b'<', value).any(|open| {
        let rest = from(value, open + 1);
        let blanks =
            |bytes: &[u8]| bytes.iter().take(16).take_while(|byte| is_space(**byte) || **byte == b'/' || **byte == 0).count();
        let rest = from(rest, blanks(rest));
        // The namespace goes.
        let prefix = rest.iter().take(24).take_while(|byte| is_word(**byte)).count();
        let rest = if at(rest, prefix) == b':' { from(rest, prefix + 1) } else { rest };
        let rest = from(rest, blanks(rest));
        is_element(rest) || (at(rest, 1) == b' ' && is_spaced_element(rest))
    })
}

fn is_element(rest: &[u8]) -> bool {
    let name = until(rest, rest.iter().take(16).take_while(|byte| byte.is_ascii_alphanumeric()).count());
    // What follows a name ends it; a letter of another alphabet or a hyphen makes another of it.
    let ends = !matches!(at(rest, name.len()), b'-' | b'_' | b'@' | 0x80..);
    ends && ELEMENTS.binary_search(&name).is_ok()
}

/// `s c r i p t`, as old filters were passed.
fn is_spaced_element(rest: &[u8]) -> bool {
    let letters: Vec<u8> = rest.iter().take(24).copied().filter(|byte| !is_space(*byte)).collect();
    let name = until(&letters, letters.iter().take_while(|byte| byte.is_ascii_alphabetic()).count());
    let spaced = rest.iter().take(name.len() * 2).enumerate().all(|(at, byte)| at % 2 == 0 || is_space(*byte));
    spaced && name.len() > 3 && ELEMENTS.binary_search(&name).is_ok()
}

/// `onload=`, ` onerror =`, `formaction=`, where an attribute may begin.
fn has_event(value: &[u8]) -> bool {
    memchr::memchr_iter(b'=', value).any(|equals| {
        let before = until(value, equals);
        let before = until(before, before.len() - before.iter().rev().take(8).take_while(|byte| is_space(**byte)).count());
        let length = before.iter().rev().take(51).take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b':').count();
        let (boundary, name) = before.split_at_checked(before.len() - length).unwrap_or_default();
        let boundary = boundary.last().copied();
        let begins = match boundary {
            None => true,
            Some(byte) => is_space(byte) || matches!(byte, b'"' | b'\'' | b'/' | b'`' | b';' | b'<' | b',' | b'(' | 0),
        };
        // A comparison.
        let compares = at(value, equals + 1) == b'=';
        begins && !compares && (is_event(name) || (boundary.is_some() && ATTRIBUTES.contains(&name)))
    })
}

fn is_event(name: &[u8]) -> bool {
    name.len() > 4 && name.starts_with(b"on") && name.iter().all(u8::is_ascii_alphabetic) && !NO_EVENTS.contains(&name)
}

/// Markup in an encoding whose eighth bit a browser drops.
fn is_seven_bit_markup(value: &[u8]) -> bool {
    around(value, b"\xbc").any(|(_, rest)| {
        let name = until(rest, rest.iter().take(16).take_while(|byte| byte.is_ascii_alphanumeric()).count());
        ELEMENTS.binary_search(&name).is_ok() && trim(from(rest, name.len())).contains(&0xbe)
    })
}

#[cfg(test)]
mod tests {
    use super::ELEMENTS;

    #[test]
    fn the_elements_are_sorted() {
        assert!(ELEMENTS.is_sorted());
    }
}
