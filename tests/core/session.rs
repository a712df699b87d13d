//! The ledger of grants: which scopes are granted, and on whose word.

use scopewise::core::authorize::{Outcome, OutcomeStatus, PendingRequest};
use scopewise::core::end_session;
use scopewise::core::provider::{ImpliedScopes, ProviderProfile};
use scopewise::core::session::{Grant, ScopeStatus, Session};
use scopewise::core::sign_out_note::SignOutNote;
use scopewise::core::target::Target;
use scopewise::core::token::TokenResponse;
use serde_json::json;

use crate::common::{
    self, CLIENT, NOW, claims, client, exchange, granted, id_token, metadata, metadata_without, param, response, set,
    sign_in, the_grant, token_body, upgrade_body,
};

fn outcome(session: &Session, request: &PendingRequest) -> Outcome {
    request.outcome(&session.granted(&request.target))
}

#[test]
fn c081_assumed_scopes_are_marked() {
    let session = granted("openid api:read", json!({ "id_token": "s3cr3t" }));
    let grant = the_grant(&session);
    assert_eq!(grant.status("api:read"), ScopeStatus::Assumed);
    assert_eq!(grant.status("openid"), ScopeStatus::Assumed);
    assert_eq!(grant.status("other"), ScopeStatus::NotRequested);
    assert!(grant.covers("api:read") && !grant.covers("other"));
    assert_eq!(ScopeStatus::Assumed.as_str(), "assumed");
}

#[test]
fn c084_what_was_left_out_is_denied() {
    let session = granted("api:read api:write", json!({ "scope": "api:read" }));
    let grant = the_grant(&session);
    assert_eq!(grant.status("api:read"), ScopeStatus::Granted);
    assert_eq!(grant.status("api:write"), ScopeStatus::Denied);
    assert!(!grant.covers("api:write"));
    assert_eq!(grant.denied().to_string(), "api:write");
    let outcome = sign_in("api:read api:write").outcome(grant.granted());
    assert_eq!(outcome.status, OutcomeStatus::Partial);
    assert_eq!(outcome.missing.to_string(), "api:write");
}

#[test]
fn c148_an_expired_grant_that_cannot_be_refreshed_is_of_no_use() {
    let session = granted("api:read", json!({ "expires_in": 60 }));
    let grant = the_grant(&session);
    assert!(grant.is_usable(NOW + 59));
    assert!(!grant.is_usable(NOW + 60));
    assert!(!grant.is_unexpired(NOW + 40, 30) && grant.is_unexpired(NOW + 29, 30));
    // One that can be refreshed stays usable: there is a token when one is needed.
    let session = granted("api:read", json!({ "expires_in": 60, "refresh_token": "s3cr3t" }));
    let refreshable = the_grant(&session);
    assert!(refreshable.is_usable(NOW + 60) && !refreshable.is_unexpired(NOW + 60, 0));
}

#[test]
fn c149_c150_a_scope_is_a_whole_token() {
    let session = granted("api:readwrite Read", json!({}));
    let grant = the_grant(&session);
    for other in ["api:read", "read", "readwrite", "api:readwrite Read", "", " "] {
        assert!(!grant.covers(other), "{other:?}");
    }
}

#[test]
fn c152_unlisted_scopes_are_granted_by_evidence() {
    let scopes_of = |members| {
        let session = granted("openid profile email offline_access api:read", members);
        let grant = the_grant(&session);
        (grant.granted().to_string(), grant.assumed().to_string())
    };
    let pair = |granted: &str, assumed: &str| (granted.to_owned(), assumed.to_owned());
    // Only the API's scope is listed.
    let everything = json!({ "scope": "api:read", "id_token": "s3cr3t", "refresh_token": "s3cr3t" });
    assert_eq!(
        scopes_of(everything),
        pair(
            "openid profile email offline_access api:read",
            "openid profile email offline_access"
        )
    );
    // No ID token, no openid, and without it what the server says; no refresh token, no offline_access, whatever it says.
    assert_eq!(scopes_of(json!({ "scope": "api:read" })), pair("api:read", ""));
    assert_eq!(
        scopes_of(json!({ "scope": "openid profile email offline_access api:read" })),
        pair("profile email api:read", "")
    );
    assert_eq!(
        scopes_of(json!({})),
        pair("profile email api:read", "profile email api:read")
    );
    // A server that lists one of them lists them all: then silence is a no.
    let lists = json!({ "scope": "openid profile api:read", "id_token": "s3cr3t", "refresh_token": "s3cr3t" });
    assert_eq!(
        scopes_of(lists),
        pair("openid profile offline_access api:read", "offline_access")
    );
    // An empty scope is none at all (C082), but what is there is there.
    assert_eq!(scopes_of(json!({ "scope": "" })), pair("", ""));
}

#[test]
fn c085_extra_scopes_are_held() {
    let after = exchange(
        None,
        &sign_in("openid"),
        upgrade_body(json!({ "scope": "openid api:read" })),
    )
    .unwrap();
    assert!(the_grant(&after).covers("api:read"));
    assert_eq!(the_grant(&after).status("api:read"), ScopeStatus::Granted);
    assert_eq!(outcome(&after, &sign_in("openid")).status, OutcomeStatus::Granted);
}

