//! Any bytes as a form, urlencoded or in parts, however they are cut: what is read of it is the same, and no more than there is.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis_validation::multipart::{MultipartCheck, MultipartLimits, PartHead, Parts};
use portcullis_validation::{FormCheck, FormFault, FormLimits};

#[derive(Debug, Default, PartialEq, Eq)]
struct Kept {
    heads: Vec<PartHead>,
    content: Vec<Vec<u8>>,
    ended: usize,
}

impl Parts for Kept {
    type Refusal = std::convert::Infallible;

    fn begin(&mut self, head: PartHead) -> Result<(), Self::Refusal> {
        assert_eq!(self.heads.len(), self.ended, "a part within a part");
        self.heads.push(head);
        self.content.push(Vec::new());
        Ok(())
    }

    fn content(&mut self, bytes: &[u8]) -> Result<(), Self::Refusal> {
        assert!(!bytes.is_empty());
        self.content.last_mut().expect("a part has begun").extend_from_slice(bytes);
        Ok(())
    }

    fn end(&mut self) -> Result<(), Self::Refusal> {
        self.ended += 1;
        Ok(())
    }
}

fn urlencoded(text: &[u8], piece: usize) -> Result<Vec<(String, Vec<u8>)>, FormFault> {
    let mut check = FormCheck::new(FormLimits { max_fields: 64, max_name_bytes: 64, max_value_bytes: 512 });
    text.chunks(piece.max(1)).try_for_each(|piece| check.feed(piece))?;
    check.finish()
}

fn parts(text: &[u8], piece: usize) -> Result<Kept, String> {
    let limits = MultipartLimits { max_parts: 8, max_head_bytes: 256 };
    let mut check = MultipartCheck::new("b-b", limits).expect("a boundary");
    let mut kept = Kept::default();
    for piece in text.chunks(piece.max(1)) {
        check.feed(piece, &mut kept).map_err(|refused| format!("{refused:?}"))?;
    }
    check.finish().map_err(|fault| fault.to_string())?;
    Ok(kept)
}

/// A form with these parts, as simple clients write it.
fn written(kept: &Kept) -> Vec<u8> {
    let mut form = Vec::new();
    for (head, content) in kept.heads.iter().zip(&kept.content) {
        form.extend_from_slice(format!("--b-b\r\ncontent-disposition: form-data; name=\"{}\"", head.name).as_bytes());
        if let Some(file) = &head.file_name {
            form.extend_from_slice(format!("; filename=\"{file}\"").as_bytes());
        }
        form.extend_from_slice(b"\r\n\r\n");
        form.extend_from_slice(content);
        form.extend_from_slice(b"\r\n");
    }
    form.extend_from_slice(b"--b-b--");
    form
}

fuzz_target!(|input: &[u8]| {
    let Some((piece, text)) = input.split_first() else { return };
    let fields = urlencoded(text, text.len());
    assert_eq!(urlencoded(text, usize::from(*piece)), fields, "pieces matter");
    if let Ok(fields) = fields {
        let bytes: usize = fields.iter().map(|(name, value)| name.len() + value.len()).sum();
        assert!(bytes <= text.len(), "more than there is");
    }

    let whole = parts(text, text.len());
    assert_eq!(parts(text, usize::from(*piece)), whole, "pieces matter");
    if let Ok(kept) = &whole {
        assert_eq!(kept.ended, kept.heads.len());
        for content in &kept.content {
            assert!(!content.windows(5).any(|window| window == b"--b-b"), "a boundary in a part");
        }
        let again = parts(&written(kept), 1).expect("what was read can be written");
        assert_eq!(again.content, kept.content);
    }
});
