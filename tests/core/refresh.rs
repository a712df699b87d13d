//! Another access token for a refresh token: what is sent, what the response makes of the grant, and what is stored of it.

use scopewise::core::config::Config;
use scopewise::core::provider::{ProviderProfile, RefreshScope};
use scopewise::core::secret::{AccessToken, RefreshToken};
use scopewise::core::server::revocation::RevocableToken;
use scopewise::core::session::{
    Event, Grant, RefreshState, Rejected, ScopeStatus, SentRefresh, Session, TokenEndpointAnswer,
};
use scopewise::core::target::Target;
use scopewise::core::token::TokenResponse;
use serde_json::{Value, json};

use crate::common::{
    self, CLIENT, NOW, asked, assert_no_secret, claims, client, client_of, client_options, config, exchange, expected,
    granted, id_token, intent, metadata, options_with, owned, pairs, parse_json, response, session_after, set, stored,
    target, the_grant, token_body, upgrade_body, upgrading, verified,
};

/// The form of a refresh, in order.
fn form(client: &Config, grant: &Grant) -> Vec<(String, String)> {
    let refresh = grant.refresh_request(&client.provider).unwrap();
    assert_no_secret(&format!("{refresh:?}"));
    let request = refresh.request(&metadata(), &client.client_id);
    assert_eq!(
        (request.method(), request.url.as_str()),
        ("POST", "https://id.example/token")
    );
    assert_no_secret(&format!("{request:?}"));
    pairs(request.form.as_deref().unwrap())
}

/// A session of a code exchange some seconds ago, with a refresh token.
fn held(requested: &str, members: Value) -> Session {
    let mut all = json!({ "refresh_token": "s3cr3t-refresh" });
    for (name, member) in members.as_object().unwrap() {
        all[name] = member.clone();
    }
    granted(requested, all)
}

/// The grant after a refresh.
fn refreshed_grant(session: &Session, members: Value, later: i64) -> Grant {
    let response = TokenResponse::parse(&response(200, Some(&token_body(members)))).unwrap();
    let has_id_token = response.id_token.is_some() || session.id_token().is_some();
    the_grant(session).refreshed(&ProviderProfile::default(), response, has_id_token, NOW + later)
}

/// The session after a refresh with these members, some seconds later.
fn refreshed(session: &Session, members: Value, later: i64) -> Session {
    let grant = refreshed_grant(session, members, later);
    session_after(session, Event::Refreshed { grant, id_token: None })
}

/// The session once the refresh token of a target leaves.
fn sent(session: &Session, target: &Target, at: i64) -> Session {
    session_after(session, Event::RefreshSent { target, at })
}

/// How far the use of a grant's refresh token is.
fn state(grant: &Grant) -> RefreshState {
    grant.refresh().unwrap().state()
}

