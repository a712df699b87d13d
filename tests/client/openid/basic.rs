//! oidcc-client-basic-certification-test-plan, and what oidcc-client-test-plan has beyond it for the code flow.

use serde_json::json;

use super::Party;
use crate::app::{code, options, set};
use crate::host::Fate;
use crate::server::{answer, query};

#[test]
fn oidcc_client_test() {
    let party = Party::new();
    let back = party.returned(|url| url);
    assert_eq!(back.handled().unwrap().unwrap().status.as_str(), "granted");
    let call = back.start(|client| async move { client.user_info().await });
    assert_eq!(call.wait(&party.browser).unwrap().text("sub"), Some("ada"));
    assert!(party.server().violations.is_empty());
    let asked = party.server().asked.clone();
    assert_eq!(query(&asked, "response_type").as_deref(), Some("code"));
}

#[test]
fn oidcc_client_test_invalid_iss() {
    let party = Party::new();
    party.claim(json!({ "iss": "https://id.example/other" }));
    party.assert_refuses("iss");
}

#[test]
fn oidcc_client_test_missing_sub() {
    let party = Party::new();
    party.claim(json!({ "sub": null }));
    party.assert_refuses("sub");
}

#[test]
fn oidcc_client_test_invalid_aud() {
    let party = Party::new();
    party.claim(json!({ "aud": "another-app" }));
    party.assert_refuses("aud");
}

#[test]
fn oidcc_client_test_missing_aud() {
    let party = Party::new();
    party.claim(json!({ "aud": null }));
    party.assert_refuses("aud");
}

#[test]
fn oidcc_client_test_missing_iat() {
    let party = Party::new();
    party.claim(json!({ "iat": null }));
    party.assert_refuses("iat");
}

#[test]
fn oidcc_client_test_nonce_invalid() {
    let party = Party::new();
    party.claim(json!({ "nonce": "another" }));
    party.assert_refuses("nonce");
}

#[test]
fn oidcc_client_test_nonce_unless_code_flow() {
    let party = Party::new();
    let nonces = [(); 2].map(|()| {
        party.app.popup().unwrap();
        query(&party.server().asked.clone(), "nonce").unwrap()
    });
    assert!(nonces[0] != nonces[1] && nonces.iter().all(|nonce| nonce.len() >= 43));
}

#[test]
fn oidcc_client_test_invalid_athash() {
    let party = Party::new();
    party.claim(json!({ "at_hash": "77QmUPtjPfzWtF2AnpK9RQ" }));
    party.assert_refuses("at_hash");
}

#[test]
fn oidcc_client_test_invalid_chash() {
    let party = Party::new();
    party.claim(json!({ "c_hash": "77QmUPtjPfzWtF2AnpK9RQ" }));
    party.assert_refuses("c_hash");
}

#[test]
fn oidcc_client_test_kid_absent_single_jwks() {
    let party = Party::new();
    party.server().keys.are_named = false;
    party.assert_accepts();
}

#[test]
fn oidcc_client_test_kid_absent_multiple_jwks() {
    let party = Party::new();
    party.server().keys.are_named = false;
    party.server().keys.published.push("two");
    party.assert_refuses("key");
}

#[test]
fn oidcc_client_test_idtoken_sig_rs256() {
    let party = Party::new();
    party.assert_accepts();
    assert_eq!(party.browser.network.count("/jwks"), 1);
}

#[test]
fn oidcc_client_test_idtoken_sig_none() {
    Party::assert_refuses_unsigned(Party::new);
}

#[test]
fn oidcc_client_test_invalid_sig_rs256() {
    let party = Party::new();
    party.server().keys.mangles = true;
    party.assert_refuses("signature");
}

#[test]
fn oidcc_client_test_invalid_sig_es256() {
    let party = Party::new();
    party.server().keys.algorithm = "ES256";
    party.server().keys.mangles = true;
    party.assert_refuses("signature");
}

