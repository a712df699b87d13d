//! `application/x-www-form-urlencoded` (URL Standard §5): the wire format of requests, the answer's in a URL, and the
//! format of what is stored and of what crosses to the page.

use super::pieces::{Pieces, before, cut, pieces};
use super::scope::ScopeSet;
use super::text::Text;

/// A form being written.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Form(String);

impl Form {
    /// Adds a member.
    pub fn put(&mut self, name: &str, text: &str) {
        self.append(&Text::of(&[&encode(name), "=", &encode(text)]));
    }

    /// Adds a member where there is a text for it.
    pub fn some(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.put(name, text);
        }
    }

    /// Adds a number where there is one.
    pub fn number(&mut self, name: &str, number: Option<i64>) {
        if let Some(number) = number {
            self.put(name, &decimal(number));
        }
    }

    /// Adds a member without content where the condition holds.
    pub fn flag(&mut self, name: &str, condition: bool) {
        if condition {
            self.put(name, "");
        }
    }

    /// Adds members that are encoded already.
    pub fn append(&mut self, pairs: &str) {
        if !self.0.is_empty() && !pairs.is_empty() {
            self.0.push('&');
        }
        self.0.push_str(pairs);
    }

    /// The members of this form.
    pub fn fields(&self) -> Fields<'_> {
        Fields(&self.0)
    }

    /// Whether nothing was added.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The encoded text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text of a stored record. Its version comes last: a text that was cut off has none, and is no record.
    pub fn sealed(mut self, version: i64) -> Text {
        self.number("v", Some(version));
        self.into_text()
    }

    /// The encoded text, to keep.
    pub fn into_text(self) -> Text {
        self.0.into()
    }
}

/// A form being read. Any text is one; what is no form has no members to speak of. Names are compared as they are
/// encoded: those of our own records encode to themselves, and a stranger's form is read pair by pair.
#[derive(Clone, Copy)]
pub struct Fields<'a>(pub &'a str);

impl<'a> Fields<'a> {
    /// Encoded pairs, as they stand.
    pub fn pairs(self) -> Pieces<'a> {
        pieces(self.0, b'&')
    }

    /// Every text of a name.
    pub fn all(self, wanted: &str) -> Vec<Text> {
        let mut all = Vec::new();
        for pair in self.pairs() {
            if raw_name(pair) == wanted {
                all.push(text(pair));
            }
        }
        all
    }

    /// The last text of a name.
    pub fn text(self, wanted: &str) -> Option<Text> {
        let mut last = None;
        for pair in self.pairs() {
            if raw_name(pair) == wanted {
                last = Some(text(pair));
            }
        }
        last
    }

    /// The last text of a name, or an empty one.
    pub fn text_or_empty(self, wanted: &str) -> Text {
        self.text(wanted).unwrap_or_default()
    }

    /// A set of scopes; empty where there is none.
    pub fn scopes(self, wanted: &str) -> ScopeSet {
        ScopeSet::answered(&self.text_or_empty(wanted))
    }

    /// Whether there is such a member.
    pub fn has(self, wanted: &str) -> bool {
        self.pairs().any(|pair| raw_name(pair) == wanted)
    }

    /// A whole number: `Some(None)` where there is none, `None` where something else stands there.
    pub fn number(self, wanted: &str) -> Option<Option<i64>> {
        match self.text(wanted) {
            Some(text) => number(&text).map(Some),
            None => Some(None),
        }
    }

    /// The members of some names (with spaces between), in the order of those.
    pub fn pick(self, names: &str) -> Form {
        let mut form = Form::default();
        for name in pieces(names, b' ') {
            for pair in self.pairs() {
                if raw_name(pair) == name {
                    form.append(pair);
                }
            }
        }
        form
    }
}

/// Not what it holds: requests and records have secrets in them.
impl std::fmt::Debug for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.fields().fmt(f)
    }
}

impl std::fmt::Debug for Fields<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

fn raw_name(pair: &str) -> &str {
    before(pair, b'=')
}

/// The decoded name of an encoded pair.
pub fn name(pair: &str) -> Text {
    decode(raw_name(pair))
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
