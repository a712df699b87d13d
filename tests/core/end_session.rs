//! Signing out: what is revoked, and where users are sent.

use scopewise::core::config::Config;
use scopewise::core::end_session;
use scopewise::core::http::Request;
use scopewise::core::provider::{ProviderProfile, SignOutEndpoint};
use scopewise::core::secret::{AccessToken, RefreshToken};
use scopewise::core::server::ServerMetadata;
use scopewise::core::server::revocation::{self, RevocableToken};
use scopewise::core::session::{Session, TokenEndpointAnswer};
use serde_json::{Value as Json, json};

use crate::common::{
    self, CLIENT, NOW, assert_no_secret, claims, client, client_of, client_options, config, exchange, granted,
    id_token, known_provider, metadata, metadata_document, metadata_without, options_with, owned, pairs, parse_json,
    response, set, sign_in, target, token_body, upgrade_body, upgrading,
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

/// The token to revoke of a response that comes too late for `ada`, who asked.
fn unused(current: Option<&Session>, status: u16, members: Json) -> Option<RevocableToken> {
    let answer = TokenEndpointAnswer {
        config: &client(),
        metadata: &metadata(),
        response: &response(status, Some(&token_body(members))),
        key: None,
        now: NOW,
        parse_json: &parse_json,
    };
    answer.unused_token(current, Some("ada"))
}

#[test]
fn c210_a_response_that_comes_after_a_sign_out_is_revoked() {
    let refresh = RevocableToken::Refresh(RefreshToken::new("s3cr3t-late"));
    let access = RevocableToken::Access(AccessToken::new("s3cr3t-access"));
    let members = json!({ "refresh_token": "s3cr3t-late" });
    assert_eq!(unused(None, 200, members), Some(refresh.clone()));
    assert_eq!(unused(None, 200, json!({})), Some(access));
    assert_eq!(unused(None, 400, json!({ "error": "invalid_grant" })), None);
    assert_eq!(unused(None, 200, json!({ "token_type": "mac" })), None);
    let request = revocation::request(&metadata(), CLIENT, &refresh).unwrap();
    assert_eq!(request.form.unwrap(), "client_id=app&token=s3cr3t-late");
}

#[test]
fn c233_a_response_that_comes_too_late_is_dropped_while_a_grant_of_its_user_lives() {
    let ada = common::session("openid api:read");
    let as_user = |sub: &str| json!({ "id_token": id_token(&claims(sub)) });
    let eve = exchange(None, &sign_in("openid"), as_user("eve")).unwrap();
    let nameless = granted("api:read", json!({}));
    // Whoever asked, or on the word of its ID token another one.
    for (current, members, is_revoked) in [
        (&ada, json!({}), false),
        (&ada, as_user("ada"), false),
        (&ada, as_user("eve"), true),
        (&eve, json!({}), true),
        (&eve, as_user("eve"), false),
        (&nameless, json!({}), false),
        (&nameless, as_user("eve"), false),
    ] {
        assert_eq!(
            unused(Some(current), 200, members.clone()).is_some(),
            is_revoked,
            "{members}"
        );
    }
}

#[test]
fn a_sign_out_says_what_there_is_to_say() {
    let url = |endpoint: &str, session: &Session, return_to| {
        let mut document = metadata_document();
        document["end_session_endpoint"] = json!(endpoint);
        let metadata = ServerMetadata::parse(&common::value(&document)).unwrap();
        end_session::url(&metadata, &client(), session, return_to, &[7; 32]).unwrap()
    };
    // Without an ID token the client says by itself who asks, and without a way back there is no state.
    let nameless = granted("api:read", json!({}));
    for (endpoint, expected) in [
        ("https://id.example/logout", "https://id.example/logout?client_id=app"),
        (
            "https://id.example/logout?p=b2c",
            "https://id.example/logout?p=b2c&client_id=app",
        ),
        ("https://id.example/", "https://id.example/?client_id=app"),
    ] {
        assert_eq!(url(endpoint, &nameless, None), expected);
    }
    let named = url(
        "https://id.example/logout",
        &common::session("openid"),
        Some("https://app.example/bye?a=b&c=d#e"),
    );
    let sent = pairs(named.split_once('?').unwrap().1);
    let names: Vec<&str> = sent.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        ["client_id", "id_token_hint", "post_logout_redirect_uri", "state"]
    );
    assert_eq!(sent[2].1, "https://app.example/bye?a=b&c=d#e");
    assert!(sent[3].1.starts_with("signout.") && sent[3].1.len() > 43);
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
    let mut document = metadata_document();
    document["authorization_endpoint"] = json!("https://id.example?tenant=a/b");
    document.as_object_mut().unwrap().remove("end_session_endpoint");
    let bare = ServerMetadata::parse(&common::value(&document)).unwrap();
    assert!(
        url(&client_of("auth0"), &bare)
            .unwrap()
            .starts_with("https://id.example/v2/logout?")
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

#[test]
fn cognito_wants_its_own_names_whatever_the_metadata_says() {
    let session = common::session("openid");
    let url = |client: &Config, metadata: &ServerMetadata, return_to| {
        end_session::url(metadata, client, &session, return_to, &[7; 32]).unwrap()
    };
    let metadata_of = |endpoint: &str| {
        let mut document = metadata_document();
        document["authorization_endpoint"] = json!("https://login.example/oauth2/authorize");
        document["end_session_endpoint"] = json!(endpoint);
        ServerMetadata::parse(&common::value(&document)).unwrap()
    };
    for endpoint in ["https://login.example/logout", "https://login.example/other"] {
        let metadata = metadata_of(endpoint);
        let cognito = client_of("cognito");
        assert_eq!(
            url(&cognito, &metadata, Some("https://app.example/bye")),
            "https://login.example/logout?client_id=app&logout_uri=https%3A%2F%2Fapp.example%2Fbye"
        );
        // It shows an error to whoever comes without one.
        assert_eq!(
            url(&cognito, &metadata, None),
            "https://login.example/logout?client_id=app&logout_uri=https%3A%2F%2Fapp.example%2Fcallback"
        );
    }
}

#[test]
fn an_application_says_how_its_server_signs_out() {
    let session = common::session("openid");
    let with = |endpoint: SignOutEndpoint| {
        let mut profile = ProviderProfile::default();
        profile.sign_out = Some(endpoint);
        config(client_options().with_provider(profile))
    };
    let url = |endpoint: SignOutEndpoint, return_to| {
        let client = with(endpoint).unwrap();
        end_session::url(&metadata(), &client, &session, return_to, &[7; 32]).unwrap()
    };
    let own = SignOutEndpoint::new("/bye?all=1")
        .with_client_id("client")
        .with_return_to("back");
    assert_eq!(
        url(own.clone(), Some("https://app.example/")),
        "https://id.example/bye?all=1&client=app&back=https%3A%2F%2Fapp.example%2F"
    );
    assert_eq!(url(own, None), "https://id.example/bye?all=1&client=app");
    assert_eq!(
        url(
            SignOutEndpoint::new("https://other.example/out"),
            Some("https://app.example/")
        ),
        "https://other.example/out?client_id=app&post_logout_redirect_uri=https%3A%2F%2Fapp.example%2F"
    );
    for bad in [
        "",
        "out",
        "//evil.example",
        "http://other.example/out",
        "/out#x",
        "javascript:alert(1)",
    ] {
        assert_eq!(
            common::code(with(SignOutEndpoint::new(bad))),
            "invalid_options",
            "{bad}"
        );
    }
    let nameless = SignOutEndpoint::new("/out").with_client_id("");
    assert_eq!(common::code(with(nameless)), "invalid_options");
}
