//! Another access token for a refresh token: what is sent, what the answer makes of the grant, and what is noted of it.

use crate::common::{CLIENT, NOW, answer, assert_no_secret, claims, client, granted, id_token, metadata, pairs, token_body};
use scopewise::core::grant::{Grant, ScopeStatus, Target};
use scopewise::core::options::Options;
use scopewise::core::profile::Profile;
use scopewise::core::record::Record;
use scopewise::core::session::{self, Event, Session, Stored};
use scopewise::core::text::Text;
use scopewise::core::token;
use serde_json::{Value, json};

/// The sample client of a provider.
fn at(provider: &str) -> Options {
    common::options(&[("extends", provider)]).unwrap()
}

/// The form of a refresh, in order.
fn form(client: &Options, grant: Grant<'_>) -> Vec<(String, String)> {
    let request = token::refresh(&metadata(), client, grant);
    assert_eq!(request.url, "https://id.example/token");
    assert_no_secret(&format!("{request:?}"));
    pairs(request.form.as_deref().unwrap())
}

fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
        .collect()
}

/// A session of a code exchange some seconds ago, with a refresh token.
fn held(requested: &str, members: Value) -> Session {
    let mut all = json!({ "refresh_token": "s3cr3t-refresh" });
    for (name, member) in members.as_object().unwrap() {
        all[name] = member.clone();
    }
    granted(requested, all)
}

fn the_grant(session: &Session) -> Grant<'_> {
    common::the_grant(session)
}

/// The session after a refresh with these members, some seconds later.
fn refreshed(session: &Session, members: Value, later: i64) -> Session {
    let answer = answer(200, Some(&token_body(members)));
    let response = token::response(&answer).unwrap();
    let grant = the_grant(session).renewed(Profile::default(), &response, session.id_token(), NOW + later);
    session::apply(Some(session), event(grant, None)).unwrap()
}

fn event<'a>(grant: Record, id_token: Option<scopewise::core::id_token::IdToken>) -> Event<'a> {
    Event {
        transaction: None,
        grant,
        id_token,
        id: Text::default(),
    }
}

#[test]
fn c160_a_refresh_is_for_the_whole_grant() {
    let session = held("openid api:read offline_access", json!({ "id_token": "s3cr3t" }));
    let expected = [
        ("grant_type", "refresh_token"),
        ("client_id", CLIENT),
        ("refresh_token", "s3cr3t-refresh"),
    ];
    assert_eq!(form(&client(), the_grant(&session)), owned(&expected));
}

#[test]
fn c160_a_server_that_wants_the_scopes_gets_those_that_were_granted() {
    let session = held("api:read api:write", json!({ "scope": "api:read extra" }));
    let sent = form(&at("entra"), the_grant(&session));
    assert!(sent.contains(&("scope".to_owned(), "api:read".to_owned())), "{sent:?}");
    let own = common::options(&[("refreshScope", "requested")]).unwrap();
    assert_eq!(form(&own, the_grant(&session)), sent);
    for provider in ["generic", "auth0", "google", "okta", "keycloak"] {
        let sent = form(&at(provider), the_grant(&session));
        assert!(sent.iter().all(|(name, _)| name != "scope"), "{provider}");
    }
}

#[test]
fn a_refresh_names_the_resources_of_its_grant_and_no_audience() {
    let targets = [
        ("audience", "urn:api"),
        ("resource", "https://api.example/a b"),
        ("resource", "https://api.example/c&d"),
    ];
    let transaction = common::asked(common::purpose("api:read"), &targets);
    let session = common::exchange(None, &transaction, json!({ "refresh_token": "s3cr3t-refresh" })).unwrap();
    let sent = form(&client(), session.grant(&common::target(&targets)).unwrap());
    let expected = [
        ("resource", "https://api.example/a b"),
        ("resource", "https://api.example/c&d"),
    ];
    assert_eq!(sent[3..], owned(&expected));
}

