//! What servers want to see in proofs: which texts are remembered, and for whom.

use std::collections::BTreeMap;

use scopewise::core::dpop::Nonces;
use url::Url;

use crate::input::Input;

/// The longest that is remembered, bytes.
const LONGEST: usize = 4 * 1024;

/// URLs and nonces, in turn, a line each.
pub(crate) fn target(data: &[u8]) {
    let input = Input::new(data);
    let mut lines = input.text().split('\n');
    let (mut nonces, mut expected) = (Nonces::default(), BTreeMap::new());
    while let (Some(url), Some(text)) = (lines.next(), lines.next()) {
        // The browser's parser comes first, and no request goes to another scheme, or with a name and a password.
        let Some(url) = Url::parse(url).ok().filter(is_asked) else {
            continue;
        };
        let repeated = text.repeat(LONGEST / text.len().max(1) + 1);
        let too_long = is_nonce(text).then_some(repeated.as_str());
        for nonce in [None, Some(""), too_long] {
            nonces.note(url.as_str(), nonce);
            assert_eq!(
                nonces.get(url.as_str()),
                expected.get(&url.origin().ascii_serialization()).map(String::as_str)
            );
        }
        for text in [text, repeated.get(..LONGEST).unwrap_or_default()] {
            nonces.note(url.as_str(), Some(text));
            if is_nonce(text) {
                expected.insert(url.origin().ascii_serialization(), text.to_owned());
            }
            for (origin, nonce) in &expected {
                assert_eq!(nonces.get(&[origin, "/another?path"].concat()), Some(nonce.as_str()));
            }
        }
        let is_known = expected.contains_key(&url.origin().ascii_serialization());
        assert_eq!(nonces.get(url.as_str()).is_some(), is_known);
    }
}

fn is_asked(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none()
}

/// 1*NQCHAR (RFC 9449 §8.1): %x21 / %x23-5B / %x5D-7E.
fn is_nonce(text: &str) -> bool {
    let is_quoted = |char| char == '"' || char == '\\';
    !text.is_empty() && text.chars().all(|char| char.is_ascii_graphic() && !is_quoted(char))
}
