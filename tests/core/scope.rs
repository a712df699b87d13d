//! Scope tokens, sets of them, and the laws that sets keep.

use scopewise::core::error::Result;
use scopewise::core::scope::{MAX_BYTES, Scope, ScopeSet};

use crate::common::{MARK, Random, code, set, vectors};

fn texts(json: &serde_json::Value) -> Vec<&str> {
    json.as_array()
        .unwrap()
        .iter()
        .map(|item| item.as_str().unwrap())
        .collect()
}

/// A scope option that is an array.
fn from_array(tokens: &[&str]) -> Result<ScopeSet> {
    ScopeSet::from_tokens(tokens.iter().copied())
}

fn held(set: &ScopeSet) -> Vec<&str> {
    set.iter().collect()
}

#[test]
fn c154_illegal_characters_are_refused_with_their_place() {
    let table = vectors("scopes");
    for token in texts(&table["legal"]) {
        assert_eq!(Scope::parse(token).unwrap().as_str(), token);
        assert_eq!(from_array(&[token]).unwrap().to_string(), token);
    }
    for row in table["illegal"].as_array().unwrap() {
        let token = row["token"].as_str().unwrap();
        let error = Scope::parse(token).unwrap_err();
        assert_eq!(error.code(), "invalid_scope_syntax");
        if let Some(index) = row["index"].as_u64() {
            assert!(error.message().contains(&format!("index {index} ")), "{error}");
        }
        for array in [&[token][..], &["openid", token], &[token, "openid"]] {
            assert_eq!(code(from_array(array)), "invalid_scope_syntax", "{array:?}");
        }
    }
    // In a string, spaces part tokens; everything else that is illegal stays illegal.
    assert_eq!(held(&set("a b")), ["a", "b"]);
    for text in ["a\tb", "a\nb", "a \"b\"", "a b\u{e9}"] {
        assert_eq!(code(ScopeSet::parse(text)), "invalid_scope_syntax");
    }
}

#[test]
fn there_may_be_no_scopes_and_each_is_there_once() {
    assert_eq!(ScopeSet::parse("").unwrap(), ScopeSet::default());
    assert_eq!(from_array(&[]).unwrap(), ScopeSet::default());
    assert_eq!(from_array(&["b", "a", "b"]).unwrap(), set("b a"));
}

#[test]
fn a_string_holds_a_set_in_its_first_seen_order() {
    for row in vectors("scopes")["strings"].as_array().unwrap() {
        let parsed = set(row["text"].as_str().unwrap());
        assert_eq!(held(&parsed), texts(&row["tokens"]));
        assert_eq!(parsed.is_empty(), held(&parsed).is_empty());
    }
}

#[test]
fn c149_case_matters() {
    let there = set("Read");
    assert!(there.contains("Read"));
    assert!(!there.contains("read"));
    assert_eq!(set("read").minus(&there).to_string(), "read");
}

#[test]
fn c150_a_part_of_a_token_is_another_token() {
    let there = set("api:readwrite my.api:read");
    for part in [
        "api:read",
        "readwrite",
        "api",
        "api:readwrite ",
        "",
        " ",
        "api:readwrite my.api:read",
    ] {
        assert!(!there.contains(part), "{part}");
        assert_eq!(there.filter(&|held| held == part), ScopeSet::default(), "{part}");
    }
}

#[test]
fn c156_too_many_scopes_are_refused_not_cut() {
    let many: Vec<_> = (0..1000).map(|number| format!("api:number-{number}")).collect();
    let many: Vec<_> = many.iter().map(String::as_str).collect();
    assert_eq!(code(from_array(&many)), "invalid_scope_syntax");
    assert_eq!(code(ScopeSet::parse(&many.join(" "))), "invalid_scope_syntax");
    assert_eq!(code(ScopeSet::parse(&"x".repeat(20_000))), "invalid_scope_syntax");
    // What fits is sent whole.
    let most = "x".repeat(MAX_BYTES);
    assert_eq!(set(&most).to_string(), most);
    let half = "y".repeat(MAX_BYTES / 2);
    assert_eq!(from_array(&[&most]).unwrap().to_string(), most);
    assert_eq!(
        code(from_array(&[&half, &"z".repeat(MAX_BYTES / 2)])),
        "invalid_scope_syntax"
    );
    let short: Vec<_> = (0..1000).map(|number| format!("s{number}")).collect();
    let short: Vec<_> = short.iter().map(String::as_str).collect();
    assert_eq!(held(&from_array(&short).unwrap()), short);
}

#[test]
fn an_answer_keeps_what_is_legal() {
    let answered = ScopeSet::from_answer(format!(" b  \u{e9} a b a\"c {MARK}").split(' '));
    assert_eq!(held(&answered), ["b", "a", MARK]);
}

/// A few tokens of few, so that sets meet.
fn sample(random: &mut Random) -> ScopeSet {
    let tokens = [
        "openid",
        "a",
        "A",
        "a:b",
        "api:read",
        "api:readwrite",
        "__proto__",
        "~",
        "!",
    ];
    let count = random.below(8);
    let tokens: Vec<&str> = (0..count).map(|_| random.pick(&tokens)).collect();
    set(&tokens.join(" "))
}

fn same(one: &ScopeSet, other: &ScopeSet) -> bool {
    one.minus(other).is_empty() && other.minus(one).is_empty()
}

#[test]
fn laws_of_the_scope_algebra() {
    let mut random = Random(0x5eed);
    for _ in 0..5_000 {
        let (a, b, c) = (sample(&mut random), sample(&mut random), sample(&mut random));
        assert_eq!(a.union(&a), a);
        assert_eq!(a.union(&ScopeSet::default()), a);
        assert_eq!(a.minus(&ScopeSet::default()), a);
        assert!(a.minus(&a).is_empty());
        assert!(same(&a.union(&b), &b.union(&a)));
        assert_eq!(a.union(&b).union(&c), a.union(&b.union(&c)));
        assert_eq!(a.minus(&b).minus(&c), a.minus(&b.union(&c)));
        assert_eq!(a.minus(&b).union(&b).minus(&b), a.minus(&b));
        assert!(same(&a.union(&b), &a.minus(&b).union(&b)));
        assert!(a.minus(&b).iter().all(|token| a.contains(token) && !b.contains(token)));
        assert!(a.iter().chain(b.iter()).all(|token| a.union(&b).contains(token)));
    }
}

#[test]
fn order_is_kept_and_the_wire_gives_back_the_set() {
    let mut random = Random(0xface);
    for _ in 0..5_000 {
        let (a, b) = (sample(&mut random), sample(&mut random));
        let union: Vec<&str> = a.iter().chain(b.iter().filter(|token| !a.contains(token))).collect();
        assert_eq!(held(&a.union(&b)), union);
        let minus: Vec<&str> = a.iter().filter(|token| !b.contains(token)).collect();
        assert_eq!(held(&a.minus(&b)), minus);
        assert_eq!(a.filter(&|token| !b.contains(token)), a.minus(&b));
        assert_eq!(a.union(&b).len(), union.len());
        assert_eq!(a.contains_all(&b), b.minus(&a).is_empty());
        assert_eq!(set(&a.to_string()), a);
        assert_eq!(ScopeSet::from_answer(a.to_string().split(' ')), a);
        assert_eq!(from_array(&held(&a)).unwrap(), a);
    }
}
