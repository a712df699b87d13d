//! What is done on each render allocates nothing, and no check of many scopes costs their square.

use std::hint::black_box;

use allocation_counter::measure;
use scopewise::core::scope;
use scopewise::core::target::Target;

use crate::common::{NOW, session, target};

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
