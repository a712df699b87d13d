//! Documents: what the host made of JSON, where no member passes for another.

use crate::common::{document, record};
use scopewise::core::document::Document;
use serde_json::json;

#[test]
fn c092_documents_have_own_members_only() {
    let document = document(&json!({ "a": "x", "n": 1.9, "m": -0.5, "b": true, "l": ["x", "y"], "e": [], "null": null, "o": {}, "mixed": ["x", 1], "": "empty" })).unwrap();
    assert_eq!(document.string("a"), Some("x"));
    assert_eq!(document.number("n"), Some(1));
    assert_eq!(document.number("m"), Some(-1));
    assert_eq!(document.text("b"), "true");
    assert_eq!(document.texts("l"), ["x", "y"]);
    assert_eq!(document.string(""), Some("empty"));
    for absent in ["__proto__", "constructor", "hasOwnProperty", "toString", "sa", "sl"] {
        assert!(document.is(absent, "-"), "{absent}");
        assert!(!document.is(absent, "snbax"), "{absent}");
        assert_eq!(document.string(absent), None);
        assert_eq!(document.number(absent), None);
        assert!(document.texts(absent).is_empty());
    }
    // There with another type is not absent, and has no string.
    for (name, kind) in [
        ("n", "n"),
        ("b", "b"),
        ("l", "a"),
        ("e", "x"),
        ("null", "x"),
        ("o", "x"),
        ("mixed", "x"),
    ] {
        assert!(document.is(name, kind), "{name}");
        assert!(!document.is(name, "-s"), "{name}");
        assert_eq!(document.string(name), None, "{name}");
    }
}

#[test]
fn no_member_of_a_document_poses_as_another() {
    let hostile = json!({
        "a=b": "x",
        "sub=eve\u{1e}ssub": "x",
        "y\u{1e}ssub": "eve",
        "\u{1d}ssub": "eve",
        "ssub": "eve",
        "=sub": "eve",
        "sub=": "eve",
        "text": "x\u{1d}\u{1e}ssub=eve\u{1e}sv=2",
        "list": ["a", "\u{1e}ssub=eve", "\u{1d}asub=eve"],
    });
    for (mut json, sub) in [(hostile.clone(), None), (hostile, Some("ada"))] {
        if let Some(sub) = sub {
            json["sub"] = sub.into();
        }
        let document = document(&json).unwrap();
        assert_eq!(document.string("sub"), sub);
        assert!(document.is("sub", if sub.is_some() { "s" } else { "-" }));
        assert_eq!(document.texts("sub"), Vec::from_iter(sub));
        for absent in ["a", "v", "granted", "target", "y", "b"] {
            assert!(document.is(absent, "-"), "{absent}");
        }
        assert_eq!(document.texts("list"), ["a", "\u{fffd}ssub=eve", "\u{fffd}asub=eve"]);
        assert_eq!(
            document.string("text").unwrap(),
            "x\u{fffd}\u{fffd}ssub=eve\u{fffd}sv=2"
        );
        // It is there, under a name that nobody looks for.
        assert_eq!(document.string("a\u{fffd}b"), Some("x"));
        assert_eq!(document.string("a=b"), None);
    }
}

#[test]
fn a_document_of_any_text_is_read() {
    for text in [
        "",
        "\x1e",
        "\x1es",
        "\x1e=",
        "\x1es=",
        "\x1e\u{e9}a=1",
        "sub=eve",
        "\x1e\u{1f600}=x",
    ] {
        let document = Document::new(text.to_owned());
        assert!(document.is("sub", "-") && document.texts("a").is_empty(), "{text:?}");
        assert_eq!((document.string("a"), document.number("a")), (None, None), "{text:?}");
    }
    assert_eq!(Document::from(record(&[("sa", "1")])).string("a"), Some("1"));
}
