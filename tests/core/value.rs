//! JSON values and their strict reader: absent, null and another type are three things.

use scopewise::core::reader::{FromValue, ObjectReader, Reader, Wrong};
use scopewise::core::scope::ScopeSet;
use scopewise::core::value::Value;
use serde_json::json;

use crate::common::{parse_json, set, stringify, value, vectors};

fn wrong(name: &str, expected: &'static str) -> Wrong {
    Wrong {
        name: name.to_owned(),
        expected: Some(expected),
    }
}

/// A member of another type than the one that is read.
fn assert_wrong<T: FromValue + std::fmt::Debug + PartialEq>(object: &Value, names: &[&'static str]) {
    for name in names {
        let mut reader = Reader::new(object).unwrap();
        let expected = Err(wrong(name, T::EXPECTED));
        assert_eq!(reader.required::<T>(name), expected, "{name}");
        assert_eq!(reader.optional::<T>(name), expected.map(Some), "{name}");
    }
}

#[test]
fn c092_objects_have_own_members_only() {
    let object = value(&json!({
        "a": "x", "n": 1.9, "m": -0.5, "b": true, "l": ["x", "y"], "e": [], "null": null, "o": {}, "mixed": ["x", 1],
        "": "empty",
    }));
    let mut reader = Reader::new(&object).unwrap();
    assert_eq!(reader.required("a"), Ok("x".to_owned()));
    assert_eq!(reader.required("n"), Ok(1));
    assert_eq!(reader.required("m"), Ok(-1));
    assert_eq!(reader.required("b"), Ok(true));
    assert_eq!(reader.required("l"), Ok(vec!["x".to_owned(), "y".to_owned()]));
    assert_eq!(reader.required("e"), Ok(Vec::<String>::new()));
    assert_eq!(reader.required(""), Ok("empty".to_owned()));
    for absent in ["__proto__", "constructor", "hasOwnProperty", "toString", "sa", "sl"] {
        assert_eq!(object.get(absent), None, "{absent}");
        assert_eq!(reader.value(absent), None, "{absent}");
        assert_eq!(reader.optional::<String>(absent), Ok(None));
        assert_eq!(reader.optional::<i64>(absent), Ok(None));
        assert_eq!(
            reader.required::<Vec<String>>(absent),
            Err(wrong(absent, "an array of strings"))
        );
    }
    // There with another type is not absent, and has no text.
    assert_wrong::<String>(&object, &["n", "b", "l", "e", "null", "o", "mixed"]);
    assert_wrong::<i64>(&object, &["a", "b", "l", "e", "null", "o", "mixed"]);
    assert_wrong::<bool>(&object, &["a", "n", "l", "e", "null", "o", "mixed"]);
    assert_wrong::<Vec<String>>(&object, &["a", "n", "b", "null", "o", "mixed"]);
    assert_wrong::<ScopeSet>(&object, &["a", "n", "b", "null", "o", "mixed"]);
    for name in ["n", "b", "l", "e", "null", "o", "mixed"] {
        assert_eq!(object.text(name), None, "{name}");
    }
}

#[test]
fn no_member_of_an_object_poses_as_another() {
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
        let object = value(&json);
        assert_eq!(object.text("sub"), sub);
        for absent in ["a", "v", "granted", "target", "y", "b"] {
            assert_eq!(object.get(absent), None, "{absent}");
        }
        // Every text is to the letter.
        assert_eq!(object.get("list"), Some(&value(&json["list"])));
        assert_eq!(object.text("text"), json["text"].as_str());
        assert_eq!(object.text("a=b"), Some("x"));
    }
}

#[test]
fn what_is_no_object_has_no_members() {
    for json in [
        json!(null),
        json!(true),
        json!(1),
        json!("sub"),
        json!([]),
        json!([{ "sub": "eve" }]),
    ] {
        let value = value(&json);
        assert!(Reader::new(&value).is_none(), "{json}");
        assert_eq!((value.get("sub"), value.text("sub")), (None, None), "{json}");
    }
    assert_eq!(value(&json!("x")).as_str(), Some("x"));
    assert_eq!(Value::object([("sa", "1".into())]).text("sa"), Some("1"));
}

#[test]
fn absent_null_and_another_type_are_three_things() {
    let object = value(&json!({ "null": null, "number": 5 }));
    let mut reader = Reader::new(&object).unwrap();
    assert_eq!(reader.value("null"), Some(&Value::Null));
    assert_eq!(reader.optional::<String>("null"), Err(wrong("null", "a string")));
    assert_eq!(reader.required::<String>("null"), Err(wrong("null", "a string")));
    // Where null says the same as nothing.
    let mut answer = ObjectReader::new(&object).unwrap();
    assert_eq!(answer.nullable::<String>("null"), None);
    assert_eq!(answer.nullable::<String>("absent"), None);
    assert_eq!(answer.nullable::<i64>("number"), Some(5));
    assert_eq!(answer.wrong(), None);
    assert_eq!(answer.nullable::<String>("number"), None);
    assert_eq!(answer.wrong(), Some("number"));
    assert_eq!(reader.required::<i64>("absent"), Err(wrong("absent", "a number")));
    assert_eq!(reader.required::<Value>("null"), Ok(Value::Null));
}

