//! Numbers of payment cards (ISO/IEC 7812): 12 to 19 digits, perhaps in groups, of an issuer's range and with the right check digit.

/// The longest number, with a separator after each digit.
pub(crate) const REACH: usize = 19 * 2;

const DIGITS_MIN: usize = 12;
const DIGITS_MAX: usize = 19;

/// The end of the number that begins at `start`: of several, the longest.
pub(crate) fn ends(text: &[u8], start: usize) -> Option<usize> {
    if !begins(text, start) {
        return None;
    }
    let mut digits = [0_u8; DIGITS_MAX];
    let mut count = 0;
    let mut at = start;
    let mut group = 0;
    let mut groups = 0;
    let mut found = None;
    while let (Some(digit), Some(place)) = (text.get(at).filter(|byte| byte.is_ascii_digit()), digits.get_mut(count)) {
        *place = digit - b'0';
        count += 1;
        group += 1;
        at += 1;
        match (text.get(at), text.get(at + 1)) {
            (Some(next), _) if next.is_ascii_digit() => continue,
            // The whole part of a number with a fraction.
            (Some(b'.'), Some(next)) if next.is_ascii_digit() => break,
            (next, after) => {
                if group > 2 && is_card(digits.get(..count).unwrap_or_default()) {
                    found = Some(at);
                }
                let separated = matches!(next, Some(b' ' | b'-')) && after.is_some_and(u8::is_ascii_digit);
                // As they are printed: four digits first, then as many or more.
                if !separated || group < 4 || (groups == 0 && group > 4) {
                    break;
                }
                groups += 1;
                group = 0;
                at += 1;
            }
        }
    }
    found
}

/// Whether a number begins at `start`: no digit stands before it, nor the point of a fraction.
fn begins(text: &[u8], start: usize) -> bool {
    let before = |by: usize| start.checked_sub(by).and_then(|at| text.get(at)).copied().unwrap_or_default();
    let fraction = before(1) == b'.' && before(2).is_ascii_digit();
    text.get(start).is_some_and(u8::is_ascii_digit) && !before(1).is_ascii_digit() && !fraction
}

/// Where the digits begin, at the end of `text`, to which more digits could be added.
pub(crate) fn unfinished(text: &[u8]) -> usize {
    let tail = text.iter().rev().take(REACH + 2);
    let length = tail.take_while(|byte| byte.is_ascii_digit() || matches!(byte, b' ' | b'-' | b'.')).count();
    text.len() - length
}

fn is_card(digits: &[u8]) -> bool {
    (DIGITS_MIN..=DIGITS_MAX).contains(&digits.len()) && is_issued(digits) && checks(digits)
}

/// The ranges of the issuers, with the lengths that they use.
fn is_issued(digits: &[u8]) -> bool {
    let prefix = |length: usize| digits.iter().take(length).fold(0_u32, |prefix, digit| prefix * 10 + u32::from(*digit));
    let length = digits.len();
    match (prefix(1), prefix(2), prefix(3), prefix(4)) {
        (4, ..) => matches!(length, 13 | 16 | 19),
        (_, 51..=55, ..) | (_, _, _, 2221..=2720) => length == 16,
        (_, 34 | 37, ..) => length == 15,
        (_, 36 | 38 | 39, ..) | (_, _, 300..=305, _) => (14..=19).contains(&length),
        (_, 62 | 65, ..) | (_, _, 644..=649, _) | (_, _, _, 3528..=3589 | 6011) => (16..=19).contains(&length),
        (_, 50 | 56..=58 | 60 | 61 | 63 | 66..=69, ..) => true,
        _ => false,
    }
}

/// The check digit (Luhn): every second digit from the right counts double.
fn checks(digits: &[u8]) -> bool {
    let value = |(place, digit): (usize, &u8)| match (place % 2, u32::from(*digit) * 2) {
        (0, _) => u32::from(*digit),
        (_, double) if double > 9 => double - 9,
        (_, double) => double,
    };
    digits.iter().rev().enumerate().map(value).sum::<u32>() % 10 == 0
}