#[test]
fn c222_the_newest_refresh_token_is_kept_and_the_old_one_forgotten() {
    let session = held("api:read", json!({ "expires_in": 60 }));
    let members = json!({ "access_token": "s3cr3t-two", "refresh_token": "s3cr3t-rotated", "expires_in": 120 });
    let after = refreshed(&session, members, 50);
    let grant = the_grant(&after);
    assert_eq!(grant.refresh_token(), Some("s3cr3t-rotated"));
    assert_eq!(grant.access_token(), "s3cr3t-two");
    assert_eq!(
        (grant.answered_at(), grant.expires_at()),
        (Some(NOW + 50), Some(NOW + 170))
    );
    for old in ["s3cr3t-refresh", "s3cr3t-access"] {
        assert!(!after.to_record().contains(old), "{old}");
    }
    // Without another one it stays (RFC 6749 §6).
    let after = refreshed(&session, json!({}), 50);
    assert_eq!(the_grant(&after).refresh_token(), Some("s3cr3t-refresh"));
    assert_eq!(the_grant(&after).expires_at(), None);
}

#[test]
fn c160_without_a_scope_a_refreshed_grant_is_what_it_was() {
    let session = held("api:read api:write", json!({ "scope": "api:read" }));
    let after = refreshed(&session, json!({}), 1);
    let grant = the_grant(&after);
    assert_eq!((grant.granted(), grant.requested()), ("api:read", "api:read api:write"));
    assert_eq!(grant.status("api:read"), ScopeStatus::Granted);
    assert_eq!(grant.status("api:write"), ScopeStatus::Denied);
    // What was assumed stays so.
    let session = held("api:read", json!({}));
    let after = refreshed(&session, json!({}), 1);
    assert_eq!(the_grant(&after).status("api:read"), ScopeStatus::Assumed);
}

#[test]
fn c082_c084_c085_with_a_scope_it_is_what_the_server_says() {
    let session = held("api:read api:write", json!({ "scope": "api:read api:write" }));
    for (scope, granted, denied) in [
        ("api:read", "api:read", "api:write"),
        ("", "", "api:read api:write"),
        ("api:write api:read api:admin", "api:read api:write api:admin", ""),
    ] {
        let after = refreshed(&session, json!({ "scope": scope }), 1);
        let grant = the_grant(&after);
        assert_eq!((grant.granted(), grant.denied().as_str()), (granted, denied), "{scope}");
    }
    // A scope that comes back is there again.
    let less = refreshed(&session, json!({ "scope": "api:read" }), 1);
    let more = refreshed(&less, json!({ "scope": "api:read api:write" }), 2);
    assert!(the_grant(&more).covers("api:write"));
}

#[test]
fn openid_and_offline_access_need_no_new_proof() {
    let session = common::session("openid offline_access api:read");
    let after = refreshed(&session, json!({ "scope": "openid offline_access api:read" }), 1);
    assert_eq!(the_grant(&after).granted(), "openid offline_access api:read");
}

#[test]
fn c080_a_new_token_is_not_renewed_and_half_a_life_is_enough() {
    let session = held("api:read", json!({ "expires_in": 1 }));
    let grant = the_grant(&session);
    assert!(grant.lasts(NOW, 60) && grant.lasts(NOW + 1, 60), "new");
    assert!(!grant.lasts(NOW + 2, 0));
    let session = held("api:read", json!({ "expires_in": 40 }));
    let grant = the_grant(&session);
    // Half of 40 seconds is less than what is wanted.
    assert!(grant.lasts(NOW + 19, 60) && !grant.lasts(NOW + 20, 60));
    assert!(grant.lasts(NOW + 29, 10) && !grant.lasts(NOW + 30, 10));
    let session = held("api:read", json!({ "expires_in": 0 }));
    assert!(the_grant(&session).lasts(NOW, 30) && !the_grant(&session).lasts(NOW + 2, 0));
}

#[test]
fn c078_without_a_refresh_token_a_token_that_has_run_out_is_of_no_use_however_new() {
    let session = granted("api:read", json!({ "expires_in": 0 }));
    assert!(!the_grant(&session).lasts(NOW, 0));
    let session = granted("api:read", json!({ "expires_in": 1 }));
    assert!(the_grant(&session).lasts(NOW, 60) && !the_grant(&session).lasts(NOW + 1, 0));
}

#[test]
fn c077_a_token_of_unknown_lifetime_lasts() {
    let session = held("api:read", json!({}));
    assert!(the_grant(&session).lasts(NOW + 1_000_000, 3_600));
}

#[test]
fn c228_a_token_from_the_future_is_not_new_for_ever() {
    let session = held("api:read", json!({ "expires_in": 60 }));
    let grant = the_grant(&session);
    // Another device's clock, or one that was put back: it lasts by its end, and no panic on a negative age.
    assert!(grant.lasts(NOW - 1_000, 30));
    assert!(!grant.lasts(i64::MAX, 30) && grant.lasts(i64::MIN, 30));
}

