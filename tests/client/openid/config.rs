//! oidcc-client-config-certification-test-plan.

use serde_json::json;

use super::{Party, assert_stops_at_another_issuer, document};
use crate::server::ISSUER;

#[test]
fn oidcc_client_test_discovery_openid_config() {
    let party = Party::new();
    party.script(
        200,
        document(json!({ "userinfo_endpoint": "https://id.example/about-me" })),
    );
    party.app.popup().unwrap();
    party.script(200, json!({ "sub": "ada" }));
    party.user_info().unwrap();
    let requests = party.browser.network.requests.borrow();
    let paths: Vec<_> = requests.iter().map(|(url, _)| url.replace(ISSUER, "")).collect();
    assert_eq!(
        paths,
        ["/.well-known/openid-configuration", "/jwks", "/token", "/about-me"]
    );
}

#[test]
fn oidcc_client_test_discovery_jwks_uri_keys() {
    for run in ["one", "two"] {
        let party = Party::new();
        let uri = format!("{ISSUER}/{run}/jwks");
        party.script(200, document(json!({ "jwks_uri": uri })));
        party.script(200, json!({ "keys": [] }));
        party.prepared().unwrap();
        assert_eq!(party.browser.network.requests.borrow().last().unwrap().0, uri);
    }
}

#[test]
fn oidcc_client_test_discovery_issuer_mismatch() {
    assert_stops_at_another_issuer(&Party::new());
}

#[test]
fn oidcc_client_test_signing_key_rotation_just_before_signing() {
    let party = Party::new();
    party.prepared().unwrap();
    party.server().keys.rotate("two");
    party.assert_accepts();
    assert_eq!(party.browser.network.count("/jwks"), 2);
}

#[test]
fn oidcc_client_test_signing_key_rotation() {
    let party = Party::new();
    party.assert_accepts();
    party.server().keys.rotate("two");
    party.assert_accepts();
    assert_eq!(party.browser.network.count("/jwks"), 2);
}
