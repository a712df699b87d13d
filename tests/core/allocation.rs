//! What is done on each render allocates nothing, and no check of many scopes costs their square.

use std::hint::black_box;

use allocation_counter::measure;
use scopewise::core::provider::{ImpliedScopes, ProviderProfile};
use scopewise::core::scope::{self, ScopeSet};
use scopewise::core::session::{Grant, ScopeReport};
use scopewise::core::target::Target;
use scopewise::core::token::TokenResponse;
use serde_json::json;

use crate::common::{NOW, known_provider, response, session, target, token_body};

#[test]
fn looking_up_a_scope_allocates_nothing() {
    let session = session("openid profile api:read api:write");
    let default = Target::default();
    let other = target(Some("other"), &["https://a.example"]);
    let counted = measure(|| drop(black_box(String::from("counted"))));
    assert!(counted.count_total > 0, "the counter does not count");
    for (text, covered) in [
        ("api:write", true),
        ("openid api:read", true),
        ("api:delete", false),
        ("api:read api:delete", false),
    ] {
        for target in [&default, &other] {
            let mut found = true;
            let made = measure(|| {
                for token in scope::tokens(black_box(text)) {
                    let grant = session.grant(target);
                    found &= grant.is_some_and(|grant| grant.covers(token) && grant.is_usable(NOW));
                }
            });
            assert_eq!(made.count_total, 0, "{text}");
            assert_eq!(found, covered && *target == default, "{text}");
        }
    }
}

/// So many scopes, from a number on.
fn scopes(first: usize, count: usize) -> ScopeSet {
    let tokens: Vec<String> = (first..first + count)
        .map(|number| format!("write:{number:05}"))
        .collect();
    ScopeSet::from_answer(tokens.iter().map(String::as_str))
}

/// A profile whose rules carry a scope for each, at a server that ignores case.
fn carrying() -> ProviderProfile {
    let mut profile = known_provider("entra");
    profile.implies.push(ImpliedScopes::new("write:*", &["read:*"]));
    profile.implies.push(ImpliedScopes::new("read:*", &["list:*"]));
    profile
}

/// A grant of these scopes, on the server's word.
fn grant_of(profile: &ProviderProfile, requested: &ScopeSet, returned: &ScopeSet) -> Grant {
    let body = token_body(json!({ "scope": returned.to_string().to_uppercase() }));
    let response = TokenResponse::parse(&response(200, Some(&body)));
    Grant::new(profile, Target::default(), requested.clone(), response.unwrap(), NOW)
}

/// Work with two sets of scopes, which have half of them in common, and a grant of the first.
type Work = fn(&ScopeSet, &ScopeSet, &Grant);

/// Allocations, and bytes, of some work with so many scopes.
fn work(count: usize, work: Work) -> (u64, u64) {
    let (one, other) = (scopes(0, count), scopes(count / 2, count));
    let grant = grant_of(&carrying(), &one, &scopes(0, 10));
    let made = measure(|| work(black_box(&one), black_box(&other), black_box(&grant)));
    (made.count_total, made.bytes_total)
}

#[test]
fn a_hundred_times_the_scopes_is_about_a_hundred_times_the_work() {
    let all: [(&str, Work); 9] = [
        ("parse", |one, _, _| drop(black_box(ScopeSet::parse(&one.to_string())))),
        ("union", |one, other, _| drop(black_box(one.union(other)))),
        ("minus", |one, other, _| drop(black_box(one.minus(other)))),
        ("contains_all", |one, other, _| {
            black_box(one.contains_all(other));
        }),
        ("missing", |_, other, grant| drop(black_box(grant.missing(other)))),
        ("closure", |one, _, _| drop(black_box(carrying().closure(one)))),
        ("scopes to request", |one, other, _| {
            drop(black_box(carrying().scopes_to_request(&one.union(other), other)));
        }),
        ("a grant", |one, other, _| {
            drop(black_box(grant_of(&carrying(), one, other)))
        }),
        ("a report", |one, other, _| {
            drop(black_box(ScopeReport::new(
                None,
                &carrying(),
                &Target::default(),
                one.union(other),
            )));
        }),
    ];
    for (name, of_count) in all {
        let [few, some, many] = [10, 100, 1_000].map(|count| work(count, of_count));
        assert!(few.0 > 0 && many.0 < 3_000_000, "{name}: {few:?} {some:?} {many:?}");
        // The square would be a hundred times as much with each step.
        for (less, more) in [(few, some), (some, many)] {
            assert!(more.0 <= less.0 * 16, "{name}: {few:?} {some:?} {many:?} allocations");
            assert!(more.1 <= less.1 * 16, "{name}: {few:?} {some:?} {many:?} bytes");
        }
    }
}
