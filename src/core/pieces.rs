//! Cutting text at a byte. The standard library's searchers are general, and ten times the code.

/// What stands before and after the first such byte; nothing where there is none.
pub fn cut(text: &str, mark: u8) -> Option<(&str, &str)> {
    let at = text.bytes().position(|byte| byte == mark)?;
    text.get(..at).zip(text.get(at + 1..))
}

/// What stands before the first such byte, or all of it.
pub fn before(text: &str, mark: u8) -> &str {
    cut(text, mark).map_or(text, |(before, _)| before)
}

/// The pieces between such bytes that are not empty.
pub fn pieces(text: &str, mark: u8) -> Pieces<'_> {
    Pieces { rest: text, mark }
}

/// See [`pieces`].
pub struct Pieces<'a> {
    rest: &'a str,
    mark: u8,
}

impl<'a> Iterator for Pieces<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        while !self.rest.is_empty() {
            let (piece, rest) = cut(self.rest, self.mark).unwrap_or((self.rest, ""));
            self.rest = rest;
            if !piece.is_empty() {
                return Some(piece);
            }
        }
        None
    }
}
