//! The host's JSON parser: types stay apart, and nothing in a text does more than stand there.

use super::page::text;
use scopewise::browser::json;
use scopewise::core::document::Document;
use wasm_bindgen_test::wasm_bindgen_test;

/// The letter of each type there is.
const KINDS: [&str; 6] = ["s", "n", "b", "a", "x", "-"];

fn parsed(text: &str) -> Document {
    json::parse(text).expect("an object")
}

/// A member's type: exactly one.
fn kind(document: &Document, name: &'static str) -> &'static str {
    let kinds: Vec<_> = KINDS.into_iter().filter(|kind| document.is(name, kind)).collect();
    assert_eq!(kinds.len(), 1, "{name} is {kinds:?}");
    kinds[0]
}

fn assert_has(document: &Document, name: &'static str, is: &str, text: &str) {
    assert_eq!((kind(document, name), document.text(name)), (is, text), "{name}");
}

#[wasm_bindgen_test]
fn strings_numbers_and_booleans_are_read_as_such_and_as_nothing_else() {
    let document = parsed(r#"{"string": "60", "number": 60, "word": "true", "yes": true, "no": false, "empty": ""}"#);
    assert_has(&document, "string", "s", "60");
    assert_has(&document, "number", "n", "60");
    assert_has(&document, "word", "s", "true");
    assert_has(&document, "yes", "b", "true");
    assert_has(&document, "no", "b", "false");
    assert_has(&document, "empty", "s", "");
}

#[wasm_bindgen_test]
fn absent_is_not_null_and_null_is_not_empty() {
    let document = parsed(r#"{"null": null}"#);
    assert_eq!(kind(&document, "null"), "x");
    assert_eq!(kind(&document, "absent"), "-");
}

#[wasm_bindgen_test]
fn numbers_are_cut_to_whole_units() {
    let document = parsed(r#"{"part": 3599.9, "below": -0.5, "big": 4294967296, "huge": 1e300}"#);
    assert_has(&document, "part", "n", "3599");
    assert_has(&document, "below", "n", "-1");
    assert_has(&document, "big", "n", "4294967296");
    assert_has(&document, "huge", "n", "1e+300");
    assert_eq!(document.number("big"), Some(4_294_967_296));
    assert_eq!(document.number("huge"), None);
}

#[wasm_bindgen_test]
fn no_name_or_text_passes_for_another_member() {
    let document = parsed(r#"{"a=b": "x", "c": "1\u001essub=eve\u001dv", "d\u001esname": "y"}"#);
    assert_eq!(kind(&document, "a"), "-");
    assert_eq!(kind(&document, "sub"), "-");
    assert_eq!(kind(&document, "name"), "-");
    assert_has(&document, "c", "s", "1\u{fffd}ssub=eve\u{fffd}v");
}

#[wasm_bindgen_test]
fn only_an_array_of_strings_is_one() {
    let document = parsed(r#"{"two": ["a b", "c&d=e"], "mixed": ["a", 1], "none": [], "deep": [["a"]]}"#);
    assert_eq!(kind(&document, "two"), "a");
    assert_eq!(document.texts("two"), ["a b", "c&d=e"]);
    for name in ["mixed", "none", "deep"] {
        assert_has(&document, name, "x", "");
    }
}

#[wasm_bindgen_test]
fn what_is_nested_is_there_and_is_not_looked_into() {
    let document = parsed(r#"{"cnf": {"jkt": "thumb"}, "after": "x"}"#);
    assert_has(&document, "cnf", "x", "");
    assert_eq!(kind(&document, "jkt"), "-");
    assert_has(&document, "after", "s", "x");
}

#[wasm_bindgen_test]
fn names_and_texts_cannot_pass_for_other_members() {
    // "ub" is handed over as "sub": its letter and its name. No name has a mark that ends one.
    let document = parsed(r#"{"ub": "1", "x&ssub=2": "3", "a": "&ssub=4", "ü ✓": "%26 +\u0000é😀"}"#);
    assert_eq!(kind(&document, "sub"), "-");
    assert_has(&document, "ub", "s", "1");
    assert_has(&document, "x&ssub\u{fffd}2", "s", "3");
    assert_has(&document, "a", "s", "&ssub=4");
    assert_has(&document, "ü ✓", "s", "%26 +\0é😀");
}

#[wasm_bindgen_test]
fn the_prototype_is_a_name_like_others() {
    let document = parsed(r#"{"__proto__": {"sub": "evil"}, "constructor": "x"}"#);
    assert_has(&document, "__proto__", "x", "");
    assert_has(&document, "constructor", "s", "x");
    assert_eq!(kind(&document, "sub"), "-");
    // What every object inherits is no member.
    assert_eq!(kind(&document, "toString"), "-");
    assert_eq!(text("return String(({}).sub)"), "undefined");
    assert_has(&parsed(r#"{"__proto__": "text"}"#), "__proto__", "s", "text");
}

#[wasm_bindgen_test]
fn what_is_no_object_is_nothing() {
    for text in [
        "",
        "null",
        "true",
        "1",
        "\"text\"",
        "[]",
        "[{}]",
        "{",
        "{\"a\":1,}",
        "{'a':1}",
        "{} {}",
        "<html>",
    ] {
        assert!(json::parse(text).is_none(), "{text}");
    }
    assert_eq!(kind(&parsed(" {}\n"), "a"), "-");
}

#[wasm_bindgen_test]
fn a_document_of_more_than_a_megabyte_is_not_looked_at() {
    let of_length = |length: usize| format!("{{\"a\":\"{}\"}}", "x".repeat(length - 8));
    assert_eq!(of_length(1 << 20).len(), 1 << 20);
    assert_eq!(parsed(&of_length(1 << 20)).text("a").len(), (1 << 20) - 8);
    assert!(json::parse(&of_length((1 << 20) + 1)).is_none());
}