fn sent_at(at: i64) -> SentRefresh {
    SentRefresh {
        at,
        is_retried: false,
        asked_silently_at: None,
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
    assert_eq!(form(&client(), the_grant(&session)), owned(expected));
}

#[test]
fn c160_a_server_that_wants_the_scopes_gets_those_that_were_granted() {
    let session = held("api:read api:write", json!({ "scope": "api:read extra" }));
    let sent = form(&client_of("entra"), the_grant(&session));
    assert!(sent.contains(&("scope".to_owned(), "api:read".to_owned())), "{sent:?}");
    let mut profile = ProviderProfile::default();
    profile.refresh_scope = RefreshScope::Requested;
    let own = config(client_options().with_provider(profile)).unwrap();
    assert_eq!(form(&own, the_grant(&session)), sent);
    for provider in ["generic", "auth0", "google", "okta", "keycloak"] {
        let sent = form(&client_of(provider), the_grant(&session));
        assert!(sent.iter().all(|(name, _)| name != "scope"), "{provider}");
    }
    // Where that is none of them, an empty scope would be against the grammar.
    let session = held("api:read", json!({ "scope": "extra" }));
    let sent = form(&client_of("entra"), the_grant(&session));
    assert!(sent.iter().all(|(name, _)| name != "scope"), "{sent:?}");
}

#[test]
fn a_refresh_names_the_resources_of_its_grant_and_no_audience() {
    let target = target(Some("urn:api"), &["https://api.example/a b", "https://api.example/c&d"]);
    let options = options_with(|options| options.target = Some(target.clone()));
    let members = json!({ "refresh_token": "s3cr3t-refresh" });
    let session = exchange(None, &asked(intent("api:read"), &options), members).unwrap();
    let sent = form(&client(), session.grant(&target).unwrap());
    let expected = [
        ("resource", "https://api.example/a b"),
        ("resource", "https://api.example/c&d"),
    ];
    assert_eq!(sent[3..], owned(expected));
}

#[test]
fn c222_the_newest_refresh_token_is_kept_and_the_old_one_forgotten() {
    let session = held("api:read", json!({ "expires_in": 60 }));
    let members = json!({ "access_token": "s3cr3t-two", "refresh_token": "s3cr3t-rotated", "expires_in": 120 });
    let after = refreshed(&session, members, 50);
    let grant = the_grant(&after);
    assert_eq!(grant.refresh_token(), Some(&RefreshToken::new("s3cr3t-rotated")));
    assert_eq!(grant.access_token(), &AccessToken::new("s3cr3t-two"));
    assert_eq!((grant.answered_at(), grant.expires_at()), (NOW + 50, Some(NOW + 170)));
    for old in ["s3cr3t-refresh", "s3cr3t-access"] {
        assert!(!common::stringify(&after.to_value()).contains(old), "{old}");
    }
    // Without another one it stays (RFC 6749 §6).
    let after = refreshed(&session, json!({}), 50);
    assert_eq!(
        the_grant(&after).refresh_token(),
        Some(&RefreshToken::new("s3cr3t-refresh"))
    );
    assert_eq!(the_grant(&after).expires_at(), None);
}

#[test]
fn c160_without_a_scope_a_refreshed_grant_is_what_it_was() {
    let session = held("api:read api:write", json!({ "scope": "api:read" }));
    let after = refreshed(&session, json!({}), 1);
    let grant = the_grant(&after);
    assert_eq!(
        (grant.granted(), grant.requested()),
        (&set("api:read"), &set("api:read api:write"))
    );
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
        assert_eq!(
            (grant.granted(), grant.denied()),
            (&set(granted), set(denied)),
            "{scope}"
        );
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
    assert_eq!(the_grant(&after).granted(), &set("openid offline_access api:read"));
}

#[test]
fn c080_a_new_token_is_not_refreshed_and_half_its_life_is_enough() {
    let session = held("api:read", json!({ "expires_in": 1 }));
    let grant = the_grant(&session);
    assert!(grant.is_fresh(NOW, 60) && grant.is_fresh(NOW + 1, 60), "new");
    assert!(!grant.is_fresh(NOW + 2, 0));
    let session = held("api:read", json!({ "expires_in": 40 }));
    let grant = the_grant(&session);
    // Half of 40 seconds is less than what is wanted.
    assert!(grant.is_fresh(NOW + 19, 60) && !grant.is_fresh(NOW + 20, 60));
    assert!(grant.is_fresh(NOW + 29, 10) && !grant.is_fresh(NOW + 30, 10));
    let session = held("api:read", json!({ "expires_in": 0 }));
    assert!(the_grant(&session).is_fresh(NOW, 30) && !the_grant(&session).is_fresh(NOW + 2, 0));
}

#[test]
fn c078_without_a_refresh_token_a_token_that_has_run_out_is_of_no_use_however_new() {
    let session = granted("api:read", json!({ "expires_in": 0 }));
    assert!(!the_grant(&session).is_fresh(NOW, 0));
    let session = granted("api:read", json!({ "expires_in": 1 }));
    assert!(the_grant(&session).is_fresh(NOW, 60) && !the_grant(&session).is_fresh(NOW + 1, 0));
}

#[test]
fn c077_a_token_of_unknown_lifetime_lasts() {
    let session = held("api:read", json!({}));
    assert!(the_grant(&session).is_fresh(NOW + 1_000_000, 3_600));
}

#[test]
fn c228_a_token_from_the_future_is_not_new_for_ever() {
    let session = held("api:read", json!({ "expires_in": 60 }));
    let grant = the_grant(&session);
    // Another device's clock, or one that was put back: it lasts by its end, and no panic on a negative age.
    assert!(grant.is_fresh(NOW - 1_000, 30));
    assert!(!grant.is_fresh(i64::MAX, 30) && grant.is_fresh(i64::MIN, 30));
}

#[test]
fn i3_a_token_that_was_sent_counts_as_used_until_the_response() {
    let target = Target::default();
    let session = held("api:read", json!({ "expires_in": 60 }));
    assert_eq!(state(the_grant(&session)), RefreshState::Ready);
    let first = sent(&session, &target, 1_000);
    assert_eq!(state(the_grant(&first)), RefreshState::Sent(sent_at(1_000)));
    let second = sent(&first, &target, 2_000);
    let retried = SentRefresh {
        is_retried: true,
        ..sent_at(1_000)
    };
    assert_eq!(state(the_grant(&second)), RefreshState::Sent(retried));
    let at = 3_000;
    let third = session_after(&second, Event::AskedSilently { target: &target, at });
    let asked = SentRefresh {
        asked_silently_at: Some(3_000),
        ..retried
    };
    assert_eq!(state(the_grant(&third)), RefreshState::Sent(asked));
    for session_of_sent in [&first, &second, &third] {
        // Nothing else has changed; it can be stored and read again, and be taken back.
        let (before, after) = (the_grant(&session), the_grant(session_of_sent));
        assert_eq!(after.refresh_token(), before.refresh_token());
        assert_eq!(after.access_token(), before.access_token());
        assert_eq!(
            (after.granted(), after.expires_at()),
            (before.granted(), before.expires_at())
        );
        assert_eq!(stored(session_of_sent), *session_of_sent);
        let cancelled = session_after(session_of_sent, Event::RefreshCancelled { target: &target });
        // What came of the first time is as unknown as before, whatever is known of the second.
        let expected = match state(the_grant(session_of_sent)) {
            RefreshState::Sent(sent) if sent.is_retried => RefreshState::Sent(SentRefresh {
                is_retried: false,
                ..sent
            }),
            _ => RefreshState::Ready,
        };
        assert_eq!(state(the_grant(&cancelled)), expected);
        let after = refreshed(session_of_sent, json!({}), 1);
        assert_eq!(state(the_grant(&after)), RefreshState::Ready);
    }
}

#[test]
fn i3_a_sent_token_is_that_of_its_grant_only() {
    let other = target(Some("urn:other"), &[]);
    let session = common::session("openid api:read");
    let options = options_with(|options| options.target = Some(other.clone()));
    let request = asked(
        upgrading(&set("openid api:pay"), &set("api:pay"), session.subject()),
        &options,
    );
    let members = upgrade_body(json!({ "refresh_token": "s3cr3t-other" }));
    let both = exchange(Some(&session), &request, members).unwrap();
    let after = sent(&both, &other, 1_000);
    assert_eq!(state(after.grant(&other).unwrap()), RefreshState::Sent(sent_at(1_000)));
    assert_eq!(state(the_grant(&after)), RefreshState::Ready);
    assert_eq!(sent(&both, &target(Some("urn:none"), &[]), 1), both);
    assert_eq!(after.claims(), session.claims());
    // A refresh of one leaves the other as it is.
    let after = refreshed(&after, json!({ "access_token": "s3cr3t-three" }), 1);
    assert_eq!(the_grant(&after).access_token(), &AccessToken::new("s3cr3t-three"));
    let grant = after.grant(&other).unwrap();
    assert_eq!(state(grant), RefreshState::Sent(sent_at(1_000)));
    assert_eq!(grant.refresh_token(), Some(&RefreshToken::new("s3cr3t-other")));
}

#[test]
fn a_refresh_keeps_the_session_its_user_and_what_they_said_no_to() {
    let session = common::session("openid api:read");
    let (target, scopes) = (&Target::default(), &set("api:write"));
    let session = session_after(&session, Event::Denied { target, scopes });
    let after = refreshed(&session, json!({}), 1);
    assert_eq!(after.id(), session.id());
    assert_eq!(after.subject(), Some("ada"));
    assert_eq!(after.claims(), session.claims());
    assert_eq!(after.id_token(), session.id_token());
    assert!(after.is_denied(target, "api:write"));
    assert_eq!(stored(&after), after);
}

/// A refresh whose response names this user.
fn refreshed_as(session: &Session, sub: &str) -> Result<Session, Rejected> {
    let mut all = claims(sub);
    all["fresh"] = json!(true);
    let raw = id_token(&all);
    let token = verified(&raw, &expected()).unwrap();
    let members = json!({ "id_token": raw, "refresh_token": "s3cr3t-rotated" });
    let event = Event::Refreshed {
        grant: refreshed_grant(session, members, 0),
        id_token: Some(token),
    };
    Session::apply(Some(session), event)
}

#[test]
fn c168_a_refresh_with_an_id_token_is_for_the_same_user() {
    let session = common::session("openid api:read");
    let after = refreshed_as(&session, "ada").unwrap();
    assert!(after.claims().unwrap().as_value().get("fresh").is_some());
    assert_eq!(after.id(), session.id());
    let rejected = refreshed_as(&session, "grace").unwrap_err();
    assert_eq!(rejected.error.code(), "subject_mismatch");
    let unused = RevocableToken::Refresh(RefreshToken::new("s3cr3t-rotated"));
    assert_eq!(rejected.unused, Some(unused));
    assert_no_secret(&format!("{rejected:?}"));
}

#[test]
fn a_refreshed_id_token_is_compared_with_the_authentication_and_not_with_the_last_token() {
    let first = |claims: Value| {
        let members = json!({ "id_token": id_token(&claims), "refresh_token": "s3cr3t-refresh", "scope": "openid" });
        exchange(None, &common::sign_in("openid"), members).unwrap()
    };
    // The session after a refresh with an ID token of these members, null for none; or the name of the failed check.
    let after = |session: &Session, members: Value| {
        let mut all = claims("ada");
        for (name, member) in members.as_object().unwrap() {
            match member {
                Value::Null => drop(all.as_object_mut().unwrap().remove(name)),
                member => all[name] = member.clone(),
            }
        }
        let answer = TokenEndpointAnswer {
            config: &client(),
            metadata: &metadata(),
            response: &response(200, Some(&token_body(json!({ "id_token": id_token(&all) })))),
            key: None,
            now: NOW,
            parse_json: &parse_json,
        };
        let after = answer.session_after_refresh(&Target::default(), session);
        after
            .map(|session| stored(&session))
            .map_err(|rejected| rejected.error.reason())
    };
    let mut with_time = claims("ada");
    with_time["auth_time"] = json!(NOW - 100);
    let session = first(with_time);
    // With the nonce of the sign-in, then without one, then with it.
    let session = after(&session, json!({})).unwrap();
    let session = after(&session, json!({ "nonce": null, "auth_time": NOW - 100 })).unwrap();
    assert_eq!(after(&session, json!({ "nonce": "other" })), Err(Some("nonce")));
    let session = after(&session, json!({ "auth_time": NOW - 50 })).unwrap();
    // The user signed in at the server meanwhile, and the grant is still of the first time.
    let session = after(&session, json!({ "auth_time": NOW - 100 })).unwrap();
    let session = after(&session, json!({ "auth_time": null })).unwrap();
    assert_eq!(
        after(&session, json!({ "auth_time": NOW - 101 })),
        Err(Some("auth_time"))
    );
    assert_eq!(after(&session, json!({ "nonce": "other" })), Err(Some("nonce")));
    // Where the sign-in brought no ID token there is nothing to compare with.
    let session = held("api:read", json!({}));
    let session = after(&session, json!({ "nonce": "own" })).unwrap();
    assert_eq!(after(&session, json!({ "nonce": "other" })), Err(Some("nonce")));
}
