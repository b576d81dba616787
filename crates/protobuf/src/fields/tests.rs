use proptest::prelude::*;

use super::*;
use crate::Message;

fn all(bytes: &[u8]) -> Result<Vec<(u64, Wire<'_>)>, Malformed> {
    Fields::of(bytes).collect()
}

#[test]
fn reads_every_kind_of_field_with_its_number() {
    let bytes = b"\x08\x96\x01\x11\x01\0\0\0\0\0\0\x02\x1a\x02hi\x25\x01\0\0\x03\xa2\x06\x00";
    let expected = [
        (1, Wire::Varint(150)),
        (2, Wire::Fixed64([1, 0, 0, 0, 0, 0, 0, 2])),
        (3, Wire::Bytes(b"hi")),
        (4, Wire::Fixed32([1, 0, 0, 3])),
        (100, Wire::Bytes(b"")),
    ];
    assert_eq!(all(bytes), Ok(expected.to_vec()));
    assert_eq!(all(b""), Ok(vec![]));
}

#[test]
fn refuses_what_contradicts_itself() {
    let bad: [&[u8]; 8] = [
        b"\x08",                                             // no value
        b"\x11\0\0\0\0\0\0\0",                               // seven bytes of eight
        b"\x1a\x03hi",                                       // a length beyond the end
        b"\x1a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",     // a length beyond any end
        b"\x25\0\0\0",                                       // three bytes of four
        b"\x0b\x0c",                                         // a group
        b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02",     // more than 64 bits
        b"\x08\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00", // more than ten bytes
    ];
    for bytes in bad {
        assert_eq!(all(bytes), Err(Malformed), "{}", bytes.escape_ascii());
    }
}

#[test]
fn nothing_follows_what_is_malformed() {
    let mut fields = Fields::of(b"\x08\x01\x0b\x08\x02");
    assert_eq!(fields.next(), Some(Ok((1, Wire::Varint(1)))));
    assert_eq!((fields.next(), fields.next()), (Some(Err(Malformed)), None));
}

proptest! {
    #[test]
    fn reads_what_was_written(fields in prop::collection::vec((1_u32..2000, any::<Option<u64>>(), prop::collection::vec(any::<u8>(), 0..300)), 0..20)) {
        let mut message = Message::default();
        for (number, integer, bytes) in &fields {
            message = match integer {
                Some(integer) => message.varint(*number, *integer),
                None => message.bytes(*number, bytes),
            };
        }
        let written = message.finish();
        let expected = fields.iter().map(|(number, integer, bytes)| {
            (u64::from(*number), integer.map_or(Wire::Bytes(bytes.as_slice()), Wire::Varint))
        });
        prop_assert_eq!(all(&written), Ok(expected.collect::<Vec<_>>()));
    }

    #[test]
    fn any_bytes_end(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Fields::of(&bytes).count() <= bytes.len());
    }
}
