//! oidcc-client-refreshtoken-test-plan.

use serde_json::json;

use super::Party;
use crate::host::Fate;
use crate::server::answer;

/// Somebody is signed in at a server whose refreshes bring ID tokens.
fn signed_in() -> Party {
    let party = Party::new();
    party.server().renews_id_tokens = true;
    party.app.popup().unwrap();
    party
}

#[test]
fn oidcc_client_test_refresh_token() {
    let party = signed_in();
    let token = party.app.forced_token().wait(&party.browser).unwrap();
    assert_eq!(token.secret(), "access-1");
    party.browser.network.next(Fate::Scripted(Box::new(|request| {
        assert_eq!(request.token.as_ref().map(|token| token.secret()), Some("access-1"));
        answer(200, json!({ "sub": "ada" }))
    })));
    party.user_info().unwrap();
}

/// A refreshed ID token is refused: what was there stays, and nothing of the answer is used.
fn assert_refuses(claims: serde_json::Value, expected: (&str, Option<&str>)) {
    let party = signed_in();
    let before = (party.app.client.id_token().unwrap(), party.app.stored_token());
    party.claim(claims);
    let error = party.app.forced_token().wait(&party.browser).unwrap_err();
    assert_eq!((error.code(), error.reason()), expected);
    assert_eq!((party.app.client.id_token().unwrap(), party.app.stored_token()), before);
}

#[test]
fn oidcc_client_test_refresh_token_invalid_issuer() {
    assert_refuses(
        json!({ "iss": "https://other.example" }),
        ("id_token_invalid", Some("iss")),
    );
}

#[test]
fn oidcc_client_test_refresh_token_invalid_sub() {
    assert_refuses(json!({ "sub": "eve" }), ("subject_mismatch", None));
}
