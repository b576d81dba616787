use super::*;

fn message(mut bytes: &[u8]) -> Result<(Head, Vec<u8>, Headers)> {
    let head = read_head(&mut bytes)?.unwrap();
    let (body, trailers) = read_body(&mut bytes, Framing::of_request(&head.headers)?)?;
    Ok((head, body, trailers))
}

#[test]
fn keeps_repeated_headers_and_raw_bytes() {
    let (head, ..) = message(b"GET / HTTP/1.1\r\nX-A: \xff\xfe\r\nx-a:  b \r\n\r\n").unwrap();
    assert_eq!(head.start, b"GET / HTTP/1.1");
    assert_eq!(head.headers.all("x-a").collect::<Vec<_>>(), [&b"\xff\xfe"[..], b"b"]);
}

#[test]
fn reads_bodies_by_length_and_by_chunk() {
    let (_, sized, _) = message(b"POST / HTTP/1.1\r\ncontent-length: 3\r\n\r\nabcd").unwrap();
    assert_eq!(sized, b"abc");
    let chunked = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nab\r\nA\r\n0123456789\r\n0\r\nx-t: 1\r\n\r\n";
    let (_, body, trailers) = message(chunked).unwrap();
    assert_eq!(body, b"ab0123456789");
    assert_eq!(trailers.first("x-t"), Some(&b"1"[..]));
}

#[test]
fn a_cut_message_is_an_error() {
    for cut in
        ["POST / HTTP/1.1\r\n", "POST / HTTP/1.1\r\ncontent-length: 3\r\n\r\nab", "POST / HTTP/1.1\r\ncontent-length: x\r\n\r\n"]
    {
        assert!(matches!(message(cut.as_bytes()), Err(Error::MalformedHttp(_))), "{cut:?}");
    }
    assert!(read_head(&mut &b""[..]).unwrap().is_none());
}

#[test]
fn answers_to_head_and_statuses_without_a_body_end_with_their_head() {
    let headers = Headers(vec![("content-length".to_owned(), b"9".to_vec())]);
    assert_eq!(Framing::of_response(200, &headers, false).unwrap(), Framing::Length(9));
    assert_eq!(Framing::of_response(200, &headers, true).unwrap(), Framing::Length(0));
    assert_eq!(Framing::of_response(304, &headers, false).unwrap(), Framing::Length(0));
    assert_eq!(Framing::of_response(200, &Headers::default(), false).unwrap(), Framing::UntilClose);
}

#[test]
fn latin1_loses_nothing() {
    let all: Vec<u8> = (0..=255).collect();
    assert_eq!(from_latin1(&latin1(&all)), Some(all));
    assert_eq!(from_latin1("€"), None);
}
