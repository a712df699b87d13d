//! What fapi2-message-signing-final-client-test-plan has beyond the security profile: responses that are signed JWTs.

use scopewise::ResponseMode;
use scopewise::client::SignInOptions;
use scopewise::core::authorize::{AuthorizeOptions, Outcome};
use scopewise::core::error::Result;
use scopewise::host::Page as _;
use serde_json::{Value as Json, json};

use super::fapi2::{party, sent_since};
use super::{Party, replace};
use crate::app::App;
use crate::host::Call;
use crate::server::ISSUER;

/// A request whose response is to be signed.
pub(super) fn options() -> SignInOptions {
    let authorize = AuthorizeOptions::default().with_response_mode(ResponseMode::QueryJwt);
    SignInOptions::default().with_authorize(authorize)
}

/// Handles the response in the page's URL, signed or not, which is gone from there at once.
pub(super) fn handled(app: &App) -> Result<Option<Outcome>> {
    let call = app.client.handle_callback(None);
    let url = app.page.url();
    assert!(
        !url.contains("response=") && !url.contains("state="),
        "the address bar is clean"
    );
    Call::start(&app.page, call).wait(app.browser())
}

/// The response is refused: nobody is signed in, and nothing is sent but a question for the keys, if any.
#[track_caller]
fn assert_refuses(
    party: &Party,
    change: impl FnOnce(String) -> String,
    expected: (&str, Option<&str>),
    asks_keys: bool,
) {
    let back = party.returned_from(options(), change);
    let before = party.browser.network.requests.borrow().len();
    let error = handled(&back).unwrap_err();
    assert_eq!((error.code(), error.reason()), expected);
    let keys = [format!("{ISSUER}/jwks")];
    assert_eq!(sent_since(party, before), keys[..usize::from(asks_keys)]);
    assert!(back.session().is_none());
}

/// The same, for claims that are not as they ought to be; null takes one away.
#[track_caller]
fn assert_refuses_claims(claims: impl FnOnce(&Party) -> Json, expected: (&str, Option<&str>)) {
    let party = party();
    let claims = claims(&party);
    party.server().change_response = Some(Box::new(move |all| replace(all, claims)));
    assert_refuses(&party, |url| url, expected, false);
}

#[test]
fn fapi2_security_profile_final_client_test_ensure_jarm_without_iss_fails() {
    assert_refuses_claims(|_| json!({ "iss": null }), ("issuer_missing", None));
}

#[test]
fn fapi2_security_profile_final_client_test_ensure_jarm_with_invalid_iss_fails() {
    for issuer in ["https://id.example1", "https://id.example/"] {
        assert_refuses_claims(|_| json!({ "iss": issuer }), ("issuer_mismatch", None));
    }
}

#[test]
fn fapi2_security_profile_final_client_test_ensure_jarm_without_aud_fails() {
    assert_refuses_claims(|_| json!({ "aud": null }), ("response_malformed", Some("aud")));
}

#[test]
fn fapi2_security_profile_final_client_test_ensure_jarm_with_invalid_aud_fails() {
    assert_refuses_claims(|_| json!({ "aud": "app1" }), ("response_malformed", Some("aud")));
}

#[test]
fn fapi2_security_profile_final_client_test_ensure_jarm_without_exp_fails() {
    assert_refuses_claims(|_| json!({ "exp": null }), ("response_malformed", Some("exp")));
}

#[test]
fn fapi2_security_profile_final_client_test_ensure_jarm_with_expired_exp_fails() {
    assert_refuses_claims(
        |party| json!({ "exp": party.browser.seconds() - 360 }),
        ("response_malformed", Some("exp")),
    );
}

#[test]
fn fapi2_security_profile_final_client_test_ensure_jarm_with_invalid_sig_fails() {
    let party = party();
    party.server().keys.mangles = true;
    assert_refuses(&party, |url| url, ("response_malformed", Some("signature")), true);
}

#[test]
fn fapi2_security_profile_final_client_test_ensure_jarm_signature_is_not_none() {
    // With nothing for a signature, as RFC 7519 §6 has it, it is no JWT that can be read; with something it is.
    let unsigned: fn(String) -> String = |url| [url.rsplit_once('.').unwrap().0, "."].concat();
    let signed: fn(String) -> String = |url| url;
    for (change, expected) in [
        (unsigned, ("response_malformed", Some("malformed"))),
        (signed, ("response_malformed", Some("alg"))),
    ] {
        let party = party();
        party.server().keys.algorithm = "none";
        assert_refuses(&party, change, expected, false);
    }
}
