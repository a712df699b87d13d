//! What is just allowed, and what is one too many.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use scopewise::core::error::{Error, FailedCheck};
use scopewise::core::resource::Challenge;
use scopewise::core::value::Value;
use serde_json::json;

use crate::common::{claims, exchange, granted, id_token, set, sign_in, target, value};

#[test]
fn claims_of_a_challenge_are_four_kibibytes_at_the_most() {
    let claims = |length: usize| {
        let json = format!("{{\"a\":\"{}\"}}", "x".repeat(length - 8));
        let header = format!(
            "Bearer error=\"insufficient_claims\", claims=\"{}\"",
            URL_SAFE_NO_PAD.encode(json)
        );
        Challenge::parse(401, &header).claims.map(|claims| claims.len())
    };
    assert_eq!(claims(4096), Some(4096));
    assert_eq!(claims(4097), None);
}

#[test]
fn a_long_id_token_is_no_hint() {
    let hint = |length: usize| {
        let token = |padding: usize| {
            let mut claims = claims("ada");
            claims["padding"] = "x".repeat(padding).into();
            id_token(&claims)
        };
        // Three bytes are four in base64url.
        let about = (length - token(0).len()) / 4 * 3;
        let fitting = (about - 3..length)
            .map(token)
            .find(|token| token.len() >= length)
            .unwrap();
        let session = exchange(None, &sign_in("openid"), json!({ "id_token": fitting })).unwrap();
        (fitting.len(), session.id_token_hint().is_some())
    };
    assert_eq!(hint(4096), (4096, true));
    let (length, is_hint) = hint(4097);
    assert!(length > 4096 && !is_hint);
}

#[test]
fn only_scopes_of_some_length_are_shown_and_ten_of_them() {
    let message = |scopes: &str| Error::missing_scope(set(scopes).iter().map(str::to_owned).collect()).message();
    assert!(message(&"x".repeat(100)).contains(&format!("`{}`", "x".repeat(100))));
    assert!(!message(&"x".repeat(101)).contains("xx"));
    let many: Vec<String> = (0..11).map(|number| format!("scope-{number}")).collect();
    let shown = message(&many.join(" "));
    assert!(shown.contains("`scope-9`") && !shown.contains("scope-10"), "{shown}");
}

#[test]
fn the_longest_text_is_anywhere() {
    let longest = |json: serde_json::Value| value(&json).longest_text();
    assert_eq!(longest(json!("four")), 4);
    assert_eq!(longest(json!([1, "a", ["three"], "bc", null])), 5);
    assert_eq!(longest(json!({ "a": "bc", "member": true, "b": { "c": "d" } })), 6);
    assert_eq!(longest(json!({ "a": { "b": ["seventy"] } })), 7);
    assert_eq!(
        (longest(json!([])), longest(json!({})), longest(json!(1_000_000))),
        (0, 0, 0)
    );
}

#[test]
fn the_size_is_about_that_of_the_json() {
    for json in [
        json!({ "a": ["some", "texts", { "and": "names" }], "b": "c" }),
        json!(["a", "b", "c", "d", "e"]),
        json!({ "a": "b", "c": "d", "e": {} }),
        json!("a text"),
    ] {
        assert_eq!(value(&json).size(), json.to_string().len() + slack(&json), "{json}");
    }
    assert_eq!(Value::Null.size(), 8);
}

/// A comma after each last item and member.
fn slack(json: &serde_json::Value) -> usize {
    match json {
        serde_json::Value::Array(items) => 1.min(items.len()) + items.iter().map(slack).sum::<usize>(),
        serde_json::Value::Object(members) => 1.min(members.len()) + members.values().map(slack).sum::<usize>(),
        _ => 0,
    }
}

#[test]
fn a_session_has_all_of_some_scopes_or_it_does_not() {
    let session = granted("api:read api:write", json!({ "expires_in": 60 }));
    let default = scopewise::core::target::Target::default();
    let (now, other) = (crate::common::NOW, target(Some("api"), &[]));
    assert!(session.has(&set("api:read api:write"), &default, now));
    assert!(!session.has(&set("api:read other"), &default, now));
    assert!(!session.has(&set("api:read"), &other, now));
    assert!(!session.has(&set("api:read"), &default, now + 60));
}

#[test]
fn a_failed_check_of_a_jwt_says_what_to_look_at() {
    let advice = |reason| {
        let check = || Box::new(FailedCheck { reason });
        let messages = [
            Error::ResponseJwtInvalid(check()).message(),
            Error::UserInfoJwtInvalid(check()).message(),
        ];
        assert!(messages[0].starts_with(&format!("The authorization response fails the check `{reason}`. ")));
        assert!(messages[1].starts_with(&format!("The userinfo endpoint's JWT fails the check `{reason}`. ")));
        let told = messages.map(|text| text.split_once("`. ").unwrap().1.to_owned());
        assert_eq!(told[0], told[1]);
        told[0].clone()
    };
    for (reason, told) in [
        ("response_mode", "With responseMode query.jwt it must be a JWT"),
        ("aud", "It is not for this client: compare it with clientId."),
        ("malformed", "It must be signed and not encrypted"),
        ("exp", "Is the clock of this device right"),
        ("nbf", "Is the clock of this device right"),
        ("iss", "Compare it with the issuer option"),
        ("azp", "It is for another client"),
        ("key", "At jwks_uri of the server's metadata"),
        ("signature", "It was not signed with the key"),
        ("other", "Check how the client is registered."),
    ] {
        assert!(advice(reason).starts_with(told), "{reason}: {}", advice(reason));
    }
}

#[test]
fn a_token_is_fresh_until_it_is_not() {
    for (members, seconds, until) in [
        (json!({ "expires_in": 3600 }), 60, 3540),
        (json!({ "expires_in": 100 }), 60, 50),
        (json!({ "expires_in": 101 }), 60, 51),
        (json!({ "expires_in": 100 }), 30, 70),
        (json!({ "expires_in": 3600, "refresh_token": "s3cr3t" }), 60, 3540),
        // A new one counts as fresh: no loop of refreshes.
        (json!({ "expires_in": 2, "refresh_token": "s3cr3t" }), 60, 2),
        (json!({ "expires_in": 10 }), 60, 5),
    ] {
        let session = granted("api:read", members.clone());
        let grant = crate::common::the_grant(&session);
        let end = grant.fresh_until(seconds).unwrap();
        assert_eq!(end - crate::common::NOW, until, "{members} {seconds}");
        assert!(
            grant.is_fresh(end - 1, seconds) && !grant.is_fresh(end, seconds),
            "{members}"
        );
    }
    let session = granted("api:read", json!({}));
    assert_eq!(crate::common::the_grant(&session).fresh_until(60), None);
}
