//! What an upgrade, or another sign-in, changes of a session, and what it comes to.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use common::{
    ISSUER, NOW, asked, assert_discreet, assert_no_secret, claims, exchange, granted, id_token, reason, session, set,
    sign_in, target, upgrade, upgrade_with, upgrading,
};
use scopewise::core::callback::{self, Answer};
use scopewise::core::error::Code;
use scopewise::core::grant::{Grant, ScopeStatus, Target};
use scopewise::core::outcome::{Outcome, Verdict};
use scopewise::core::secret::Secret;
use scopewise::core::session::{self, Event, Session};
use scopewise::core::transaction::{Mode, Transaction};
use serde_json::json;

fn the_grant(session: &Session) -> &Grant {
    session.grant(&Target::default()).unwrap()
}

fn outcome(session: &Session, transaction: &Transaction) -> Outcome {
    Outcome::of(transaction, &session.granted(&transaction.target()))
}

/// An answer to the sample session's user.
fn answered(members: serde_json::Value) -> serde_json::Value {
    let mut body = json!({ "id_token": id_token(&claims("ada")), "access_token": "s3cr3t-new-access" });
    for (name, member) in members.as_object().unwrap() {
        body[name] = member.clone();
    }
    body
}

#[test]
fn c157_one_scope_on_two_targets() {
    let before = session("openid api:read");
    let other = target(&[("resource", "https://other.example")]);
    let transaction = upgrade_with(&before, "api:write", &[("resource", "https://other.example")]);
    let after = exchange(
        Some(&before),
        &transaction,
        answered(json!({ "scope": "openid api:write", "access_token": "s3cr3t-other" })),
    )
    .unwrap();
    assert_eq!(after.grants.len(), 2);
    assert_eq!(the_grant(&after), the_grant(&before));
    let there = after.grant(&other).unwrap();
    assert!(there.covers("api:write") && !there.covers("api:read"));
    assert!(!the_grant(&after).covers("api:write"));
    assert_eq!(there.access_token.secret(), "s3cr3t-other");
    let third = target(&[("audience", "https://other.example")]);
    assert!(after.grant(&third).is_none());
}

#[test]
fn c165_a_no_is_an_outcome() {
    let before = session("openid api:read");
    let transaction = upgrade(&before, "api:write");
    // An error answer holds nothing that a session could be made of: what was held is what is held.
    let answer = "error=access_denied&scope=api%3Awrite&state=s3cr3t-state";
    let response = callback::read(answer, Mode::Query).unwrap();
    let Answer::Refused(error) = response.check(&transaction, ISSUER).unwrap() else {
        panic!("a no is no code")
    };
    assert_eq!(error.code(), Code::AccessDenied);
    let came_to = Outcome::refused(&transaction, &before.granted(&transaction.target()));
    assert_eq!(came_to.verdict(), Verdict::Denied);
    assert_eq!(came_to.granted().as_str(), "openid api:read");
    assert_eq!(came_to.missing().as_str(), "api:write");
    assert_eq!(came_to.requested().as_str(), "openid api:read api:write");
}

#[test]
fn c165_a_no_to_a_step_up_is_a_no() {
    let before = session("openid api:read");
    let transaction = upgrade_with(&before, "", &[("acrValues", "gold")]);
    let held = before.granted(&Target::default());
    assert_eq!(Outcome::refused(&transaction, &held).verdict(), Verdict::Denied);
    assert_eq!(Outcome::of(&transaction, &held).verdict(), Verdict::Granted);
    assert!(Outcome::refused(&transaction, &held).missing().is_empty());
    // With scopes it is a matter of what is there, which another tab may have got meanwhile.
    let transaction = upgrade(&before, "api:write");
    assert_eq!(Outcome::refused(&transaction, &held).verdict(), Verdict::Denied);
    let more = held.union(&set("api:write"));
    assert_eq!(Outcome::refused(&transaction, &more).verdict(), Verdict::Granted);
}

#[test]
fn c166_another_user_comes_back() {
    let before = session("openid api:read");
    let record = before.to_record();
    let transaction = upgrade(&before, "api:write");
    let body = json!({ "id_token": id_token(&claims("eve")), "scope": "openid api:read api:write", "refresh_token": "s3cr3t-of-eve" });
    let error = exchange(Some(&before), &transaction, body).unwrap_err();
    assert_eq!(error.code_str(), "subject_mismatch");
    assert_discreet(&error);
    assert_eq!(before.to_record(), record);
    // What came is to be revoked: the refresh token, and with it the access token; or that one alone.
    let token = common::verified(&id_token(&claims("eve")), &common::expected()).unwrap();
    for (members, revoked) in [
        (json!({ "refresh_token": "s3cr3t-of-eve" }), "s3cr3t-of-eve"),
        (json!({}), "s3cr3t-access"),
    ] {
        let event = Event {
            transaction: &transaction,
            grant: granted("openid", members),
            id_token: Some(token.clone()),
            id: "other".into(),
        };
        let refusal = session::apply(Some(&before), event).unwrap_err();
        assert_eq!(refusal.unused.secret(), revoked);
        assert_no_secret(&format!("{refusal:?}"));
    }
}

