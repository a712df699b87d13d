//! Scopes as a developer writes them, and as servers list them.

use scopewise::core::scope::{MAX_BYTES, ScopeSet, tokens};

use crate::input::{Input, check_error};

pub(crate) fn target(data: &[u8]) {
    let input = Input::new(data);
    let (one, other) = input.two();
    let [a, b] = [one, other].map(|text| ScopeSet::from_answer(tokens(text)));
    strict(one, &a);
    laws(&a, &b);
    // A denied scope is none of those granted, and all of both are all that was asked for.
    let (denied, granted) = (a.minus(&b), a.filter(&|scope| b.contains(scope)));
    assert_eq!(denied.len() + granted.len(), a.len());
    assert!(denied.iter().all(|scope| !granted.contains(scope)));
}

/// A text is read whole or not at all.
fn strict(text: &str, lax: &ScopeSet) {
    let is_legal = |byte: u8| byte == 0x21 || (0x23..=0x5b).contains(&byte) || (0x5d..=0x7e).contains(&byte);
    match ScopeSet::parse(text) {
        Ok(set) => {
            assert_eq!(set, *lax);
            assert!(text.bytes().all(|byte| byte == b' ' || is_legal(byte)));
            assert!(set.to_string().len() <= MAX_BYTES.min(text.len()));
        }
        Err(error) => {
            assert_eq!(error.code(), "invalid_scope_syntax");
            check_error(&error, []);
            let is_long = lax.to_string().len() > MAX_BYTES;
            assert!(
                is_long || text.bytes().any(|byte| byte != b' ' && !is_legal(byte)),
                "{text:?}"
            );
        }
    }
    let mut expected: Vec<&str> = Vec::new();
    for token in text.split(' ').filter(|token| !token.is_empty()) {
        if token.bytes().all(is_legal) && !expected.contains(&token) {
            expected.push(token);
        }
    }
    assert!(lax.iter().eq(expected));
}

/// What is printed is read again, and sets are sets.
fn laws(a: &ScopeSet, b: &ScopeSet) {
    if a.to_string().len() <= MAX_BYTES {
        assert_eq!(ScopeSet::parse(&a.to_string()).as_ref(), Ok(a));
    }
    let (both, less) = (a.union(b), a.minus(b));
    assert!(both.contains_all(a) && both.contains_all(b) && a.contains_all(&less));
    assert_eq!(both.len(), less.len() + b.len());
    assert_eq!(both.union(a), both);
    assert!(both.minus(a).minus(b).is_empty());
    assert_eq!(a.contains_all(b), b.minus(a).is_empty());
}
