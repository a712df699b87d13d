//! The platform's JSON parser and printer: types stay apart, and nothing in a text does more than stand there.

use super::page::{Changed, script, text};
use scopewise::browser::Browser;
use scopewise::core::value::Value;
use scopewise::host::Json;
use wasm_bindgen_test::wasm_bindgen_test;

fn parse(text: &str) -> Option<Value> {
    Browser::default().parse(text)
}

fn parsed(text: &str) -> Value {
    parse(text).expect("JSON")
}

fn names(value: &Value) -> Vec<&str> {
    match value {
        Value::Object(members) => members.iter().map(|(name, _)| name.as_str()).collect(),
        _ => panic!("{value:?} is no object"),
    }
}

#[wasm_bindgen_test]
fn strings_numbers_and_booleans_are_read_as_such_and_as_nothing_else() {
    let value = parsed(r#"{"string": "60", "number": 60, "word": "true", "yes": true, "no": false, "empty": ""}"#);
    for (name, expected) in [
        ("string", "60".into()),
        ("number", Value::Number(60.0)),
        ("word", "true".into()),
        ("yes", true.into()),
        ("no", false.into()),
        ("empty", "".into()),
    ] {
        assert!(value.get(name) == Some(&expected), "{name}");
    }
}

#[wasm_bindgen_test]
fn absent_is_not_null_and_null_is_not_empty() {
    let value = parsed(r#"{"null": null}"#);
    assert_eq!(value.get("null"), Some(&Value::Null));
    assert_eq!(value.get("absent"), None);
}

#[wasm_bindgen_test]
fn numbers_are_read_as_they_are() {
    let value = parsed(r#"{"part": 3599.9, "below": -0.5, "big": 4294967296, "huge": 1e300, "beyond": 1e400}"#);
    for (name, number) in [
        ("part", 3599.9),
        ("below", -0.5),
        ("big", 4_294_967_296.0),
        ("huge", 1e300),
        ("beyond", f64::INFINITY),
    ] {
        assert!(value.get(name) == Some(&Value::Number(number)), "{name}");
    }
}

#[wasm_bindgen_test]
fn of_two_members_of_one_name_the_last_one_counts() {
    let value = parsed(r#"{"sub": "ada", "a": 1, "sub": "eve"}"#);
    assert_eq!(names(&value), ["sub", "a"]);
    assert_eq!(value.text("sub"), Some("eve"));
}

#[wasm_bindgen_test]
fn no_name_or_text_passes_for_another_member() {
    let value = parsed(r#"{"a=b": "x", "c": "1\u001essub=eve\u001dv", "d\u001esname": "y", "ü ✓": "%26 +\u0000é😀"}"#);
    assert_eq!(names(&value), ["a=b", "c", "d\u{1e}sname", "ü ✓"]);
    assert_eq!(value.text("c"), Some("1\u{1e}ssub=eve\u{1d}v"));
    assert_eq!(value.text("ü ✓"), Some("%26 +\0é😀"));
}

#[wasm_bindgen_test]
fn half_a_surrogate_pair_is_replaced() {
    assert_eq!(parsed(r#"{"a": "x\ud83dy"}"#).text("a"), Some("x\u{fffd}y"));
}

#[wasm_bindgen_test]
fn arrays_and_objects_are_read_whole() {
    let value =
        parsed(r#"{"two": ["a b", "c&d=e"], "mixed": ["a", 1], "none": [], "cnf": {"jkt": "thumb"}, "after": "x"}"#);
    assert_eq!(value.get("two"), Some(&vec!["a b", "c&d=e"].into()));
    assert_eq!(
        value.get("mixed"),
        Some(&Value::Array(vec!["a".into(), Value::Number(1.0)]))
    );
    assert_eq!(value.get("none"), Some(&Value::Array(Vec::new())));
    assert_eq!(value.get("cnf").and_then(|cnf| cnf.text("jkt")), Some("thumb"));
    assert_eq!((value.get("jkt"), value.text("after")), (None, Some("x")));
}

#[wasm_bindgen_test]
fn the_prototype_is_no_member() {
    let value = parsed(r#"{"__proto__": {"sub": "evil"}, "constructor": "x"}"#);
    assert_eq!(names(&value), ["constructor"]);
    assert_eq!(value.get("sub"), None);
    // What every object inherits is no member.
    assert_eq!(value.get("toString"), None);
    assert_eq!(text("return String(({}).sub)"), "undefined");
}

#[wasm_bindgen_test]
fn what_is_no_json_is_nothing() {
    for text in ["", "{", "{\"a\":1,}", "{'a':1}", "{} {}", "<html>", "undefined"] {
        assert!(parse(text).is_none(), "{text}");
    }
    assert_eq!(names(&parsed(" {}\n")), [""; 0]);
    assert_eq!(parse("null"), Some(Value::Null));
    assert_eq!(parse("[{}]"), Some(Value::Array(vec![Value::Object(Vec::new())])));
}

#[wasm_bindgen_test]
fn a_text_of_more_than_a_megabyte_is_not_looked_at() {
    let of_length = |length: usize| format!("{{\"a\":\"{}\"}}", "x".repeat(length - 8));
    assert_eq!(of_length(1 << 20).len(), 1 << 20);
    assert_eq!(parsed(&of_length(1 << 20)).text("a").map(str::len), Some((1 << 20) - 8));
    assert!(parse(&of_length((1 << 20) + 1)).is_none());
}

#[wasm_bindgen_test]
fn too_many_levels_are_nothing() {
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert!(parse(&nested(60)).is_some());
    assert!(parse(&nested(70)).is_none());
    assert!(parse(&nested(400_000)).is_none());
}

#[wasm_bindgen_test]
fn a_value_becomes_the_text_that_it_is_read_from() {
    let text =
        r#"{"v":2,"id":"é😀\n\"\u001e","user":null,"grants":[{"at":1700000000000,"part":0.5,"is":true},[]],"none":{}}"#;
    let value = parsed(text);
    assert_eq!(Browser::default().stringify(&value), text);
    for (value, text) in [
        (Value::Null, "null"),
        (Value::Number(1.5), "1.5"),
        ("a".into(), "\"a\""),
    ] {
        assert_eq!(Browser::default().stringify(&value), text);
    }
}

#[wasm_bindgen_test]
fn no_setter_of_every_object_gets_a_member() {
    let _changed = Changed::new(
        "globalThis.taken = [];
         for (const name of ['sub', 'frozen']) {
           Object.defineProperty(Object.prototype, name, { configurable: true, get: () => 'root', set(value) { globalThis.taken.push(value) } });
         }",
        "for (const name of ['sub', 'frozen']) delete Object.prototype[name]",
    );
    let record = Value::object([
        ("sub", "ada".into()),
        ("list", Value::Array(vec![Value::object([("frozen", true.into())])])),
    ]);
    let text = Browser::default().stringify(&record);
    assert_eq!(text, r#"{"sub":"ada","list":[{"frozen":true}]}"#);
    assert_eq!(script("return globalThis.taken.length"), 0);
}