#[test]
fn oidcc_client_test_invalid_sig_hs256() {
    let party = Party::new();
    party.server().keys.algorithm = "HS256";
    party.server().keys.mangles = true;
    party.assert_refuses("alg");
}

#[test]
fn oidcc_client_test_userinfo_bearer_header() {
    let party = Party::new();
    party.app.popup().unwrap();
    party.browser.network.next(Fate::Scripted(Box::new(|request| {
        // A request's token goes into the header; it is nowhere else.
        assert_eq!(request.token.as_ref().map(|token| token.secret()), Some("access-0"));
        assert_eq!(
            (request.url.as_str(), &request.form),
            ("https://id.example/userinfo", &None)
        );
        answer(200, json!({ "sub": "ada" }))
    })));
    assert!(party.user_info().is_ok());
}

#[test]
fn oidcc_client_test_userinfo_signed() {
    let party = Party::new();
    party.app.popup().unwrap();
    let claims = json!({ "iss": "https://id.example", "aud": "app", "email": "ada@id.example" });
    party.server().signs_user_info = Some(claims);
    let found = party.user_info().unwrap();
    assert_eq!(
        (found.text("sub"), found.text("email")),
        (Some("ada"), Some("ada@id.example"))
    );
    // What is not signed by the server counts for nothing.
    party.server().keys.mangles = true;
    let error = party.user_info().unwrap_err();
    assert_eq!((error.code(), error.reason()), ("user_info_invalid", Some("signature")));
    assert!(party.server().violations.is_empty());
}

#[test]
fn oidcc_client_test_userinfo_invalid_sub() {
    let party = Party::new();
    party.app.popup().unwrap();
    party.script(200, json!({ "sub": "eve", "email": "eve@id.example" }));
    assert_eq!(code(party.user_info()), "subject_mismatch");
    assert!(party.app.session().is_some());
}

#[test]
fn oidcc_client_test_scope_userinfo_claims() {
    const SCOPE: &str = "openid profile email address phone";
    let party = Party::with(options().with_scope(set(SCOPE)).with_verify_signature());
    party.app.popup().unwrap();
    assert_eq!(query(&party.server().asked.clone(), "scope").as_deref(), Some(SCOPE));
    let claims = json!({
        "sub": "ada", "name": "Ada", "email": "ada@id.example", "phone_number": "+44 20 7946 0000",
        "address": { "locality": "London" },
    });
    party.script(200, claims);
    let claims = party.user_info().unwrap();
    for (name, value) in [
        ("name", "Ada"),
        ("email", "ada@id.example"),
        ("phone_number", "+44 20 7946 0000"),
    ] {
        assert_eq!(claims.text(name), Some(value));
    }
    assert_eq!(claims.get("address").unwrap().text("locality"), Some("London"));
}

/// Claims of other providers are handed over as they came: whom to ask for them, and with what trust, is the application's.
fn assert_hands_over(source: serde_json::Value) {
    let party = Party::new();
    party.app.popup().unwrap();
    let names = json!({ "address": "src1", "phone_number": "src1" });
    party.script(
        200,
        json!({ "sub": "ada", "_claim_names": names, "_claim_sources": { "src1": source } }),
    );
    let claims = party.user_info().unwrap();
    assert_eq!(claims.get("_claim_names").unwrap().text("address"), Some("src1"));
    let source = claims.get("_claim_sources").unwrap().get("src1").unwrap();
    assert!(source.text("JWT").or(source.text("endpoint")).is_some());
    assert_eq!(party.browser.network.count("/claims"), 0);
}

#[test]
fn oidcc_client_test_aggregated_claims() {
    assert_hands_over(json!({ "JWT": "e30.e30.c2ln" }));
}

#[test]
fn oidcc_client_test_distributed_claims() {
    assert_hands_over(json!({ "endpoint": "https://claims.example/claims", "access_token": "other" }));
}
