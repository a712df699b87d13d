//! Signing out: what is revoked, and where users are sent.

use scopewise::core::config::Config;
use scopewise::core::end_session;
use scopewise::core::error::Result;
use scopewise::core::http::Request;
use scopewise::core::secret::{AccessToken, RefreshToken};
use scopewise::core::server::ServerMetadata;
use scopewise::core::server::revocation::{self, RevocableToken};
use scopewise::core::session::Session;
use scopewise::core::token::TokenResponse;
use serde_json::{Value as Json, json};

use crate::common::{
    self, CLIENT, assert_no_secret, client_of, client_options, config, exchange, known_provider, metadata,
    metadata_without, options_with, owned, pairs, response, set, target, token_body, upgrade_body, upgrading,
};

/// What is revoked at a sign-out.
fn revoked(session: &Session, metadata: &ServerMetadata) -> Vec<Vec<(String, String)>> {
    let requests = end_session::revocations(metadata, CLIENT, session);
    let form = |request: &Request| {
        assert_eq!(request.url, "https://id.example/revoke");
        assert_no_secret(&format!("{request:?}"));
        pairs(request.form.as_deref().unwrap())
    };
    requests.iter().map(form).collect()
}

#[test]
fn c280_a_sign_out_revokes_every_grant() {
    let session = common::session("openid api:read");
    let options = options_with(|options| options.target = Some(target(Some("urn:other"), &[])));
    let intent = upgrading(&set("openid api:pay"), &set("api:pay"), session.subject());
    let both = exchange(
        Some(&session),
        &common::asked(intent, &options),
        upgrade_body(json!({})),
    )
    .unwrap();
    // The access token of the grant that has no refresh token.
    let expected =
        ["s3cr3t-new-access", "s3cr3t-refresh"].map(|token| owned([("client_id", CLIENT), ("token", token)]));
    assert_eq!(revoked(&both, &metadata()), expected);
    assert!(revoked(&both, &metadata_without("revocation_endpoint")).is_empty());
}

/// The form that revokes what a response brings too late.
fn revoked_late(status: u16, members: Json) -> Result<String> {
    let response = TokenResponse::parse(&response(status, Some(&token_body(members))))?;
    let token = RevocableToken::of(&response.access_token, response.refresh_token.as_ref());
    let request = revocation::request(&metadata(), CLIENT, &token).unwrap();
    Ok(request.form.unwrap())
}

#[test]
fn c210_a_response_that_comes_too_late_is_revoked() {
    assert_eq!(
        revoked_late(200, json!({ "refresh_token": "s3cr3t-late" })).unwrap(),
        "client_id=app&token=s3cr3t-late"
    );
    assert_eq!(
        revoked_late(200, json!({})).unwrap(),
        "client_id=app&token=s3cr3t-access"
    );
    assert!(revoked_late(400, json!({ "error": "invalid_grant" })).is_err());
    assert!(revoked_late(200, json!({ "token_type": "mac" })).is_err());
    let (access, refresh) = (AccessToken::new("s3cr3t-access"), RefreshToken::new("s3cr3t-late"));
    assert_eq!(
        RevocableToken::of(&access, Some(&refresh)),
        RevocableToken::Refresh(refresh)
    );
    assert_eq!(RevocableToken::of(&access, None), RevocableToken::Access(access));
}

#[test]
fn a_server_with_its_own_way_to_sign_out_is_asked_in_its_way() {
    let session = common::session("openid");
    let url = |client: &Config, metadata: &ServerMetadata| {
        end_session::url(
            metadata,
            client,
            &session,
            Some("https://app.example/bye?x=1"),
            &[7; 32],
        )
    };
    let without = metadata_without("end_session_endpoint");
    assert_eq!(
        url(&client_of("auth0"), &without).unwrap(),
        "https://id.example/v2/logout?client_id=app&returnTo=https%3A%2F%2Fapp.example%2Fbye%3Fx%3D1"
    );
    // The metadata has the first word.
    assert!(
        url(&client_of("auth0"), &metadata())
            .unwrap()
            .starts_with("https://id.example/logout?")
    );
    for provider in ["generic", "google", "entra", "okta", "keycloak", "github"] {
        assert_eq!(url(&client_of(provider), &without), None, "{provider}");
    }
    let mut options = client_options().with_provider(known_provider("auth0"));
    options.issuer = Some("https://id.example/".to_owned());
    assert!(
        url(&config(options).unwrap(), &without)
            .unwrap()
            .starts_with("https://id.example/v2/logout?")
    );
}
