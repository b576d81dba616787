use super::*;

fn serialized(pairs: &[(&[u8], &[u8])]) -> Vec<u8> {
    let mut bytes = (pairs.len() as u32).to_le_bytes().to_vec();
    for (name, value) in pairs {
        bytes.extend((name.len() as u32).to_le_bytes());
        bytes.extend((value.len() as u32).to_le_bytes());
    }
    for piece in pairs.iter().flat_map(|(name, value)| [name, value]) {
        bytes.extend_from_slice(piece);
        bytes.push(0);
    }
    bytes
}

#[test]
fn keeps_order_repetition_and_raw_bytes() {
    let pairs: [(&[u8], &[u8]); 3] = [(b":path", b"/"), (b"x-a", b"\xff\xfe"), (b"x-a", b"")];
    let block = HeaderBlock::parse(serialized(&pairs)).unwrap();
    assert_eq!(block.iter().collect::<Vec<_>>(), pairs);
    assert_eq!(block.all("x-a").count(), 2);
    assert_eq!(block.only(":path"), Some(&b"/"[..]));
    assert_eq!(block.only("x-a"), None);
}

#[test]
fn an_empty_answer_is_an_empty_map() {
    assert!(HeaderBlock::parse(Vec::new()).unwrap().is_empty());
    assert!(HeaderBlock::parse(serialized(&[])).unwrap().is_empty());
}

#[test]
fn refuses_every_truncation() {
    let bytes = serialized(&[(b"a", b"1"), (b"b", b"22")]);
    for cut in 1..bytes.len() {
        assert_eq!(HeaderBlock::parse(bytes[..cut].to_vec()), Err(MalformedHeaders), "cut at {cut}");
    }
}

#[test]
fn refuses_lengths_that_point_outside() {
    for field in [0, 4, 8] {
        let mut bytes = serialized(&[(b"a", b"1")]);
        bytes[field..field + 4].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(HeaderBlock::parse(bytes), Err(MalformedHeaders), "field at {field}");
    }
}
