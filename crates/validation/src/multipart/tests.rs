use proptest::prelude::*;

use super::*;

const LIMITS: MultipartLimits = MultipartLimits { max_parts: 3, max_head_bytes: 256 };

/// A part: its name, that of its file, its media type, its content.
type KeptPart = (String, Option<String>, Option<String>, Vec<u8>);

/// Keeps everything.
#[derive(Debug, Default, PartialEq, Eq)]
struct Kept(Vec<KeptPart>, usize);

impl Parts for Kept {
    type Refusal = &'static str;

    fn begin(&mut self, head: PartHead) -> Result<(), &'static str> {
        if head.name == "forbidden" {
            return Err("forbidden");
        }
        self.0.push((head.name, head.file_name, head.media_type.map(|it| it.essence().to_owned()), Vec::new()));
        Ok(())
    }

    fn content(&mut self, bytes: &[u8]) -> Result<(), &'static str> {
        self.0.last_mut().unwrap().3.extend_from_slice(bytes);
        Ok(())
    }

    fn end(&mut self) -> Result<(), &'static str> {
        self.1 += 1;
        Ok(())
    }
}

fn read(form: &[u8], piece: usize) -> Result<Kept, Refused<&'static str>> {
    let mut kept = Kept::default();
    let mut check = MultipartCheck::new("AaB", LIMITS).unwrap();
    form.chunks(piece).try_for_each(|piece| check.feed(piece, &mut kept))?;
    check.finish().map_err(Refused::Form)?;
    assert_eq!(kept.0.len(), kept.1);
    Ok(kept)
}

fn problem(form: &str) -> Option<MultipartProblem> {
    let whole = read(form.as_bytes(), form.len().max(1)).map(drop);
    assert_eq!(read(form.as_bytes(), 1).map(drop), whole, "{form}");
    match whole {
        Err(Refused::Form(fault)) => Some(fault.problem),
        _ => None,
    }
}

fn part(head: &str) -> String {
    format!("--AaB\r\n{head}\r\n\r\nx\r\n--AaB--\r\n")
}

#[test]
fn reads_parts_however_they_are_cut() {
    let form = "--AaB\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nline\r\n-- no\r\n--Aa no\r\r\n\r\n--AaB\r\n\
                content-disposition: form-data; name=file; filename=\"a b.png\"\r\nContent-Type: image/png\r\n\r\n\r\n--AaB--";
    let expected = [
        ("note".to_owned(), None, None, b"line\r\n-- no\r\n--Aa no\r\r\n".to_vec()),
        ("file".to_owned(), Some("a b.png".to_owned()), Some("image/png".to_owned()), Vec::new()),
    ];
    for end in ["", "\r\n"] {
        for piece in 1..form.len() {
            assert_eq!(read(format!("{form}{end}").as_bytes(), piece).unwrap().0, expected, "{piece}");
        }
    }
    assert_eq!(read(b"--AaB--", 3).unwrap(), Kept::default());
}

#[test]
fn a_boundary_has_one_reading() {
    for boundary in ["", "a b", "a\"b", "é", &"a".repeat(71)] {
        assert_eq!(MultipartCheck::new(boundary, LIMITS).err(), Some(MultipartProblem::Boundary), "{boundary}");
    }
    assert!(MultipartCheck::new(&"a".repeat(70), LIMITS).is_ok());
    let of = |text: &[u8]| MultipartCheck::of(&MediaType::parse(text).unwrap(), LIMITS).is_ok();
    assert!(of(b"multipart/form-data; boundary=\"a:b\"") && !of(b"multipart/form-data"));
}

#[test]
fn refuses_what_parsers_divide_differently() {
    let head = "Content-Disposition: form-data; name=\"a\"";
    for (form, expected) in [
        (String::new(), MultipartProblem::Truncated),
        (format!("preamble\r\n{}", part(head)), MultipartProblem::Preamble),
        (format!("\r\n{}", part(head)), MultipartProblem::Preamble),
        (format!("{}x", part(head)), MultipartProblem::Epilogue),
        (format!("{}\r\n", part(head)), MultipartProblem::Epilogue),
        (format!("--AaB \r\n{head}\r\n\r\nx\r\n--AaB--"), MultipartProblem::AfterBoundary),
        (format!("--AaB\n{head}\n\nx\n--AaB--"), MultipartProblem::AfterBoundary),
        (format!("--AaB\r\n{head}\r\n\r\nx\r\n--AaBC\r\n"), MultipartProblem::AfterBoundary),
        (format!("--AaB\r\n{head}\r\n\r\nx\r\n--AaB-x"), MultipartProblem::AfterBoundary),
        (format!("--AaB\r\n{head}\r\n\r\nx\n--AaB\r\n"), MultipartProblem::BareBoundary),
        (format!("--AaB\r\n{head}\r\n\r\nx --AaB--\r\n"), MultipartProblem::BareBoundary),
        (format!("--AaB\r\n{head}\r\n\r\n--AaB--\r\n"), MultipartProblem::BareBoundary),
        (format!("--AaB\r\n{head}\r\n\r\nx\r\n--AaB"), MultipartProblem::Truncated),
        (format!("--AaB\r\n{head}\r\n\r\nx\r\n--AaB--\r"), MultipartProblem::Truncated),
        (format!("--AaB\r\n{head}\r\n"), MultipartProblem::Truncated),
    ] {
        assert_eq!(problem(&form), Some(expected), "{form:?}");
    }
}

