//! `application/x-www-form-urlencoded` (URL Standard §5): requests, and the answer in a URL.

use super::pieces::{Pieces, before, cut, pieces};
use super::text::Text;

/// A form being written.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Form(String);

impl Form {
    /// Adds a parameter.
    pub fn put(&mut self, name: &str, text: &str) {
        self.append(&Text::of(&[&encode(name), "=", &encode(text)]));
    }

    /// Adds a parameter where there is a text for it.
    pub fn some(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.put(name, text);
        }
    }

    /// Adds parameters that are encoded already.
    pub fn append(&mut self, pairs: &str) {
        if !self.0.is_empty() && !pairs.is_empty() {
            self.0.push('&');
        }
        self.0.push_str(pairs);
    }

    /// Whether nothing was added.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The encoded text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The encoded text, to keep.
    pub fn into_text(self) -> Text {
        self.0.into()
    }
}

/// Not what it holds: requests have secrets in them.
impl std::fmt::Debug for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

/// The pairs of an encoded text, as they stand.
pub fn pairs(form: &str) -> Pieces<'_> {
    pieces(form, b'&')
}

/// The decoded text of the first pair of a name.
pub fn find(form: &str, wanted: &str) -> Option<Text> {
    pairs(form).find(|pair| name(pair) == wanted).map(text)
}

/// The decoded name of an encoded pair.
pub fn name(pair: &str) -> Text {
    decode(before(pair, b'='))
}

/// A whole number in decimal digits, with a sign or not.
pub fn number(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || digits.len() > 18 {
        return None;
    }
    let mut number = 0;
    for byte in digits.bytes() {
        number = number * 10 + i64::from(byte.checked_sub(b'0').filter(|digit| *digit < 10)?);
    }
    Some(if digits == text { number } else { -number })
}

/// Decimal digits, without the weight of the formatting machinery.
pub fn decimal(number: i64) -> Text {
    let mut text = String::new();
    let mut rest = number.unsigned_abs();
    loop {
        text.insert(0, (b'0' + (rest % 10) as u8).into());
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if number < 0 {
        text.insert(0, '-');
    }
    text.into()
}

/// Encodes one name or text.
pub fn encode(text: &str) -> Text {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'*' => out.push(byte.into()),
            b' ' => out.push('+'),
            _ => {
                out.push('%');
                out.push(hex(byte >> 4));
                out.push(hex(byte & 15));
            }
        }
    }
    out.into()
}

/// The decoded text of an encoded pair.
pub fn text(pair: &str) -> Text {
    decode(cut(pair, b'=').map_or("", |(_, text)| text))
}

/// Decodes one name or text. What is not UTF-8 becomes a replacement character: not the text, but not nothing either.
fn decode(text: &str) -> Text {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [byte, tail @ ..] = rest {
        rest = tail;
        out.push(match (byte, tail) {
            (b'+', _) => b' ',
            (b'%', [high, low, after @ ..]) => match (value(*high), value(*low)) {
                (Some(high), Some(low)) => {
                    rest = after;
                    high << 4 | low
                }
                _ => b'%',
            },
            _ => *byte,
        });
    }
    utf8(out)
}

fn utf8(bytes: Vec<u8>) -> Text {
    String::from_utf8(bytes).map_or_else(|_| "\u{fffd}".into(), Text::from)
}

fn hex(nibble: u8) -> char {
    (nibble + if nibble < 10 { b'0' } else { b'A' - 10 }).into()
}

fn value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}
