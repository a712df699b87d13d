//! Answers of the token endpoint, and the session that they make.

use scopewise::core::dpop::PublicKey;
use scopewise::core::http::Response;
use scopewise::core::provider::ProviderProfile;
use scopewise::core::scope::ScopeSet;
use scopewise::core::session::{Grant, RefreshTokenUse, ScopeStatus};
use scopewise::core::target::Target;
use scopewise::core::token::{TokenResponse, TokenType};
use scopewise::core::value::Value;

use crate::common::{NOW, ledger, session, set, stored};
use crate::input::{Input, check_error, check_secrets, tokens};

const REQUESTED: &str = "openid read write";
const YEAR: i64 = 365 * 24 * 3600;

pub(crate) fn target(data: &[u8]) {
    let response = Input::new(data).response();
    let token_use = RefreshTokenUse::of(&response);
    let answer = match TokenResponse::parse(&response) {
        Ok(answer) => answer,
        Err(error) => return check_error(&error, tokens(&response)),
    };
    assert!(response.is_success());
    assert_ne!(token_use, RefreshTokenUse::Unused, "it brought a token");
    let json = response.json.as_ref().unwrap();
    assert_eq!(json.text("access_token"), Some(answer.access_token.secret()));
    bound(&response, answer.token_type, json.text("token_type").unwrap());
    assert!(matches!(json.get("error"), None | Some(Value::Null)) || json.text("error") == Some(""));
    assert!(
        answer.expires_in.is_none_or(|seconds| (0..=YEAR).contains(&seconds)),
        "{:?}",
        answer.expires_in
    );
    check_secrets(&format!("{answer:?}"), tokens(&response));
    granted(&response, &answer);
    refreshed(&response, &answer);
}

/// A token is bound to the key that its request had a proof of, or to none where it had none; else it is no answer.
fn bound(response: &Response, token_type: TokenType, name: &str) {
    let (key, expected) = match token_type {
        TokenType::Bearer => (None, "bearer"),
        TokenType::Dpop => (Some(PublicKey::new("x", "y")), "dpop"),
    };
    assert!(name.eq_ignore_ascii_case(expected));
    let answer = TokenResponse::parse_bound(response, key.as_ref()).unwrap();
    assert_eq!(answer.access_token.key(), key.as_ref());
    let other = PublicKey::new("x", "y");
    let error = TokenResponse::parse_bound(response, key.is_none().then_some(&other)).unwrap_err();
    assert_eq!(error.code(), "token_type_unsupported");
}

/// Nothing is granted that was neither requested nor listed, and what is said of a scope fits together.
fn granted(response: &Response, answer: &TokenResponse) {
    let session = stored(&ledger(REQUESTED, response));
    let grant = session.grant(&Target::default()).unwrap();
    let requested = set(REQUESTED);
    let listed = answer.scope.as_ref().map(|text| ScopeSet::from_answer(text.split(' ')));
    let possible = requested.union(listed.as_ref().unwrap_or(&requested));
    assert!(
        possible.contains_all(grant.granted()),
        "{:?} of {listed:?}",
        grant.granted()
    );
    if listed.is_none() {
        // It is as requested (RFC 6749 §5.1), but for what an ID token would have to come for.
        let rest = requested.minus(grant.granted());
        assert!(
            rest.is_empty() || rest == set("openid") && answer.id_token.is_none(),
            "{rest}"
        );
    }
    assert_eq!(grant.denied(), requested.minus(grant.granted()));
    for scope in possible.iter() {
        match grant.status(scope) {
            ScopeStatus::Granted => assert!(grant.granted().contains(scope)),
            ScopeStatus::Denied => assert!(requested.contains(scope) && !grant.covers(scope)),
            _ => {}
        }
    }
    assert_eq!(grant.expires_at(), answer.expires_in.map(|seconds| NOW + seconds));
    check_secrets(&format!("{session:?}"), tokens(response));
}

/// A refresh without a scope member changes no scopes, and one without a refresh token keeps the old one.
fn refreshed(_: &Response, answer: &TokenResponse) {
    thread_local! {
        static BEFORE: scopewise::core::session::Session = session("openid read");
    }
    BEFORE.with(|before| {
        let before = before.grant(&Target::default()).unwrap();
        let after: Grant = before.refreshed(&ProviderProfile::default(), answer.clone(), true, NOW + 10);
        if answer.scope.is_none() {
            assert_eq!(after.granted(), before.granted());
        }
        if answer.refresh_token.is_none() {
            assert_eq!(after.refresh_token(), before.refresh_token());
        }
        assert_eq!(after.target(), before.target());
        assert_eq!(after.requested(), before.requested());
    });
}