#[test]
fn a_head_has_what_a_form_needs_and_in_one_reading() {
    let good = "Content-Disposition: form-data; name=\"a\"";
    for head in [
        good.to_owned(),
        format!("{good}; filename=\"a.b\""),
        format!("{good}\r\nContent-Transfer-Encoding: binary\r\nContent-Length: 1"),
        "content-disposition:form-data;name=a".to_owned(),
    ] {
        assert_eq!(problem(&part(&head)), None, "{head}");
    }
    for (head, expected) in [
        ("Content-Type: text/plain".to_owned(), MultipartProblem::Disposition),
        (format!("{good}\r\n{good}"), MultipartProblem::Disposition),
        ("Content-Disposition: attachment; name=\"a\"".to_owned(), MultipartProblem::Disposition),
        ("Content-Disposition: form-data".to_owned(), MultipartProblem::Disposition),
        ("Content-Disposition: form-data; name=\"\"".to_owned(), MultipartProblem::Disposition),
        ("Content-Disposition: form-data; name=\"a\"; name=\"b\"".to_owned(), MultipartProblem::Disposition),
        ("Content-Disposition: form-data; name=\"a\\\"b\"".to_owned(), MultipartProblem::Disposition),
        (format!("{good}; filename*=UTF-8''x"), MultipartProblem::Disposition),
        (format!("{good} filename=\"x\""), MultipartProblem::Disposition),
        (format!("{good}; filename=\"../x\""), MultipartProblem::FileName),
        (format!("{good}; filename=\"..\""), MultipartProblem::FileName),
        (format!("{good}; filename=\"a\\\\b\""), MultipartProblem::Disposition),
        (format!("{good}\r\nContent-Type: nonsense"), MultipartProblem::MediaType),
        (format!("{good}\r\nContent-Transfer-Encoding: base64"), MultipartProblem::Header),
        (format!("{good}\r\nX-Other: 1"), MultipartProblem::Header),
        (format!("{good}\r\n folded"), MultipartProblem::Header),
        (format!("{good}\nContent-Type: text/plain"), MultipartProblem::Header),
        (format!("{good}\rContent-Type: text/plain"), MultipartProblem::Header),
        (format!("{good}\0"), MultipartProblem::Header),
        (format!("{good}; filename=\"{}\"", "x".repeat(256)), MultipartProblem::HeadTooLong),
    ] {
        assert_eq!(problem(&part(&head)), Some(expected), "{head:?}");
    }
    assert_eq!(problem("--AaB\r\n\r\nx\r\n--AaB--"), Some(MultipartProblem::Disposition));
}

#[test]
fn so_many_parts_and_no_more_and_a_refusal_is_final() {
    let parts = |count: usize| {
        let part = "--AaB\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n";
        format!("{}--AaB--", part.repeat(count))
    };
    assert_eq!(problem(&parts(3)), None);
    assert_eq!(problem(&parts(4)), Some(MultipartProblem::TooManyParts));
    let mut check = MultipartCheck::new("AaB", LIMITS).unwrap();
    let refused = check.feed(part("Content-Disposition: form-data; name=forbidden").as_bytes(), &mut Kept::default());
    assert_eq!(refused, Err(Refused::Part("forbidden")));
    assert!(check.feed(b"x", &mut Kept::default()).is_err() && check.finish().is_err());
}

proptest! {
    /// Content of the very bytes that delimiters are made of.
    #[test]
    fn content_comes_through_whole(content in "[\r\n\\-AaB]{0,40}", piece in 1usize..9) {
        prop_assume!(!content.contains("--AaB"));
        let head = "--AaB\r\nContent-Disposition: form-data; name=a\r\n\r\n";
        let form = format!("{head}{content}\r\n--AaB--");
        let read = read(form.as_bytes(), piece);
        prop_assert_eq!(read.unwrap().0[0].3.clone(), content.into_bytes());
    }
}
