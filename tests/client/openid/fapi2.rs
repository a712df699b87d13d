//! fapi2-security-profile-final-client-test-plan, as far as a public client goes whose tokens are bound to a key: pushed
//! requests, `iss` in every answer, ID tokens signed as the metadata announces, a nonce in every proof.

use scopewise::client::SignInOptions;
use scopewise::core::server::ServerMetadata;
use scopewise::core::value::Value;
use serde_json::{Value as Json, json};

use super::jarm::{self, handled};
use super::{Party, assert_stops_at_another_issuer, document};
use crate::app::{code, options};
use crate::host::api::FakeCall;

pub(super) fn party() -> Party {
    let members = json!({
        "id_token_signing_alg_values_supported": ["PS256", "ES256"], "require_pushed_authorization_requests": true,
        "authorization_signing_alg_values_supported": ["PS256", "ES256"], "dpop_signing_alg_values_supported": ["ES256"],
    });
    let known: Value = serde_json::from_value(document(members)).unwrap();
    let options = options()
        .with_metadata(ServerMetadata::parse(&known).unwrap())
        .with_verify_signature()
        .with_dpop();
    let party = Party::with(options);
    party.server().keys.algorithm = "PS256";
    party.server().proofs.nonce = Some("of-the-server".to_owned());
    party
}

fn refuses(claims: Json, reason: &str) {
    let party = party();
    party.claim(claims);
    party.assert_refuses(reason);
}

/// A sign-in by redirect, then a call of the API with what it brought; both servers may want a nonce.
fn assert_happy_with(party: &Party, options: SignInOptions, scheme: &'static str) {
    let back = party.returned_from(options, |url| url);
    assert_eq!(handled(&back).unwrap().unwrap().status.as_str(), "granted");
    let call = FakeCall::new(&back.page, "https://app.example/api", "read");
    let nonce = party.server().proofs.nonce.clone().map(|_| "of-the-api".to_owned());
    // Where a nonce is wanted, the first request is answered with it.
    let tries = if nonce.is_some() { 2 } else { 1 };
    call.proofs.borrow_mut().nonce = nonce;
    call.scheme.set(scheme);
    assert_eq!(Party::send(&back, call.clone()), 200);
    assert_eq!((call.count.get(), call.proofs.borrow().taken), (tries, 1));
    let server = party.server();
    assert!(server.violations.is_empty());
    // The pushed request and the code; the page to which the user returns is another one, and learns the nonce anew.
    assert_eq!((server.proofs.taken, server.proofs.without_nonce), (2, 2 * (tries - 1)));
    assert_eq!(party.browser.network.count("/par"), tries);
    assert!(
        server.key_of(&back.stored_token().unwrap()).is_some(),
        "the token is bound"
    );
}

fn assert_happy(party: &Party) {
    assert_happy_with(party, SignInOptions::default(), "DPoP");
}

/// The answer is refused, and nothing was sent to any endpoint after it.
fn assert_refuses_answer(change: impl FnOnce(String) -> String, expected: &str) {
    let party = party();
    let back = party.returned(change);
    let before = party.browser.network.requests.borrow().len();
    assert_eq!(code(back.handled()), expected);
    assert_eq!(sent_since(&party, before), [""; 0]);
    assert!(back.session().is_none());
}

/// The URLs of the requests after so many.
pub(super) fn sent_since(party: &Party, before: usize) -> Vec<String> {
    party.browser.run();
    let requests = party.browser.network.requests.borrow();
    requests[before..].iter().map(|(url, _)| url.clone()).collect()
}

/// The URL without a parameter, or with another value.
fn with(url: &str, name: &str, value: Option<&str>) -> String {
    let (path, query) = url.split_once('?').unwrap();
    let pairs = form_urlencoded::parse(query.as_bytes()).filter_map(|(held, old)| match held == name {
        true => Some((held, value?.to_owned())),
        false => Some((held, old.into_owned())),
    });
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    format!("{path}?{query}")
}

#[test]
fn fapi2_security_profile_final_client_test_happy_path() {
    assert_happy(&party());
    assert_happy_with(&party(), jarm::options(), "DPoP");
}

#[test]
fn fapi2_security_profile_final_client_test_happy_path_no_dpop_nonce() {
    let party = party();
    party.server().proofs.nonce = None;
    assert_happy(&party);
}

