//! PKCE, and the base64url that it and JWTs are written in.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use scopewise::core::authorize::pkce;
use scopewise::core::secret::CodeVerifier;

use crate::common::{Random, vectors};

/// The bytes of a text, if it is base64url to the letter.
fn decoded(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

#[test]
fn base64url_of_rfc_4648() {
    for (text, encoded) in [
        ("", ""),
        ("f", "Zg"),
        ("fo", "Zm8"),
        ("foo", "Zm9v"),
        ("foob", "Zm9vYg"),
        ("fooba", "Zm9vYmE"),
        ("foobar", "Zm9vYmFy"),
    ] {
        assert_eq!(URL_SAFE_NO_PAD.encode(text), encoded);
        assert_eq!(decoded(encoded).unwrap(), text.as_bytes());
    }
    assert_eq!(URL_SAFE_NO_PAD.encode([0xfb, 0xff, 0xfe]), "-__-");
    for wrong in [
        "Z", "Zg=", "Zg==", "Zh", "Zm9", "+/+/", "Zm 8", "Zm8\n", "\u{e9}", "Zm9vY",
    ] {
        assert_eq!(decoded(wrong), None, "{wrong:?}");
    }
}

#[test]
fn base64url_round_trip_and_one_spelling() {
    let mut random = Random(0xb64);
    for _ in 0..5_000 {
        let length = random.below(40);
        let bytes: Vec<u8> = (0..length).map(|_| random.next() as u8).collect();
        let text = URL_SAFE_NO_PAD.encode(&bytes);
        assert_eq!(text.len(), (length * 4).div_ceil(3));
        assert!(
            text.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        );
        assert_eq!(decoded(&text).unwrap(), bytes);
        // Any text that decodes is the very one that its bytes encode to.
        let other: String = (0..random.below(6))
            .map(|_| random.pick(&["A", "B", "b", "8", "-", "_", "=", "z"]))
            .collect();
        if let Some(bytes) = decoded(&other) {
            assert_eq!(URL_SAFE_NO_PAD.encode(&bytes), other.as_str());
        }
    }
}

#[test]
fn c296_pkce_of_rfc_7636_appendix_b() {
    let table = vectors("pkce");
    let bytes: Vec<u8> = table["verifierBytes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|byte| byte.as_u64().unwrap() as u8)
        .collect();
    let verifier = pkce::random_text(&bytes.try_into().unwrap());
    assert_eq!(verifier, table["verifier"]);
    assert_eq!(pkce::challenge(&CodeVerifier::new(verifier)), table["challenge"]);
}

#[test]
fn c296_verifiers_have_43_unreserved_characters_and_no_bit_is_lost() {
    let mut seen = std::collections::HashSet::new();
    for bit in 0..256 {
        let mut entropy = [0u8; 32];
        entropy[bit / 8] = 1 << (bit % 8);
        let text = pkce::random_text(&entropy);
        assert_eq!(text.len(), 43);
        assert!(
            text.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
        );
        assert!(seen.insert(text), "two entropies, one text");
    }
}