#[test]
fn i3_what_was_sent_is_noted_and_the_note_goes_with_the_answer() {
    let target = Target::default();
    let session = held("api:read", json!({ "expires_in": 60 }));
    assert_eq!(the_grant(&session).sent(), None);
    let first = session.noted(&target, "sent", Some(1_000));
    assert_eq!(the_grant(&first).sent(), Some((1_000, false)));
    let second = first.noted(&target, "again", Some(2_000));
    assert_eq!(the_grant(&second).sent(), Some((1_000, true)));
    for noted in [&first, &second] {
        // Nothing else has changed; it can be stored and read again, and the note taken back.
        assert_eq!(the_grant(noted).refresh_token(), the_grant(&session).refresh_token());
        assert_eq!(
            noted.snapshot(&target).into_text(),
            session.snapshot(&target).into_text()
        );
        let restored = session::restore(noted.to_record().into(), common::parse_json);
        assert_eq!(restored, Stored::Session((*noted).clone()));
        assert_eq!(noted.noted(&target, "", None).to_record(), session.to_record());
        let after = refreshed(noted, json!({}), 1);
        assert_eq!(the_grant(&after).sent(), None);
    }
}

#[test]
fn i3_a_note_is_for_its_grant_only() {
    let other = common::target(&[("audience", "urn:other")]);
    let session = common::session("openid api:read");
    let transaction = common::asked(
        common::upgrading("openid api:pay", "api:pay", session.subject()),
        &[("audience", "urn:other")],
    );
    let both = common::exchange(
        Some(&session),
        &transaction,
        common::answered(json!({ "refresh_token": "s3cr3t-other" })),
    );
    let both = both.unwrap();
    let noted = both.noted(&other, "sent", Some(1_000));
    assert_eq!(noted.grant(&other).unwrap().sent(), Some((1_000, false)));
    assert_eq!(the_grant(&noted).sent(), None);
    assert_eq!(
        both.noted(&common::target(&[("audience", "urn:none")]), "sent", Some(1))
            .to_record(),
        both.to_record()
    );
    assert_eq!(noted.claims(), session.claims());
    // A refresh of one leaves the other with its note.
    let after = refreshed(&noted, json!({ "access_token": "s3cr3t-three" }), 1);
    assert_eq!(the_grant(&after).access_token(), "s3cr3t-three");
    assert_eq!(after.grant(&other).unwrap().sent(), Some((1_000, false)));
    assert_eq!(after.grant(&other).unwrap().refresh_token(), Some("s3cr3t-other"));
}

#[test]
fn a_refresh_keeps_the_session_its_user_and_what_they_said_no_to() {
    let session = common::session("openid api:read").refused(&Target::default(), "api:write");
    let after = refreshed(&session, json!({}), 1);
    assert_eq!(after.id(), session.id());
    assert_eq!(after.subject(), Some("ada"));
    assert_eq!(after.claims(), session.claims());
    assert_eq!(after.id_token(), session.id_token());
    assert_eq!(after.login_hint(), session.login_hint());
    assert!(after.is_refused(&Target::default(), "api:write"));
    let restored = session::restore(after.to_record().into(), common::parse_json);
    assert_eq!(restored, Stored::Session(after));
}

#[test]
fn c168_a_refresh_with_an_id_token_is_for_the_same_user() {
    let session = common::session("openid api:read");
    let apply = |sub: &str| {
        let mut all = claims(sub);
        all["fresh"] = json!(true);
        let raw = id_token(&all);
        let token = common::verified(&raw, &common::expected()).unwrap();
        let answer = answer(
            200,
            Some(&token_body(
                json!({ "id_token": raw, "refresh_token": "s3cr3t-rotated" }),
            )),
        );
        let response = token::response(&answer).unwrap();
        let grant = the_grant(&session).renewed(Profile::default(), &response, session.id_token(), NOW);
        session::apply(Some(&session), event(grant, Some(token)))
    };
    let after = apply("ada").unwrap();
    assert!(after.claims().unwrap().contains("fresh"));
    assert_eq!(after.id(), session.id());
    let refusal = apply("grace").unwrap_err();
    assert_eq!(refusal.error.code(), "subject_mismatch");
    assert_eq!(refusal.unused.secret(), "s3cr3t-rotated");
    assert_no_secret(&format!("{refusal:?}"));
}
