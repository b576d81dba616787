//! Whether a place in JSON is within a string.

/// Follows what was read of a text of JSON.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Syntax {
    in_string: bool,
    escaped: bool,
}

impl Syntax {
    /// Reads on.
    pub(crate) fn read(&mut self, text: &[u8]) {
        for byte in text {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' if self.in_string => self.escaped = true,
                b'"' => self.in_string = !self.in_string,
                _ => {}
            }
        }
    }

    pub(crate) const fn in_string(self) -> bool {
        self.in_string
    }
}