#[test]
fn an_unknown_member_is_named() {
    let object = value(&json!({ "scope": "a", "maxage": 1, "other": 2 }));
    let mut reader = Reader::new(&object).unwrap();
    let (_, _) = (reader.optional::<String>("scope"), reader.optional::<i64>("maxAge"));
    let unknown = Wrong {
        name: "maxage".to_owned(),
        expected: None,
    };
    assert_eq!(reader.finish(), Err(unknown));
    let mut reader = Reader::new(&object).unwrap();
    for name in ["other", "scope", "maxage", "absent"] {
        reader.value(name);
    }
    assert_eq!(reader.finish(), Ok(()));
    // What has the wrong type is known, all the same.
    let object = value(&json!({ "maxAge": "x" }));
    let mut reader = Reader::new(&object).unwrap();
    assert!(reader.optional::<i64>("maxAge").is_err());
    assert_eq!(reader.finish(), Ok(()));
}

#[test]
fn numbers_are_cut_to_whole_ones_and_bounded() {
    for (json, number) in [
        (json!(0), Some(0)),
        (json!(-0.5), Some(-1)),
        (json!(3599.9), Some(3599)),
        (json!(4_294_967_296_i64), Some(4_294_967_296)),
        (json!(-1_700_000_000), Some(-1_700_000_000)),
        (json!(999_999_999_999_998_976_i64), Some(999_999_999_999_998_976)),
        (json!(1e18), None),
        (json!(-1e18), None),
        (json!(1e300), None),
        (json!(i64::MAX), None),
        (json!("5"), None),
        (json!(true), None),
        (json!([5]), None),
    ] {
        assert_eq!(i64::from_value(&value(&json)), number, "{json}");
    }
    for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(i64::from_value(&Value::Number(number)), None);
    }
}

#[test]
fn a_scope_set_is_an_array_of_tokens() {
    assert_eq!(ScopeSet::from_value(&value(&json!([]))), Some(ScopeSet::default()));
    // What is outside the grammar can never be asked for.
    let tokens = json!(["b", "a", "b", "c d", "\u{e9}", ""]);
    assert_eq!(ScopeSet::from_value(&value(&tokens)), Some(set("b a")));
    for json in [json!("a b"), json!(null), json!(["a", 1]), json!({})] {
        assert_eq!(ScopeSet::from_value(&value(&json)), None, "{json}");
    }
}

/// Each row is a text, and the value that a host reads, or none. The browser's parser reads the same rows.
#[test]
fn the_host_and_serde_json_read_the_same() {
    let table = vectors("json");
    let rows = table["cases"].as_array().unwrap();
    for row in rows {
        let text = text_of(&row["text"]);
        let found = parse_json(&text);
        let is_read = row.get("value").is_some();
        assert_eq!(found.is_some(), is_read, "{row}");
        if let Some(found) = found {
            assert_eq!(found, value(&row["value"]), "{row}");
            assert_eq!(parse_json(&stringify(&found)), Some(found), "{row}");
        }
    }
    assert!(rows.len() > 20);
    // Half a pair of surrogates is refused here; a browser reads U+FFFD in its place.
    for row in table["surrogates"]["cases"].as_array().unwrap() {
        assert_eq!(parse_json(&text_of(&row["text"])), None, "{row}");
        assert!(row["value"].to_string().contains('\u{fffd}'));
    }
}

/// A text of a row: as it stands, or a piece so many times, with others around it.
fn text_of(json: &serde_json::Value) -> String {
    match json {
        serde_json::Value::Array(pieces) => pieces.iter().map(text_of).collect(),
        serde_json::Value::Object(repeated) => {
            let times = usize::try_from(repeated["times"].as_u64().unwrap()).unwrap();
            text_of(&repeated["piece"]).repeat(times)
        }
        text => text.as_str().unwrap().to_owned(),
    }
}

#[test]
fn a_value_is_bounded_in_depth_and_members() {
    let nested = |levels: usize| ["[".repeat(levels), "]".repeat(levels)].concat();
    assert!(parse_json(&nested(64)).is_some());
    assert!(parse_json(&nested(65)).is_none());
    let objects = |levels: usize| [r#"{"a":"#.repeat(levels), "1".to_owned(), "}".repeat(levels)].concat();
    assert!(parse_json(&objects(64)).is_some());
    assert!(parse_json(&objects(65)).is_none());
    let members = |count: usize| {
        let members: Vec<_> = (0..count).map(|index| format!(r#""m{index}":1"#)).collect();
        format!("{{{}}}", members.join(","))
    };
    assert!(parse_json(&members(20_000)).is_some());
    assert!(parse_json(&members(20_001)).is_none());
}

#[test]
fn a_value_shows_its_type_and_not_what_it_holds() {
    for (json, shown) in [
        (json!(null), "null"),
        (json!(true), "boolean"),
        (json!(5), "number"),
        (json!("s3cr3t"), "string"),
        (json!(["s3cr3t"]), "array"),
        (json!({ "s3cr3t": "s3cr3t" }), "object"),
    ] {
        assert_eq!(format!("{:?}", value(&json)), shown);
    }
}