#[test]
fn fapi2_security_profile_final_client_test_rs_dpop_auth_scheme_case_insensitivity() {
    assert_happy_with(&party(), SignInOptions::default(), "dPoP");
}

#[test]
fn fapi2_security_profile_final_client_test_discovery_issuer_mismatch() {
    assert_stops_at_another_issuer(&Party::with(options().with_par(true)));
}

#[test]
fn fapi2_security_profile_final_client_test_invalid_iss() {
    refuses(json!({ "iss": "https://id.example/" }), "iss");
}

#[test]
fn fapi2_security_profile_final_client_test_invalid_aud() {
    refuses(json!({ "aud": "another-app" }), "aud");
}

#[test]
fn fapi2_security_profile_final_client_test_invalid_secondary_aud() {
    refuses(json!({ "aud": ["app", "nobody"] }), "aud");
}

#[test]
fn fapi2_security_profile_final_client_test_invalid_null_alg() {
    Party::assert_refuses_unsigned(party);
}

#[test]
fn fapi2_security_profile_final_client_test_invalid_alternate_alg() {
    let party = party();
    party.server().keys.algorithm = "RS256";
    party.assert_refuses("alg");
}

#[test]
fn fapi2_security_profile_final_client_test_invalid_expired_exp() {
    let party = party();
    let now = party.browser.seconds();
    party.claim(json!({ "exp": now - 360 }));
    party.assert_refuses("exp");
}

#[test]
fn fapi2_security_profile_final_client_test_invalid_missing_exp() {
    refuses(json!({ "exp": null }), "exp");
}

#[test]
fn fapi2_security_profile_final_client_test_invalid_missing_aud() {
    refuses(json!({ "aud": null }), "aud");
}

#[test]
fn fapi2_security_profile_final_client_test_invalid_missing_iss() {
    refuses(json!({ "iss": null }), "iss");
}

#[test]
fn fapi2_security_profile_final_client_test_valid_aud_as_array() {
    let party = party();
    party.claim(json!({ "aud": ["app"] }));
    assert_happy(&party);
}

#[test]
fn fapi2_security_profile_final_client_test_invalid_nonce() {
    refuses(json!({ "nonce": "another" }), "nonce");
}

#[test]
fn fapi2_security_profile_final_client_test_invalid_missing_nonce() {
    refuses(json!({ "nonce": null }), "nonce");
}

#[test]
fn fapi2_security_profile_final_client_test_invalid_authorization_response_iss() {
    assert_refuses_answer(
        |url| with(&url, "iss", Some("https://other.example")),
        "issuer_mismatch",
    );
}

#[test]
fn fapi2_security_profile_final_client_test_remove_authorization_response_iss() {
    assert_refuses_answer(|url| with(&url, "iss", None), "issuer_missing");
}

#[test]
fn fapi2_security_profile_final_client_test_ensure_authorization_response_with_invalid_state_fails() {
    assert_refuses_answer(|url| with(&url, "state", Some("another")), "transaction_missing");
}

#[test]
fn fapi2_security_profile_final_client_test_ensure_authorization_response_with_invalid_missing_state_fails() {
    assert_refuses_answer(|url| with(&url, "state", None), "state_missing");
}

#[test]
fn fapi2_security_profile_final_client_test_token_endpoint_response_without_expires_in() {
    let party = party();
    party.respond(json!({ "expires_in": null }));
    assert_happy(&party);
}

#[test]
fn fapi2_security_profile_final_client_test_token_type_case_insensitivity() {
    let party = party();
    party.respond(json!({ "token_type": "dPoP" }));
    assert_happy(&party);
}

#[test]
fn fapi2_security_profile_final_client_refresh_token_test() {
    let party = party();
    party.app.popup().unwrap();
    // The API refuses a token, twice; the first refresh brings the refresh token for the second.
    for token in ["access-1", "access-2"] {
        party.server().forget_access_tokens();
        assert_eq!(Party::call_api(&party.app), 200);
        assert_eq!(party.app.stored_token().as_deref(), Some(token));
    }
    let sent: Vec<_> = party
        .browser
        .network
        .refreshes
        .borrow()
        .iter()
        .map(|one| one.token.clone())
        .collect();
    assert_eq!(sent, ["refresh-0", "refresh-1"]);
}