#[test]
fn c166_also_where_the_session_was_lost_on_the_way_or_is_anothers_by_now() {
    let before = session("openid api:read");
    let transaction = upgrade(&before, "api:write");
    let eve = json!({ "id_token": id_token(&claims("eve")) });
    assert_eq!(
        exchange(None, &transaction, eve.clone()).unwrap_err().code_str(),
        "subject_mismatch"
    );
    let of_eve = exchange(None, &sign_in("openid"), eve).unwrap();
    assert_eq!(
        exchange(Some(&of_eve), &transaction, answered(json!({})))
            .unwrap_err()
            .code_str(),
        "subject_mismatch"
    );
    assert_eq!(
        exchange(None, &transaction, answered(json!({})))
            .unwrap()
            .subject()
            .as_deref(),
        Some("ada")
    );
}

#[test]
fn a_sign_in_may_bring_another_user() {
    let before = session("openid api:read");
    let after = exchange(
        Some(&before),
        &sign_in("openid"),
        json!({ "id_token": id_token(&claims("eve")) }),
    )
    .unwrap();
    assert_eq!(after.subject().as_deref(), Some("eve"));
    assert_ne!(after.id, before.id);
    assert_eq!(after.grants.len(), 1);
    assert!(!the_grant(&after).covers("api:read"));
}

#[test]
fn c169_without_openid_nobody_is_known() {
    let before = exchange(None, &sign_in("api:read"), json!({ "scope": "api:read" })).unwrap();
    assert_eq!(before.subject(), None);
    let after = exchange(
        Some(&before),
        &upgrade(&before, "api:write"),
        json!({ "scope": "api:read api:write" }),
    )
    .unwrap();
    assert!(the_grant(&after).covers("api:write"));
    assert_eq!(after.id, before.id);
    // A session that knows its user takes nothing from a nameless answer.
    let known = session("openid api:read");
    let purpose = upgrading(set("api:read api:write"), "api:write", known.subject());
    let transaction = asked(purpose, &[]);
    assert_eq!(
        reason(exchange(
            Some(&known),
            &transaction,
            json!({ "scope": "api:read api:write" })
        )),
        "malformed"
    );
}

#[test]
fn c170_a_part_of_what_was_asked() {
    let before = session("openid api:read");
    let transaction = upgrade(&before, "api:write api:delete");
    let after = exchange(
        Some(&before),
        &transaction,
        answered(json!({ "scope": "openid api:read api:write" })),
    )
    .unwrap();
    let came_to = outcome(&after, &transaction);
    assert_eq!(came_to.verdict(), Verdict::Partial);
    assert_eq!(came_to.requested().as_str(), "openid api:read api:write api:delete");
    assert_eq!(came_to.granted().as_str(), "openid api:read api:write");
    assert_eq!(came_to.missing().as_str(), "api:delete");
    assert_eq!(the_grant(&after).access_token.secret(), "s3cr3t-new-access");
}

#[test]
fn verdicts() {
    let before = session("openid api:read");
    for (wanted, answer, verdict) in [
        ("api:write", "openid api:read api:write", Verdict::Granted),
        ("api:write", "openid api:read", Verdict::Denied),
        ("api:write api:delete", "openid api:read", Verdict::Denied),
        ("api:write api:delete", "openid api:read api:delete", Verdict::Partial),
        // The new one came, an old one went.
        ("api:write", "openid api:write", Verdict::Partial),
        ("api:write", "openid", Verdict::Denied),
        ("api:write", "openid api:read api:write extra", Verdict::Granted),
    ] {
        let transaction = upgrade(&before, wanted);
        let after = exchange(Some(&before), &transaction, answered(json!({ "scope": answer }))).unwrap();
        let came_to = outcome(&after, &transaction);
        assert_eq!(came_to.verdict(), verdict, "{wanted} -> {answer}");
        assert_eq!(came_to.missing(), came_to.requested().minus(&came_to.granted()));
    }
}

#[test]
fn c172_an_old_scope_goes() {
    let before = session("openid api:read api:old");
    let transaction = upgrade(&before, "api:write");
    let after = exchange(
        Some(&before),
        &transaction,
        answered(json!({ "scope": "openid api:read api:write" })),
    )
    .unwrap();
    assert_eq!(the_grant(&after).status("api:old"), ScopeStatus::Denied);
    assert_eq!(outcome(&after, &transaction).missing().as_str(), "api:old");
}

#[test]
fn c173_tokens_are_replaced_together() {
    let before = session("openid api:read");
    let transaction = upgrade(&before, "api:write");
    let body = answered(
        json!({ "scope": "openid api:read api:write", "refresh_token": "s3cr3t-new-refresh", "expires_in": 60 }),
    );
    let after = exchange(Some(&before), &transaction, body).unwrap();
    let grant = the_grant(&after);
    assert_eq!(grant.access_token.secret(), "s3cr3t-new-access");
    assert_eq!(
        grant.refresh_token.as_ref().map(Secret::secret),
        Some("s3cr3t-new-refresh")
    );
    assert_eq!(grant.expires_at, Some(NOW + 60));
    assert_eq!((after.id.as_str(), after.grants.len()), ("session-1", 1));
    // Nothing of the old grant stays: an old refresh token is not kept beside a new access token.
    let without = exchange(
        Some(&before),
        &transaction,
        answered(json!({ "scope": "openid api:read api:write" })),
    )
    .unwrap();
    assert!(the_grant(&without).refresh_token.is_none());
    assert!(!without.to_record().contains("s3cr3t-refresh"));
}
