//! base64url without padding (RFC 4648 §5, RFC 7515 §2), strict: one spelling for each value.

use super::text::Text;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Encodes bytes.
pub fn encode(bytes: &[u8]) -> Text {
    let mut out = String::new();
    for index in 0..(bytes.len() * 8).div_ceil(6) {
        // Six bits, of two bytes at the most.
        let at = index * 6;
        let byte = |index: usize| u32::from(bytes.get(index).copied().unwrap_or_default());
        let bits = byte(at / 8) << 8 | byte(at / 8 + 1);
        out.push(digit(bits >> (10 - at % 8)));
    }
    out.into()
}

/// Decodes text; nothing where it is not the one spelling of some bytes.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let (mut bits, mut count) = (0u32, 0);
    for byte in text.bytes() {
        bits = bits << 6 | ALPHABET.iter().position(|digit| *digit == byte)? as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    // What is left over is less than a digit, and zero.
    (count < 6 && bits & ((1 << count) - 1) == 0).then_some(out)
}

fn digit(bits: u32) -> char {
    ALPHABET.get((bits & 63) as usize).copied().unwrap_or_default().into()
}
