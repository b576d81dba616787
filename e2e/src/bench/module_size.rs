//! What modules consist of.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::error::io;
use crate::{Error, Result};

/// Sizes of a module and of its parts, in bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ModuleSize {
    /// The file.
    pub name: String,
    /// All of it.
    pub total: usize,
    /// Its instructions.
    pub code: usize,
    /// What its memory begins with: tables, texts.
    pub data: usize,
    /// The names of its functions, for people who read the trace of a failure.
    pub names: usize,
}

/// The modules in `folder`, by name.
pub(super) fn sizes(folder: &Path) -> Result<Vec<ModuleSize>> {
    let files = fs::read_dir(folder).map_err(io("read the modules"))?.flatten().map(|entry| entry.path());
    let modules = files.filter(|path| path.extension().is_some_and(|extension| extension == "wasm"));
    let mut sizes = modules
        .map(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let module = fs::read(&path).map_err(io("read a module"))?;
            let size = size(&module).ok_or_else(|| Error::Unexpected(format!("{name} is no module")))?;
            Ok(ModuleSize { name, ..size })
        })
        .collect::<Result<Vec<_>>>()?;
    sizes.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(sizes)
}

/// WebAssembly core specification, section 5.5: a magic number and a version, then sections, each a number, a size and its bytes.
fn size(module: &[u8]) -> Option<ModuleSize> {
    let mut size = ModuleSize { total: module.len(), ..ModuleSize::default() };
    let mut rest = module.strip_prefix(b"\0asm\x01\0\0\0")?;
    while let Some((section, after)) = rest.split_first() {
        let (length, after) = number(after)?;
        let (content, after) = after.split_at_checked(length)?;
        match section {
            0 if number(content)?.1.starts_with(b"name") => size.names += length,
            10 => size.code += length,
            11 => size.data += length,
            _ => {}
        }
        rest = after;
    }
    Some(size)
}

/// An unsigned LEB128 number (section 5.2.2), and what follows it.
fn number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let last = bytes.iter().take(5).position(|byte| *byte < 0x80)?;
    let (digits, rest) = bytes.split_at_checked(last + 1)?;
    Some((digits.iter().rev().fold(0, |number, digit| (number << 7) | usize::from(digit & 0x7f)), rest))
}

impl ModuleSize {
    pub(super) fn to_json(&self) -> Value {
        json!({ "module": self.name, "total": self.total, "code": self.code, "data": self.data, "names": self.names })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_is_told() {
        let text = r#"(module (memory 1) (data (i32.const 0) "0123456789") (func $a_name_of_a_function nop))"#;
        let module = wat::parse_str(text).unwrap();
        let ModuleSize { total, code, data, names, .. } = size(&module).unwrap();
        assert_eq!((total, code, data), (module.len(), 5, 16));
        assert!((20..40).contains(&names), "{names}");
        assert_eq!(size(&module[..module.len() - 1]), None);
        assert_eq!(size(b"<html>"), None);
    }
}
