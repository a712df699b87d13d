//! Signing out: what is given up, and where users are sent.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use common::{CLIENT, answer, assert_no_secret, metadata, pairs, token_body};
use scopewise::core::http::Request;
use scopewise::core::metadata::Metadata;
use scopewise::core::options::Options;
use scopewise::core::session::Session;
use scopewise::core::{sign_out, token};
use serde_json::json;

/// The sample client of a provider.
fn at(provider: &str) -> Options {
    common::options(&[("extends", provider)]).unwrap()
}

fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
        .collect()
}

/// What is revoked at a sign-out.
fn revoked(session: &Session, metadata: &Metadata) -> Vec<Vec<(String, String)>> {
    let requests = sign_out::revocations(metadata, CLIENT, session);
    let form = |request: &Request| {
        assert_eq!(request.url, "https://id.example/revoke");
        assert_no_secret(&format!("{request:?}"));
        pairs(request.form.as_deref().unwrap())
    };
    requests.iter().map(form).collect()
}

#[test]
fn c280_a_sign_out_gives_up_every_grant() {
    let session = common::session("openid api:read");
    let transaction = common::asked(
        common::upgrading("openid api:pay", "api:pay", session.subject()),
        &[("audience", "urn:other")],
    );
    let both = common::exchange(Some(&session), &transaction, common::answered(json!({}))).unwrap();
    // The one without a refresh token loses its access token.
    let expected =
        ["s3cr3t-new-access", "s3cr3t-refresh"].map(|token| owned(&[("client_id", CLIENT), ("token", token)]));
    assert_eq!(revoked(&both, &metadata()), expected);
    assert!(revoked(&both, &without("revocation_endpoint")).is_empty());
}

#[test]
fn c210_an_answer_that_comes_too_late_is_given_up() {
    let late = |status, members| {
        let answer = answer(status, Some(&token_body(members)));
        token::give_up(&metadata(), CLIENT, &answer).map(|request| request.form.unwrap().as_str().to_owned())
    };
    assert_eq!(
        late(200, json!({ "refresh_token": "s3cr3t-late" })).as_deref(),
        Some("client_id=app&token=s3cr3t-late")
    );
    assert_eq!(
        late(200, json!({})).as_deref(),
        Some("client_id=app&token=s3cr3t-access")
    );
    assert_eq!(late(400, json!({ "error": "invalid_grant" })), None);
    assert_eq!(late(200, json!({ "token_type": "mac" })), None);
}

/// The sample metadata without an endpoint.
fn without(endpoint: &str) -> Metadata {
    let mut document = common::metadata_document();
    document.as_object_mut().unwrap().remove(endpoint);
    Metadata::parse(common::document(&document).unwrap()).unwrap()
}

#[test]
fn a_server_with_its_own_way_to_sign_out_is_asked_in_its_way() {
    let url = |client: &Options, metadata: &Metadata| {
        sign_out::request(
            metadata,
            client,
            "s3cr3t",
            Some("https://app.example/bye?x=1"),
            &[7; 32],
        )
    };
    let auth0 = url(&at("auth0"), &without("end_session_endpoint")).unwrap();
    assert_eq!(
        auth0,
        "https://id.example/v2/logout?client_id=app&returnTo=https%3A%2F%2Fapp.example%2Fbye%3Fx%3D1"
    );
    // What the metadata says has the first word.
    assert!(
        url(&at("auth0"), &metadata())
            .unwrap()
            .starts_with("https://id.example/logout?")
    );
    for provider in ["generic", "google", "entra", "okta", "keycloak", "github"] {
        assert_eq!(url(&at(provider), &without("end_session_endpoint")), None, "{provider}");
    }
    let slash = common::options(&[("extends", "auth0"), ("issuer", "https://id.example/")]).unwrap();
    assert!(
        url(&slash, &without("end_session_endpoint"))
            .unwrap()
            .starts_with("https://id.example/v2/logout?")
    );
}
