//! Just enough protobuf.

/// A field and its number.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Field<'a> {
    Bytes(u64, &'a [u8]),
    Other,
}

/// All fields of `message`; `None` when it is malformed.
pub(super) fn fields(mut message: &[u8]) -> Option<Vec<Field<'_>>> {
    let mut fields = Vec::new();
    while !message.is_empty() {
        let tag = varint(&mut message)?;
        let field = match tag & 7 {
            0 => varint(&mut message).map(|_| Field::Other),
            1 => take(&mut message, 8).map(|_| Field::Other),
            5 => take(&mut message, 4).map(|_| Field::Other),
            2 => {
                let length = usize::try_from(varint(&mut message)?).ok()?;
                take(&mut message, length).map(|bytes| Field::Bytes(tag >> 3, bytes))
            }
            _ => None,
        };
        fields.push(field?);
    }
    Some(fields)
}

pub(super) fn put_bool(message: &mut Vec<u8>, field: u64) {
    put_varint(message, field << 3);
    put_varint(message, 1);
}

pub(super) fn put_bytes(message: &mut Vec<u8>, field: u64, bytes: &[u8]) {
    put_varint(message, field << 3 | 2);
    put_varint(message, bytes.len() as u64);
    message.extend_from_slice(bytes);
}

fn put_varint(message: &mut Vec<u8>, mut value: u64) {
    while value > 0x7f {
        message.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    message.push(value.to_le_bytes()[0]);
}

fn varint(message: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = message.split_first()?;
        *message = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn take<'a>(message: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, rest) = message.split_at_checked(length)?;
    *message = rest;
    Some(taken)
}
