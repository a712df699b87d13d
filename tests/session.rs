//! The ledger of grants: what is held, and on whose word.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use common::{CLIENT, NOW, answered, claims, client, exchange, granted, id_token, sign_in, the_grant};
use scopewise::core::grant::ScopeStatus;
use scopewise::core::metadata::Metadata;
use scopewise::core::outcome::{Outcome, Verdict};
use scopewise::core::session::Session;
use scopewise::core::sign_out;
use scopewise::core::transaction::Transaction;
use serde_json::json;

fn outcome(session: &Session, transaction: &Transaction) -> Outcome {
    Outcome::of(transaction, session.granted(&transaction.target()))
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
    assert_eq!(grant.denied().as_str(), "api:write");
    let came_to = Outcome::of(&sign_in("api:read api:write"), grant.granted());
    assert_eq!((came_to.verdict(), came_to.missing()), (Verdict::Partial, "api:write"));
}

#[test]
fn c148_an_expired_grant_that_cannot_be_renewed_is_dead() {
    let session = granted("api:read", json!({ "expires_in": 60 }));
    let grant = the_grant(&session);
    assert!(grant.is_live(NOW + 59));
    assert!(!grant.is_live(NOW + 60));
    assert!(!grant.is_valid(NOW + 40, 30) && grant.is_valid(NOW + 29, 30));
    // One that can be renewed lives on: there is a token when one is needed.
    let session = granted("api:read", json!({ "expires_in": 60, "refresh_token": "s3cr3t" }));
    let refreshable = the_grant(&session);
    assert!(refreshable.is_live(NOW + 60) && !refreshable.is_valid(NOW + 60, 0));
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
fn c152_unlisted_scopes_are_judged_by_evidence() {
    let judge = |members| {
        let session = granted("openid profile email offline_access api:read", members);
        let grant = the_grant(&session);
        (grant.granted().to_owned(), grant.assumed().to_owned())
    };
    let pair = |granted: &str, assumed: &str| (granted.to_owned(), assumed.to_owned());
    // Only the API's scope is listed.
    let everything = json!({ "scope": "api:read", "id_token": "s3cr3t", "refresh_token": "s3cr3t" });
    assert_eq!(
        judge(everything),
        pair(
            "openid profile email offline_access api:read",
            "openid profile email offline_access"
        )
    );
    // No ID token, no openid; no refresh token, no offline_access; whatever the server says.
    assert_eq!(
        judge(json!({ "scope": "api:read" })),
        pair("profile email api:read", "profile email")
    );
    assert_eq!(
        judge(json!({ "scope": "openid profile email offline_access api:read" })),
        pair("profile email api:read", "")
    );
    assert_eq!(
        judge(json!({})),
        pair("profile email api:read", "profile email api:read")
    );
    // A server that lists one of them lists them all: then silence is a no.
    let lists = json!({ "scope": "openid profile api:read", "id_token": "s3cr3t", "refresh_token": "s3cr3t" });
    assert_eq!(
        judge(lists),
        pair("openid profile offline_access api:read", "offline_access")
    );
    // An empty scope is none at all (C082), but what is there is there.
    assert_eq!(judge(json!({ "scope": "" })), pair("", ""));
}

#[test]
fn c085_extra_scopes_are_held() {
    let after = exchange(
        None,
        &sign_in("openid"),
        answered(json!({ "scope": "openid api:read" })),
    )
    .unwrap();
    assert!(the_grant(&after).covers("api:read"));
    assert_eq!(the_grant(&after).status("api:read"), ScopeStatus::Granted);
    assert_eq!(outcome(&after, &sign_in("openid")).verdict(), Verdict::Granted);
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
            .login_hint()
            .map(str::to_owned)
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
    let metadata = common::metadata();
    let short = "s3cr3t.id.token";
    let url = sign_out::request(&metadata, &client(), short, Some("https://app.example/bye"), &[7; 32]).unwrap();
    assert!(url.starts_with("https://id.example/logout?"));
    for (name, text) in [
        ("client_id", CLIENT),
        ("id_token_hint", "s3cr3t.id.token"),
        ("post_logout_redirect_uri", "https://app.example/bye"),
    ] {
        assert_eq!(common::param(&url, name).as_deref(), Some(text));
    }
    let long = "s3cr3t".repeat(2000);
    let url = sign_out::request(&metadata, &client(), &long, None, &[7; 32]).unwrap();
    assert!(url.len() < 8000 && common::param(&url, "id_token_hint").is_none());
    assert_eq!(common::param(&url, "client_id").as_deref(), Some(CLIENT));
    let bare = sign_out::request(&metadata, &client(), "", None, &[7; 32]).unwrap();
    assert_eq!(bare, "https://id.example/logout?client_id=app");
    let mut without = common::metadata_document();
    without.as_object_mut().unwrap().remove("end_session_endpoint");
    let without = Metadata::parse(common::document(&without).unwrap()).unwrap();
    assert_eq!(sign_out::request(&without, &client(), "", None, &[7; 32]), None);
}
