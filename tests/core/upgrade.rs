//! What an upgrade, or another sign-in, changes of a session, and what it comes to.

use crate::common::{
    ISSUER, NOW, answer, answered, asked, assert_discreet, assert_no_secret, claims, exchange, id_token, reason,
    session, sign_in, target, the_grant, token_body, upgrade, upgrade_with, upgrading,
};
use scopewise::core::callback::{self, Answer};
use scopewise::core::error::Code;
use scopewise::core::grant::{self, ScopeStatus, Target};
use scopewise::core::outcome::{Outcome, Verdict};
use scopewise::core::profile::Profile;
use scopewise::core::scope;
use scopewise::core::session::{self, Event, Session, Stored};
use scopewise::core::token;
use scopewise::core::transaction::{Mode, Transaction};
use serde_json::json;

fn outcome(session: &Session, transaction: &Transaction) -> Outcome {
    Outcome::of(transaction, session.granted(&transaction.target()))
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
    assert_eq!(after.grants().count(), 2);
    assert_eq!(the_grant(&after), the_grant(&before));
    let there = after.grant(&other).unwrap();
    assert!(there.covers("api:write") && !there.covers("api:read"));
    assert!(!the_grant(&after).covers("api:write"));
    assert_eq!(there.access_token(), "s3cr3t-other");
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
    let came_to = Outcome::refused(&transaction, before.granted(&transaction.target()));
    assert_eq!(came_to.verdict(), Verdict::Denied);
    assert_eq!(came_to.granted(), "openid api:read");
    assert_eq!(came_to.missing(), "api:write");
    assert_eq!(came_to.requested(), "openid api:read api:write");
}

#[test]
fn c165_a_no_to_a_step_up_is_a_no() {
    let before = session("openid api:read");
    let transaction = upgrade_with(&before, "", &[("acrValues", "gold")]);
    let held = before.granted(&Target::default());
    assert_eq!(Outcome::refused(&transaction, held).verdict(), Verdict::Denied);
    assert_eq!(Outcome::of(&transaction, held).verdict(), Verdict::Granted);
    assert!(Outcome::refused(&transaction, held).missing().is_empty());
    // With scopes it is a matter of what is there, which another tab may have got meanwhile.
    let transaction = upgrade(&before, "api:write");
    assert_eq!(Outcome::refused(&transaction, held).verdict(), Verdict::Denied);
    let more = scope::union(held, "api:write");
    assert_eq!(Outcome::refused(&transaction, &more).verdict(), Verdict::Granted);
}

