//! The head of a part.

use super::MultipartProblem;
use crate::MediaType;
use crate::media_type::is_token;

/// So many fields a head has at most.
const FIELDS_MAX: usize = 4;

/// What a part says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartHead {
    /// The name of the field.
    pub name: String,
    /// The name of the file; `None` for a part that is none.
    pub file_name: Option<String>,
    /// What it contains; `None` where it does not say so.
    pub media_type: Option<MediaType>,
}

/// The lines of a head on their way in.
#[derive(Debug, Default)]
pub(super) struct Lines(Vec<u8>);

impl Lines {
    /// The next byte; the head, once its empty line has come.
    pub(super) fn push(&mut self, byte: u8, max: usize) -> Result<Option<PartHead>, MultipartProblem> {
        let Self(bytes) = self;
        if bytes.len() >= max {
            return Err(MultipartProblem::HeadTooLong);
        }
        let after_return = bytes.last() == Some(&b'\r');
        if after_return != (byte == b'\n') || byte != b'\r' && byte != b'\n' && byte != b'\t' && byte < b' ' {
            return Err(MultipartProblem::Header);
        }
        bytes.push(byte);
        match bytes.as_slice() {
            b"\r\n" => Err(MultipartProblem::Disposition),
            [.., b'\r', b'\n', b'\r', b'\n'] => head(bytes).map(Some),
            _ => Ok(None),
        }
    }
}

fn head(bytes: &[u8]) -> Result<PartHead, MultipartProblem> {
    let text = str::from_utf8(bytes).map_err(|_| MultipartProblem::Header)?;
    let (mut disposition, mut media_type) = (None, None);
    let lines: Vec<&str> = text.split("\r\n").filter(|line| !line.is_empty()).collect();
    if lines.len() > FIELDS_MAX {
        return Err(MultipartProblem::Header);
    }
    for line in lines {
        let (name, value) = line.split_once(':').ok_or(MultipartProblem::Header)?;
        match name.to_ascii_lowercase().as_str() {
            "content-disposition" if disposition.is_none() => disposition = Some(self::disposition(value)?),
            "content-disposition" => return Err(MultipartProblem::Disposition),
            "content-type" if media_type.is_none() => {
                media_type = Some(MediaType::parse(value.as_bytes()).map_err(|_| MultipartProblem::MediaType)?);
            }
            "content-transfer-encoding" if ["binary", "8bit", "7bit"].contains(&value.trim().to_ascii_lowercase().as_str()) => {}
            "content-length" if value.trim().bytes().all(|byte| byte.is_ascii_digit()) => {}
            _ => return Err(MultipartProblem::Header),
        }
    }
    let (name, file_name) = disposition.ok_or(MultipartProblem::Disposition)?;
    Ok(PartHead { name, file_name, media_type })
}

/// `form-data; name="…"; filename="…"`: name and file name. Nothing else, and each once; `filename*` may say another name.
fn disposition(value: &str) -> Result<(String, Option<String>), MultipartProblem> {
    let wrong = MultipartProblem::Disposition;
    let mut rest = value.trim_matches([' ', '\t']);
    let kind = rest.split(';').next().unwrap_or_default();
    if !kind.trim_end().eq_ignore_ascii_case("form-data") {
        return Err(wrong);
    }
    rest = rest.get(kind.len()..).unwrap_or_default();
    let (mut name, mut file_name) = (None, None);
    while !rest.is_empty() {
        let parameter = rest.trim_start().strip_prefix(';').ok_or(wrong)?.trim_start();
        let (key, value) = parameter.split_once('=').ok_or(wrong)?;
        let (value, tail) = parameter_value(value).ok_or(wrong)?;
        let place = match key.to_ascii_lowercase().as_str() {
            "name" => &mut name,
            "filename" => &mut file_name,
            _ => return Err(wrong),
        };
        if place.replace(value.to_owned()).is_some() {
            return Err(wrong);
        }
        rest = tail;
    }
    if file_name.as_deref().is_some_and(|file_name| file_name.contains('/') || matches!(file_name, "." | "..")) {
        return Err(MultipartProblem::FileName);
    }
    name.filter(|name| !name.is_empty()).map(|name| (name, file_name)).ok_or(wrong)
}

/// A value and what follows it. A backslash is an escape to some and a part of the name to others.
fn parameter_value(text: &str) -> Option<(&str, &str)> {
    let (value, tail) = match text.strip_prefix('"') {
        Some(inner) => inner.split_once('"')?,
        None => text.split_at_checked(text.bytes().position(|byte| !is_token(byte)).unwrap_or(text.len()))?,
    };
    let plain = !value.chars().any(|character| character == '\\' || character.is_control());
    (plain && (text.starts_with('"') || !value.is_empty())).then_some((value, tail))
}
