use super::*;

fn lines(count: usize) -> HeaderLines {
    (0..count).map(|index| (format!("x-{index}").into_bytes(), vec![0xff; 3])).collect()
}

#[test]
fn a_block_has_the_counts_then_the_lengths_then_the_bytes() {
    let list = HeaderList::of(&[(b"A".to_vec(), b"xy".to_vec()), (b"a".to_vec(), Vec::new())]);
    assert_eq!(encode_pairs(&list), b"\x02\0\0\0\x01\0\0\0\x02\0\0\0\x01\0\0\0\0\0\0\0a\0xy\0a\0\0");
}

#[test]
fn no_header_is_no_byte() {
    assert_eq!(encode_pairs(&HeaderList::default()), b"");
    assert_eq!(decode_pairs(b""), []);
}

#[test]
fn what_is_encoded_is_decoded() {
    let list = HeaderList::of(&lines(1024));
    assert_eq!(decode_pairs(&encode_pairs(&list)), list.lines());
}

#[test]
fn more_than_1024_pairs_are_none() {
    assert_eq!(decode_pairs(&encode_pairs(&HeaderList::of(&lines(1025)))), []);
}

#[test]
fn more_than_a_mebibyte_is_none() {
    let fitting = HeaderList::of(&[(b"x".to_vec(), vec![b'a'; (1 << 20) - 15])]);
    assert_eq!(decode_pairs(&encode_pairs(&fitting)).len(), 1);
    let larger = HeaderList::of(&[(b"x".to_vec(), vec![b'a'; (1 << 20) - 14])]);
    assert_eq!(decode_pairs(&encode_pairs(&larger)), []);
}

#[test]
fn lengths_that_point_outside_are_none() {
    for block in [&b"\x01\0\0\0"[..], b"\x01\0\0\0\x02\0\0\0\0\0\0\0a\0\0", b"\xff\xff\xff\xff", b"\x01\0"] {
        assert_eq!(decode_pairs(block), [], "{block:?}");
    }
}
