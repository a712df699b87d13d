//! The path of hasScope makes no allocation.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::hint::black_box;

use allocation_counter::measure;
use common::{NOW, session};
use scopewise::core::grant::Target;
use scopewise::core::scope;

#[test]
fn looking_up_a_scope_allocates_nothing() {
    let session = session("openid profile api:read api:write");
    let target = Target::default();
    let other = common::target(&[("audience", "other"), ("resource", "https://a.example")]);
    let counted = measure(|| drop(black_box(String::from("counted"))));
    assert!(counted.count_total > 0, "the counter does not count");
    for (text, covered) in [
        ("api:write", true),
        ("openid api:read", true),
        ("api:delete", false),
        ("api:read api:delete", false),
    ] {
        for target in [&target, &other] {
            let mut found = true;
            let made = measure(|| {
                for token in scope::tokens(black_box(text)) {
                    let token = scope::checked(token).unwrap();
                    let grant = session.grant(target);
                    found &= grant.is_some_and(|grant| grant.covers(token) && grant.is_live(NOW));
                }
            });
            assert_eq!(made.count_total, 0, "{text}");
            assert_eq!(found, covered && *target == Target::default(), "{text}");
        }
    }
}