#[test]
fn login_hints_best_first() {
    let hint = |members: serde_json::Value| {
        let mut claims = claims("ada");
        for (name, member) in members.as_object().unwrap() {
            claims[name] = member.clone();
        }
        exchange(None, &sign_in("openid"), json!({ "id_token": id_token(&claims) }))
            .unwrap()
            .claims()
            .and_then(|claims| claims.login_hint().map(str::to_owned))
    };
    assert_eq!(hint(json!({})), None);
    assert_eq!(hint(json!({ "preferred_username": "ada" })).as_deref(), Some("ada"));
    assert_eq!(
        hint(json!({ "preferred_username": "ada", "email": "a@id.example" })).as_deref(),
        Some("a@id.example")
    );
    assert_eq!(
        hint(json!({ "email": 5, "preferred_username": "ada" })).as_deref(),
        Some("ada")
    );
    assert_eq!(
        hint(json!({ "email": "a@id.example", "login_hint": "O.x" })).as_deref(),
        Some("O.x")
    );
}

#[test]
fn c276_a_sign_out_url_is_never_cut() {
    let signed_in = |claims: &serde_json::Value| {
        exchange(None, &sign_in("openid"), json!({ "id_token": id_token(claims) })).unwrap()
    };
    let url =
        |session: &Session, return_to| end_session::url(&metadata(), &client(), session, return_to, &[7; 32]).unwrap();
    let short = signed_in(&claims("ada"));
    let full = url(&short, Some("https://app.example/bye"));
    assert!(full.starts_with("https://id.example/logout?"));
    for (name, text) in [
        ("client_id", CLIENT),
        ("id_token_hint", id_token(&claims("ada")).as_str()),
        ("post_logout_redirect_uri", "https://app.example/bye"),
    ] {
        assert_eq!(param(&full, name).as_deref(), Some(text));
    }
    let mut large = claims("ada");
    large["x"] = json!("s3cr3t".repeat(2000));
    let cut = url(&signed_in(&large), None);
    assert!(cut.len() < 8000 && param(&cut, "id_token_hint").is_none());
    assert_eq!(param(&cut, "client_id").as_deref(), Some(CLIENT));
    // Entra asks which account to sign out, unless it is given what it calls the user by.
    assert_eq!(param(&full, "logout_hint"), None);
    let mut named = large;
    named["login_hint"] = json!("O.x y");
    let hinted = url(&signed_in(&named), None);
    assert_eq!(param(&hinted, "logout_hint").as_deref(), Some("O.x y"));
    named["login_hint"] = json!("O".repeat(9000));
    assert_eq!(url(&signed_in(&named), None), "https://id.example/logout?client_id=app");
    let nameless = granted("api:read", json!({}));
    assert_eq!(url(&nameless, None), "https://id.example/logout?client_id=app");
    let without = metadata_without("end_session_endpoint");
    assert_eq!(end_session::url(&without, &client(), &nameless, None, &[7; 32]), None);
}

#[test]
fn a_session_ends_with_a_later_sign_out_whatever_the_clock_says() {
    let session = common::session("openid");
    let first = SignOutNote::after(None, 2_000);
    let second = SignOutNote::after(Some(first), 1_000);
    assert!(second > first, "the clock was put back");
    assert!(!session.is_ended_by(None) && session.is_ended_by(Some(first)));
    assert_eq!(SignOutNote::parse(&first.to_value()), Some(first));
    for record in [
        json!({}),
        json!({ "v": 2, "at": 1 }),
        json!({ "v": 1, "at": "1" }),
        json!([]),
    ] {
        assert_eq!(SignOutNote::parse(&common::value(&record)), None, "{record}");
    }
}

#[test]
fn profile_is_assumed_only_where_openid_is_granted() {
    let id_token = json!("s3cr3t");
    for (requested, members, expected) in [
        // The user unticked openid, and with it goes what is of OpenID Connect.
        (
            "openid profile email api:read",
            json!({ "scope": "api:read" }),
            "api:read",
        ),
        (
            "openid profile email api:read",
            json!({ "scope": "api:read", "id_token": id_token }),
            "openid profile email api:read",
        ),
        ("openid profile api:read", json!({ "scope": "" }), ""),
        // What the answer names is granted, and without a scope it is as requested.
        (
            "openid profile api:read",
            json!({ "scope": "api:read profile" }),
            "profile api:read",
        ),
        ("profile api:read", json!({}), "profile api:read"),
        // A refresh token, or none, is all that counts.
        (
            "offline_access api:read",
            json!({ "scope": "offline_access api:read" }),
            "api:read",
        ),
        ("offline_access api:read", json!({}), "api:read"),
        (
            "offline_access api:read",
            json!({ "scope": "api:read", "refresh_token": "s3cr3t" }),
            "offline_access api:read",
        ),
    ] {
        let session = granted(requested, members.clone());
        assert_eq!(
            the_grant(&session).granted().to_string(),
            expected,
            "{requested} {members}"
        );
    }
    // Whatever a profile says of what its server never lists.
    let profile = ProviderProfile::known("entra").unwrap();
    let answer = json!({ "access_token": "s3cr3t", "token_type": "Bearer", "scope": "User.Read" });
    let answer = TokenResponse::parse(&common::response(200, Some(&answer))).unwrap();
    let requested = common::set("openid profile offline_access User.Read");
    let grant = Grant::new(&profile, Target::default(), requested, answer, NOW);
    assert_eq!(grant.granted().to_string(), "User.Read");
}

#[test]
fn what_is_covered_is_what_is_granted_and_what_that_carries() {
    let mut profile = ProviderProfile::default();
    profile.implies.push(ImpliedScopes::new("write", &["read"]));
    let body = token_body(json!({ "scope": "write list" }));
    let response = TokenResponse::parse(&response(200, Some(&body))).unwrap();
    let grant = Grant::new(&profile, Target::default(), set("write list"), response, NOW);
    assert_eq!(
        (grant.granted(), grant.covered()),
        (&set("write list"), set("write list read"))
    );
    assert!(grant.covered().iter().all(|scope| grant.covers(scope)));
}
