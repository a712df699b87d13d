//! What is granted besides scopes (RFC 9396).

use scopewise::core::authorization_details::AuthorizationDetails;
use scopewise::core::error::Result;
use scopewise::core::session::{Session, StoredSession};
use scopewise::core::target::Target;
use scopewise::core::token::TokenResponse;
use serde_json::{Value as Json, json};

use crate::common::{
    assert_discreet, exchange, granted, response, restored, sign_in, stored, stringify, the_grant, token_body, upgrade,
};

fn read(details: &Json) -> Result<Option<AuthorizationDetails>> {
    let body = token_body(json!({ "authorization_details": details }));
    TokenResponse::parse(&response(200, Some(&body))).map(|answer| answer.authorization_details)
}

fn text(details: Option<AuthorizationDetails>) -> Option<String> {
    details.map(|details| stringify(details.as_value()))
}

fn of(session: &Session) -> Option<String> {
    text(session.authorization_details(&Target::default()))
}

#[test]
fn objects_in_an_array_or_nothing() {
    assert_eq!(text(read(&json!(null)).unwrap()), None);
    for sound in [
        json!([]),
        json!([{}]),
        json!([{ "type": "payment", "actions": ["a"] }, { "x": null }]),
    ] {
        assert_eq!(text(read(&sound).unwrap()), Some(sound.to_string()));
    }
    for wrong in [
        json!("x"),
        json!(1),
        json!(false),
        json!({}),
        json!([1]),
        json!([{}, null]),
        json!([[]]),
    ] {
        let error = read(&wrong).unwrap_err();
        assert_eq!(error.code(), "token_response_invalid", "{wrong}");
        assert!(error.message().contains("`authorization_details`"), "{error}");
        assert_discreet(&error);
    }
}

#[test]
fn their_size_is_bounded() {
    let of_size = |text: &str, count: usize| read(&json!(vec![json!({ "type": text }); count]));
    assert!(of_size(&"x".repeat(60_000), 1).is_ok());
    // With what stands around it: [{"type":"…"}], and a comma each after object and member.
    assert!(of_size(&"x".repeat(65_521), 1).is_ok());
    assert!(of_size(&"x".repeat(65_522), 1).is_err());
    assert!(of_size("x", 3_000).is_ok());
    assert!(of_size("x", 5_000).is_err());
    let names = json!([{ "x".repeat(65_536): 1 }]);
    assert!(read(&names).is_err());
    let numbers = json!([{ "x": vec![1; 10_000] }]);
    assert!(read(&numbers).is_err());
}

#[test]
fn they_stay_with_the_grant_until_an_answer_says_others() {
    let details = json!([{ "type": "calendar", "id": "7" }]);
    let members = json!({ "authorization_details": details, "refresh_token": "s3cr3t-refresh" });
    let session = granted("api:read", members);
    assert_eq!(of(&session), Some(details.to_string()));

    assert_eq!(of(&stored(&session)), Some(details.to_string()));

    let refreshed = |members: Json| {
        let answer = TokenResponse::parse(&response(200, Some(&token_body(members)))).unwrap();
        let grant = the_grant(&session).refreshed(&Default::default(), answer, false, 0);
        text(grant.authorization_details().cloned())
    };
    assert_eq!(refreshed(json!({})), Some(details.to_string()));
    assert_eq!(
        refreshed(json!({ "authorization_details": null })),
        Some(details.to_string())
    );
    assert_eq!(refreshed(json!({ "authorization_details": [] })), Some("[]".to_owned()));

    // Another grant is another one.
    let body = json!({ "scope": "api:read api:write" });
    let after = exchange(Some(&session), &upgrade(&session, "api:write"), body).unwrap();
    assert_eq!(of(&after), None);
    let nothing = exchange(None, &sign_in("api:read"), json!({ "scope": "api:read" })).unwrap();
    assert_eq!(of(&nothing), None);
}

#[test]
fn a_record_with_unsound_ones_is_none() {
    let session = granted("api:read", json!({ "authorization_details": [{ "type": "a" }] }));
    let record: Json = serde_json::from_str(&stringify(&session.to_value())).unwrap();
    for wrong in [json!("x"), json!({}), json!([1])] {
        let mut record = record.clone();
        record["grants"][0]["authorization_details"] = wrong;
        assert_eq!(restored(&record.to_string()), StoredSession::Unsound);
    }
}
