//! A way to a file that was not offered: steps upwards, and files that everybody knows.

use crate::Seen;
use crate::bytes::{around, at, from, is_word, until};
use crate::triggers::Trigger;

/// What no value names by accident.
pub(crate) const FILES: &[&[u8]] = &[
    b"/.aws/credentials",
    b"/.docker/config.json",
    b"/.git/config",
    b"/.git/head",
    b"/.htpasswd",
    b"/.kube/config",
    b"/.ssh/",
    b"/etc/crontab",
    b"/etc/group",
    b"/etc/gshadow",
    b"/etc/hosts",
    b"/etc/httpd/",
    b"/etc/issue",
    b"/etc/apache2/",
    b"/etc/kubernetes/",
    b"/etc/master.passwd",
    b"/etc/motd",
    b"/etc/mysql/",
    b"/etc/nginx/",
    b"/etc/passwd",
    b"/etc/php",
    b"/etc/shadow",
    b"/etc/ssh/",
    b"/etc/sudoers",
    b"/proc/net/",
    b"/proc/self/",
    b"/proc/sys/",
    b"/proc/version",
    b"/proc/cmdline",
    b"/proc/mounts",
    b"/root/.",
    b"/var/log/",
    b"/var/run/secrets/",
    b"/web-inf/",
    b"\\web-inf\\",
    b"/windows/system32",
    b"\\windows\\system32",
    b"/windows/win.ini",
    b"\\windows\\win.ini",
    b"/boot.ini",
];

/// Schemes that read files or run code where a path or an address was expected.
pub(crate) const SCHEMES: &[&[u8]] =
    &[b"file:/", b"php://", b"phar://", b"expect://", b"zip://", b"glob://", b"netdoc:/", b"compress.zlib://"];

/// Whether it is there.
pub(crate) fn is_in(seen: Seen<'_>) -> bool {
    let (value, triggers) = (seen.value, seen.triggers);
    triggers.has(Trigger::File)
        || (triggers.has(Trigger::Dots) && steps_up(value))
        || (triggers.has(Trigger::Scheme) && names_scheme(value))
        || (seen.shape.has_lines() && ends_early(value))
}

/// A segment that is `..`, `...` or `..;`, where there is a separator at all.
fn steps_up(value: &[u8]) -> bool {
    memchr::memmem::find_iter(value, b"..").any(|start| {
        let before = start.checked_sub(1).map(|before| at(value, before));
        let rest = from(value, start);
        let dots = rest.iter().take(4).take_while(|byte| **byte == b'.').count();
        // `..\;\..` and `.\.` too, whose backslashes some drop.
        let after = rest.get(dots).copied();
        let begins =
            before.is_none_or(|byte| matches!(byte, b'/' | b'\\' | b'=' | b'"' | b'\'' | b' ' | b':' | b';' | b',' | b'\0'));
        let ends = match after {
            Some(b'/' | b'\\') => true,
            Some(b';') => matches!(rest.get(dots + 1), Some(b'/' | b'\\' | b'.')),
            None | Some(b'\0') => matches!(before, Some(b'/' | b'\\')) && dots == 2,
            _ => false,
        };
        begins && ends && (dots == 2 || (dots == 3 && !matches!(before, Some(b' ' | b',' | b'"' | b'\''))))
    })
}

fn names_scheme(value: &[u8]) -> bool {
    let boundary = |before: &[u8]| before.last().is_none_or(|byte| !is_word(*byte) && *byte != b'-');
    SCHEMES.iter().any(|scheme| around(value, scheme).any(|(before, _)| boundary(before)))
}

/// `x.php\0.jpg`: languages with C's strings stop there.
fn ends_early(value: &[u8]) -> bool {
    memchr::memchr(0, value).is_some_and(|nul| from(value, nul + 1).starts_with(b".") || until(value, nul).contains(&b'/'))
}