#[test]
fn c166_another_user_comes_back() {
    let before = session("openid api:read");
    let record = before.to_record().to_owned();
    let transaction = upgrade(&before, "api:write");
    let body = json!({ "id_token": id_token(&claims("eve")), "scope": "openid api:read api:write", "refresh_token": "s3cr3t-of-eve" });
    let error = exchange(Some(&before), &transaction, body).unwrap_err();
    assert_eq!(error.code(), "subject_mismatch");
    assert_discreet(&error);
    assert_eq!(before.to_record(), record);
    // What came is to be revoked: the refresh token, and with it the access token; or that one alone.
    let token = common::verified(&id_token(&claims("eve")), &common::expected()).unwrap();
    for (members, revoked) in [
        (json!({ "refresh_token": "s3cr3t-of-eve" }), "s3cr3t-of-eve"),
        (json!({}), "s3cr3t-access"),
    ] {
        let answer = answer(200, Some(&token_body(members)));
        let event = Event {
            transaction: Some(&transaction),
            grant: grant::record(
                Profile::default(),
                &Target::default(),
                "openid",
                &token::response(&answer).unwrap(),
                NOW,
            ),
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
        exchange(None, &transaction, eve.clone()).unwrap_err().code(),
        "subject_mismatch"
    );
    let of_eve = exchange(None, &sign_in("openid"), eve).unwrap();
    assert_eq!(
        exchange(Some(&of_eve), &transaction, answered(json!({})))
            .unwrap_err()
            .code(),
        "subject_mismatch"
    );
    assert_eq!(
        exchange(None, &transaction, answered(json!({}))).unwrap().subject(),
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
    assert_eq!(after.subject(), Some("eve"));
    assert_ne!(after.id(), before.id());
    assert_eq!(after.grants().count(), 1);
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
    assert_eq!(after.id(), before.id());
    // A session that knows its user takes nothing from a nameless answer.
    let known = session("openid api:read");
    let purpose = upgrading("api:read api:write", "api:write", known.subject());
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
    assert_eq!(came_to.requested(), "openid api:read api:write api:delete");
    assert_eq!(came_to.granted(), "openid api:read api:write");
    assert_eq!(came_to.missing(), "api:delete");
    assert_eq!(the_grant(&after).access_token(), "s3cr3t-new-access");
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
        assert_eq!(
            came_to.missing(),
            scope::minus(came_to.requested(), came_to.granted()).as_str()
        );
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
    assert_eq!(outcome(&after, &transaction).missing(), "api:old");
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
    assert_eq!(grant.access_token(), "s3cr3t-new-access");
    assert_eq!(grant.refresh_token(), Some("s3cr3t-new-refresh"));
    assert_eq!(grant.expires_at(), Some(NOW + 60));
    assert_eq!((after.id(), after.grants().count()), ("session-1", 1));
    // Nothing of the old grant stays: an old refresh token is not kept beside a new access token.
    let without = exchange(
        Some(&before),
        &transaction,
        answered(json!({ "scope": "openid api:read api:write" })),
    )
    .unwrap();
    assert!(the_grant(&without).refresh_token().is_none());
    assert!(!without.to_record().contains("s3cr3t-refresh"));
}

#[test]
fn a_session_grows_by_its_grants_only() {
    let targets = ["", "https://a.example", "https://b.example"];
    let mut held = session("openid api:read");
    let mut sizes = Vec::new();
    for round in 0..12 {
        let resource = targets[round % 3];
        let options = [("resource", resource)];
        let options = if resource.is_empty() { &[][..] } else { &options[..] };
        let scope = "openid api:read api:write";
        let purpose = upgrading(scope, "api:write", held.subject());
        let body = json!({ "scope": scope, "refresh_token": "s3cr3t-refresh", "expires_in": 60 });
        let after = exchange(Some(&held), &asked(purpose, options), answered(body)).unwrap();
        // It is stored and read again each time, as from page to page.
        let Stored::Session(read) = session::restore(after.to_record().into(), common::parse_json) else {
            panic!("round {round}: what an upgrade made cannot be read");
        };
        assert_eq!(read, after);
        assert_eq!((read.id(), read.subject()), (held.id(), held.subject()));
        assert_eq!((read.claims(), read.id_token()), (held.claims(), held.id_token()));
        // The latest comes first, and each target has one.
        let latest = read.grants().next().unwrap();
        assert!(latest.is_for(&asked(upgrading("", "", None), options).target()));
        assert_eq!(read.grants().count(), targets.len().min(round + 1));
        sizes.push(read.to_record().len());
        held = read;
    }
    assert!(sizes[0] < sizes[1] && sizes[1] < sizes[2], "{sizes:?}");
    assert!(sizes[2..].iter().all(|size| *size == sizes[2]), "{sizes:?}");
    // Nor does a nameless one, whose head is carried over.
    let mut nameless = exchange(None, &sign_in("api:read"), json!({ "scope": "api:read" })).unwrap();
    let record = nameless.to_record().to_owned();
    for _ in 0..3 {
        let again = asked(upgrading("api:read", "api:read", None), &[]);
        nameless = exchange(Some(&nameless), &again, json!({ "scope": "api:read" })).unwrap();
        assert_eq!(nameless.to_record(), record);
    }
}

#[test]
fn a_no_is_remembered_as_long_as_the_session_lives_and_no_longer() {
    let before = session("openid api:read");
    let (target, other) = (Target::default(), common::target(&[("audience", "other|api:write")]));
    let after = before
        .refused(&target, "api:write api:delete")
        .refused(&target, "api:write");
    assert!(after.is_refused(&target, "api:write") && after.is_refused(&target, "api:delete"));
    assert!(!after.is_refused(&target, "api:read") && !after.is_refused(&target, "api"));
    assert!(!after.is_refused(&other, "api:write") && !before.is_refused(&target, "api:write"));
    // Nothing else has changed, and what is known already is not noted twice.
    assert_eq!(after.granted(&target), before.granted(&target));
    assert_eq!((after.id(), after.subject()), (before.id(), before.subject()));
    assert_eq!(after.refused(&target, "api:delete"), after);
    // It survives storage, and the next upgrade; the next sign-in forgets it.
    let Stored::Session(after) = session::restore(after.to_record().into(), common::parse_json) else {
        panic!("not restored")
    };
    let id_token = id_token(&claims("ada"));
    let body = json!({ "id_token": id_token, "scope": "api:read api:new" });
    let upgraded = exchange(Some(&after), &upgrade(&after, "api:new api:more"), body.clone()).unwrap();
    for refused in ["api:write", "api:delete", "api:more"] {
        assert!(upgraded.is_refused(&target, refused), "{refused}");
    }
    let fresh = exchange(Some(&upgraded), &common::sign_in("openid api:read api:new"), body).unwrap();
    assert!(!fresh.is_refused(&target, "api:write"));
}
