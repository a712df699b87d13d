//! The encodings of the wire: forms, base64url and PKCE.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use common::{Random, pairs, vectors};
use scopewise::core::base64url;
use scopewise::core::form::{self, Form};
use scopewise::core::pkce;

fn pair(name: &str, text: &str) -> (String, String) {
    (name.to_owned(), text.to_owned())
}

#[test]
fn it_reads_what_the_url_standard_says() {
    for (text, name, member) in [
        ("a=b", "a", "b"),
        ("a", "a", ""),
        ("a=", "a", ""),
        ("=b", "", "b"),
        ("a=b=c", "a", "b=c"),
        ("a+b=c+d", "a b", "c d"),
        ("a%3Db=%26%23%3F%2B", "a=b", "&#?+"),
        ("%61=%E2%82%AC", "a", "\u{20ac}"),
        ("a=%f0%9F%98%80", "a", "\u{1f600}"),
        // What is no escape stands for itself.
        ("a=%", "a", "%"),
        ("a=%4", "a", "%4"),
        ("a=%zz%4z", "a", "%zz%4z"),
        ("a=%2%41", "a", "%2A"),
        ("a=\u{e9}", "a", "\u{e9}"),
    ] {
        assert_eq!(pairs(text), [pair(name, member)], "{text}");
    }
    assert_eq!(pairs(""), []);
    assert_eq!(pairs("&&"), []);
    assert_eq!(pairs("&a=1&&b=2&"), [pair("a", "1"), pair("b", "2")]);
}

#[test]
fn c040_bytes_that_are_no_text_are_not_nothing() {
    for text in ["%FF", "a%C3", "%ED%A0%80", "%C0%AF", "%F8%88%80%80%80"] {
        let [(name, member)] = pairs(&format!("{text}={text}")).try_into().unwrap();
        assert!(!name.is_empty() && !member.is_empty(), "{text}");
        assert!(member.contains('\u{fffd}'), "{text} became {member}");
    }
}

#[test]
fn it_writes_what_the_url_standard_says() {
    let mut form = Form::default();
    form.put("a b", "-._*~!'()+&=#%/:\u{e9}\u{0}");
    form.some("none", None);
    form.some("some", Some(""));
    form.append("");
    form.append("x=%20");
    assert_eq!(
        form.into_text(),
        "a+b=-._*%7E%21%27%28%29%2B%26%3D%23%25%2F%3A%C3%A9%00&some=&x=%20"
    );
}

#[test]
fn what_is_written_is_read_again() {
    let mut random = Random(0xf0);
    for _ in 0..5_000 {
        let mut text = || -> String {
            (0..random.below(8))
                .map(|_| char::from_u32(random.next() as u32 % 0x11_0000).unwrap_or('+'))
                .collect()
        };
        let all: Vec<_> = (0..3).map(|_| (text(), text())).collect();
        let mut form = Form::default();
        for (name, member) in &all {
            form.put(name, member);
        }
        assert_eq!(pairs(form.as_str()), all);
        assert!(!form.is_empty() && form.as_str().is_ascii());
        for (name, _) in &all {
            // The first of a name has the only word.
            let (_, first) = all.iter().find(|(other, _)| other == name).unwrap();
            assert_eq!(form::find(form.as_str(), name).as_deref(), Some(first.as_str()));
        }
        let other = text();
        if all.iter().all(|(name, _)| *name != other) {
            assert_eq!(form::find(form.as_str(), &other), None);
        }
    }
}

#[test]
fn numbers() {
    let far = 999_999_999_999_999_999;
    for number in [0, 1, -1, 9, 10, -10, 1_700_000_000, far, -far] {
        let text = number.to_string();
        assert_eq!(form::decimal(number), text.as_str());
        assert_eq!(form::number(&text), Some(number));
    }
    for extreme in [i64::MAX, i64::MIN] {
        assert_eq!(form::decimal(extreme), extreme.to_string().as_str());
    }
    for text in [
        "",
        "-",
        "--1",
        "+1",
        "x",
        "1.5",
        "1e3",
        "9223372036854775808",
        " 1",
        "0x1",
        "NaN",
        "null",
        "\u{661}",
    ] {
        assert_eq!(form::number(text), None, "{text:?}");
    }
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
        assert_eq!(base64url::encode(text.as_bytes()), encoded);
        assert_eq!(base64url::decode(encoded).unwrap(), text.as_bytes());
    }
    assert_eq!(base64url::encode(&[0xfb, 0xff, 0xfe]), "-__-");
    for wrong in [
        "Z", "Zg=", "Zg==", "Zh", "Zm9", "+/+/", "Zm 8", "Zm8\n", "\u{e9}", "Zm9vY",
    ] {
        assert_eq!(base64url::decode(wrong), None, "{wrong:?}");
    }
}

#[test]
fn base64url_round_trip_and_one_spelling() {
    let mut random = Random(0xb64);
    for _ in 0..5_000 {
        let length = random.below(40);
        let bytes: Vec<u8> = (0..length).map(|_| random.next() as u8).collect();
        let text = base64url::encode(&bytes);
        assert_eq!(text.len(), (length * 4).div_ceil(3));
        assert!(
            text.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        );
        assert_eq!(base64url::decode(&text).unwrap(), bytes);
        // Any text that decodes is the very one that its bytes encode to.
        let other: String = (0..random.below(6))
            .map(|_| random.pick(&["A", "B", "b", "8", "-", "_", "=", "z"]))
            .collect();
        if let Some(bytes) = base64url::decode(&other) {
            assert_eq!(base64url::encode(&bytes), other.as_str());
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
    let verifier = pkce::token(&bytes.try_into().unwrap());
    assert_eq!(verifier.secret(), table["verifier"]);
    assert_eq!(
        pkce::challenge(verifier.secret()).as_deref(),
        table["challenge"].as_str()
    );
}

#[test]
fn c296_verifiers_have_43_unreserved_characters_and_no_bit_is_lost() {
    let mut seen = std::collections::HashSet::new();
    for bit in 0..256 {
        let mut entropy = [0u8; 32];
        entropy[bit / 8] = 1 << (bit % 8);
        let token = pkce::token(&entropy);
        assert_eq!(token.secret().len(), 43);
        assert!(
            token
                .secret()
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
        );
        assert!(seen.insert(token.secret().to_owned()), "two entropies, one token");
    }
}
