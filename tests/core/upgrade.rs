//! What an upgrade, or another sign-in, changes of a session, and what its outcome is.

use scopewise::core::authorize::response::Callback;
use scopewise::core::authorize::{
    AuthorizationResponse, AuthorizeOptions, Outcome, OutcomeStatus, PendingRequest, RequestKind, ResponseMode,
};
use scopewise::core::error::{Error, ServerErrorCode};
use scopewise::core::provider::ProviderProfile;
use scopewise::core::scope::ScopeSet;
use scopewise::core::secret::{AccessToken, RefreshToken};
use scopewise::core::server::revocation::RevocableToken;
use scopewise::core::session::{Event, Grant, ScopeStatus, Session};
use scopewise::core::target::Target;
use scopewise::core::token::TokenResponse;
use serde_json::json;

use crate::common::{
    ISSUER, NOW, asked, assert_discreet, assert_no_secret, claims, exchange, expected, id_token, options_with, reason,
    response, session, session_after, set, sign_in, stored, stringify, target, the_grant, token_body, upgrade,
    upgrade_body, upgrade_with, upgrading, verified,
};

fn outcome(session: &Session, request: &PendingRequest) -> Outcome {
    request.outcome(&session.granted(&request.target))
}

/// The text that is stored of a session.
fn text_of(session: &Session) -> String {
    stringify(&session.to_value())
}

/// The session once the user said no.
fn denied(session: &Session, target: &Target, scopes: &str) -> Session {
    let scopes = &set(scopes);
    session_after(session, Event::Denied { target, scopes })
}

#[test]
fn c157_one_scope_on_two_targets() {
    let before = session("openid api:read");
    let other = target(None, &["https://other.example"]);
    let options = options_with(|options| options.target = Some(other.clone()));
    let request = upgrade_with(&before, "api:write", &options);
    let after = exchange(
        Some(&before),
        &request,
        upgrade_body(json!({ "scope": "openid api:write", "access_token": "s3cr3t-other" })),
    )
    .unwrap();
    assert_eq!(after.grants().len(), 2);
    assert_eq!(the_grant(&after), the_grant(&before));
    let there = after.grant(&other).unwrap();
    assert!(there.covers("api:write") && !there.covers("api:read"));
    assert!(!the_grant(&after).covers("api:write"));
    assert_eq!(there.access_token(), &AccessToken::new("s3cr3t-other"));
    let third = target(Some("https://other.example"), &[]);
    assert!(after.grant(&third).is_none());
}

#[test]
fn an_id_token_that_no_url_carries_is_no_hint() {
    let with = |length: usize| {
        let mut claims = claims("ada");
        let fixed = id_token(&claims).len();
        claims["x"] = json!("x".repeat((length - fixed) * 3 / 4 - 7));
        let body = json!({ "id_token": id_token(&claims), "scope": "openid" });
        exchange(None, &sign_in("openid"), body).unwrap()
    };
    let session = with(3994);
    assert!((3984..=4000).contains(&session.id_token().unwrap().secret().len()));
    assert_eq!(session.id_token_hint().as_ref(), session.id_token());
    // Duende IdentityServer refuses requests with a longer one.
    let session = with(4014);
    assert!((4001..4024).contains(&session.id_token().unwrap().secret().len()));
    assert_eq!(session.id_token_hint(), None);
}

#[test]
fn c165_a_no_is_an_outcome() {
    let before = session("openid api:read");
    let request = upgrade(&before, "api:write");
    // An error response holds nothing that a session could be made of: what was held is what is held.
    let part = "error=access_denied&scope=api%3Awrite&state=s3cr3t-state";
    let callback = Callback::parse(part, ResponseMode::Query).unwrap();
    let AuthorizationResponse::Error(error) = callback.check(&request, ISSUER).unwrap() else {
        panic!("a no is no code")
    };
    assert_eq!(error.server_error().unwrap().code, ServerErrorCode::AccessDenied);
    assert!(request.is_denied_by(&error));
    assert!(!sign_in("openid").is_denied_by(&error), "nothing was held before");
    assert!(!request.is_denied_by(&Error::NotSignedIn));
    let outcome = request.outcome_of_denial(&before.granted(&request.target));
    assert_eq!(
        (outcome.kind, outcome.status),
        (RequestKind::Upgrade, OutcomeStatus::Denied)
    );
    assert_eq!(outcome.granted, set("openid api:read"));
    assert_eq!(outcome.missing, set("api:write"));
    assert_eq!(outcome.requested, set("openid api:read api:write"));
}

#[test]
fn c165_a_no_to_a_step_up_is_a_no() {
    let before = session("openid api:read");
    let gold = options_with(|options| options.acr_values = Some("gold".to_owned()));
    let request = upgrade_with(&before, "", &gold);
    let held = before.granted(&Target::default());
    assert_eq!(request.outcome_of_denial(&held).status, OutcomeStatus::Denied);
    assert_eq!(request.outcome(&held).status, OutcomeStatus::Granted);
    assert!(request.outcome_of_denial(&held).missing.is_empty());
    // With scopes it is a matter of what is there, which another tab may have got meanwhile.
    let request = upgrade(&before, "api:write");
    assert_eq!(request.outcome_of_denial(&held).status, OutcomeStatus::Denied);
    let more = held.union(&set("api:write"));
    assert_eq!(request.outcome_of_denial(&more).status, OutcomeStatus::Granted);
}

#[test]
fn c166_another_user_comes_back() {
    let before = session("openid api:read");
    let record = text_of(&before);
    let request = upgrade(&before, "api:write");
    let body = json!({ "id_token": id_token(&claims("eve")), "scope": "openid api:read api:write", "refresh_token": "s3cr3t-of-eve" });
    let error = exchange(Some(&before), &request, body).unwrap_err();
    assert_eq!(error.code(), "subject_mismatch");
    assert_discreet(&error);
    assert_eq!(text_of(&before), record);
    // What came is to be revoked: the refresh token, and with it the access token; or that one alone.
    let token = verified(&id_token(&claims("eve")), &expected()).unwrap();
    for (members, unused) in [
        (
            json!({ "refresh_token": "s3cr3t-of-eve" }),
            RevocableToken::Refresh(RefreshToken::new("s3cr3t-of-eve")),
        ),
        (json!({}), RevocableToken::Access(AccessToken::new("s3cr3t-access"))),
    ] {
        let response = TokenResponse::parse(&response(200, Some(&token_body(members)))).unwrap();
        let event = Event::Authorized {
            request: &request,
            grant: Grant::new(
                &ProviderProfile::default(),
                Target::default(),
                set("openid"),
                response,
                NOW,
            ),
            id_token: Some(token.clone()),
            session_id: "other".to_owned(),
        };
        let rejected = Session::apply(Some(&before), event).unwrap_err();
        assert_eq!(rejected.unused, Some(unused));
        assert_no_secret(&format!("{rejected:?}"));
    }
}

#[test]
fn c166_an_answer_without_a_name_may_be_of_the_same_grant_and_is_dropped() {
    let before = session("openid api:read");
    let response = TokenResponse::parse(&response(200, Some(&token_body(json!({}))))).unwrap();
    let event = Event::Authorized {
        request: &upgrade(&before, "api:write"),
        grant: Grant::new(
            &ProviderProfile::default(),
            Target::default(),
            set("openid"),
            response,
            NOW,
        ),
        id_token: None,
        session_id: "other".to_owned(),
    };
    let rejected = Session::apply(Some(&before), event).unwrap_err();
    assert_eq!((rejected.error.code(), rejected.unused), ("id_token_invalid", None));
}

#[test]
fn c166_also_where_the_session_was_lost_on_the_way_or_is_anothers_by_now() {
    let before = session("openid api:read");
    let request = upgrade(&before, "api:write");
    let eve = json!({ "id_token": id_token(&claims("eve")) });
    assert_eq!(
        exchange(None, &request, eve.clone()).unwrap_err().code(),
        "subject_mismatch"
    );
    let of_eve = exchange(None, &sign_in("openid"), eve).unwrap();
    assert_eq!(
        exchange(Some(&of_eve), &request, upgrade_body(json!({})))
            .unwrap_err()
            .code(),
        "subject_mismatch"
    );
    assert_eq!(
        exchange(None, &request, upgrade_body(json!({}))).unwrap().subject(),
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
    assert_eq!(after.grants().len(), 1);
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
    let intent = upgrading(&set("api:read api:write"), &set("api:write"), known.subject());
    let request = asked(intent, &AuthorizeOptions::default());
    assert_eq!(
        reason(exchange(
            Some(&known),
            &request,
            json!({ "scope": "api:read api:write" })
        )),
        "malformed"
    );
}

#[test]
fn c170_a_part_of_what_was_asked() {
    let before = session("openid api:read");
    let request = upgrade(&before, "api:write api:delete");
    let after = exchange(
        Some(&before),
        &request,
        upgrade_body(json!({ "scope": "openid api:read api:write" })),
    )
    .unwrap();
    let outcome = outcome(&after, &request);
    assert_eq!(outcome.status, OutcomeStatus::Partial);
    assert_eq!(outcome.requested, set("openid api:read api:write api:delete"));
    assert_eq!(outcome.granted, set("openid api:read api:write"));
    assert_eq!(outcome.missing, set("api:delete"));
    assert_eq!(the_grant(&after).access_token(), &AccessToken::new("s3cr3t-new-access"));
}

#[test]
fn outcomes_in_one_word() {
    let before = session("openid api:read");
    for (wanted, scope, status) in [
        ("api:write", "openid api:read api:write", OutcomeStatus::Granted),
        ("api:write", "openid api:read", OutcomeStatus::Denied),
        ("api:write api:delete", "openid api:read", OutcomeStatus::Denied),
        (
            "api:write api:delete",
            "openid api:read api:delete",
            OutcomeStatus::Partial,
        ),
        // The new one came, an old one went.
        ("api:write", "openid api:write", OutcomeStatus::Partial),
        ("api:write", "openid", OutcomeStatus::Denied),
        ("api:write", "openid api:read api:write extra", OutcomeStatus::Granted),
    ] {
        let request = upgrade(&before, wanted);
        let after = exchange(Some(&before), &request, upgrade_body(json!({ "scope": scope }))).unwrap();
        let outcome = outcome(&after, &request);
        assert_eq!(outcome.status, status, "{wanted} -> {scope}");
        assert_eq!(outcome.missing, outcome.requested.minus(&outcome.granted));
    }
}

#[test]
fn c172_an_old_scope_goes() {
    let before = session("openid api:read api:old");
    let request = upgrade(&before, "api:write");
    let after = exchange(
        Some(&before),
        &request,
        upgrade_body(json!({ "scope": "openid api:read api:write" })),
    )
    .unwrap();
    assert_eq!(the_grant(&after).status("api:old"), ScopeStatus::Denied);
    assert_eq!(outcome(&after, &request).missing, set("api:old"));
}

#[test]
fn c173_tokens_are_replaced_together() {
    let before = session("openid api:read");
    let request = upgrade(&before, "api:write");
    let body = upgrade_body(
        json!({ "scope": "openid api:read api:write", "refresh_token": "s3cr3t-new-refresh", "expires_in": 60 }),
    );
    let after = exchange(Some(&before), &request, body).unwrap();
    let grant = the_grant(&after);
    assert_eq!(grant.access_token(), &AccessToken::new("s3cr3t-new-access"));
    assert_eq!(grant.refresh_token(), Some(&RefreshToken::new("s3cr3t-new-refresh")));
    assert_eq!(grant.expires_at(), Some(NOW + 60));
    assert_eq!((after.id(), after.grants().len()), ("session-1", 1));
    // Nothing of the old grant stays: an old refresh token is not kept beside a new access token.
    let without = exchange(
        Some(&before),
        &request,
        upgrade_body(json!({ "scope": "openid api:read api:write" })),
    )
    .unwrap();
    assert!(the_grant(&without).refresh_token().is_none());
    assert!(!text_of(&without).contains("s3cr3t-refresh"));
}

#[test]
fn a_session_grows_by_its_grants_only() {
    let targets = [
        Target::default(),
        target(None, &["https://a.example"]),
        target(None, &["https://b.example"]),
    ];
    let scopes = set("openid api:read api:write");
    let mut held = session("openid api:read");
    let mut sizes = Vec::new();
    for round in 0..12 {
        let target = &targets[round % 3];
        let options = options_with(|options| options.target = Some(target.clone()));
        let request = asked(upgrading(&scopes, &set("api:write"), held.subject()), &options);
        let members = json!({ "scope": scopes.to_string(), "refresh_token": "s3cr3t-refresh", "expires_in": 60 });
        // It is stored and read again each time, as from page to page.
        let read = stored(&exchange(Some(&held), &request, upgrade_body(members)).unwrap());
        assert_eq!((read.id(), read.subject()), (held.id(), held.subject()));
        assert_eq!((read.claims(), read.id_token()), (held.claims(), held.id_token()));
        // The latest comes first, and each target has one.
        assert_eq!(read.grants().first().unwrap().target(), target);
        assert_eq!(read.grants().len(), targets.len().min(round + 1));
        sizes.push(text_of(&read).len());
        held = read;
    }
    assert!(sizes[0] < sizes[1] && sizes[1] < sizes[2], "{sizes:?}");
    assert!(sizes[2..].iter().all(|size| *size == sizes[2]), "{sizes:?}");
    // Nor does a nameless one.
    let mut nameless = exchange(None, &sign_in("api:read"), json!({ "scope": "api:read" })).unwrap();
    let record = text_of(&nameless);
    for _ in 0..3 {
        let again = upgrading(&set("api:read"), &set("api:read"), None);
        let again = asked(again, &AuthorizeOptions::default());
        nameless = exchange(Some(&nameless), &again, json!({ "scope": "api:read" })).unwrap();
        assert_eq!(text_of(&nameless), record);
    }
}

#[test]
fn a_no_is_remembered_as_long_as_the_session_lives_and_no_longer() {
    let before = session("openid api:read");
    let (default, other) = (Target::default(), target(Some("other|api:write"), &[]));
    let once = denied(&before, &default, "api:write api:delete");
    let after = denied(&once, &default, "api:write");
    assert!(after.is_denied(&default, "api:write") && after.is_denied(&default, "api:delete"));
    assert!(!after.is_denied(&default, "api:read") && !after.is_denied(&default, "api"));
    assert!(!after.is_denied(&other, "api:write") && !before.is_denied(&default, "api:write"));
    // Nothing else has changed, and what is known already is not remembered twice.
    assert_eq!(after.granted(&default), before.granted(&default));
    assert_eq!((after.id(), after.subject()), (before.id(), before.subject()));
    assert_eq!((&after, &denied(&after, &default, "api:delete")), (&once, &once));
    assert_eq!(after.denied(&default), set("api:write api:delete"));
    assert_eq!(after.denied(&other), ScopeSet::default());
    assert_eq!(after.status(&default, "api:write"), ScopeStatus::Denied);
    assert_eq!(after.status(&default, "api:other"), ScopeStatus::NotRequested);
    // It survives storage, and the next upgrade; the next sign-in forgets it.
    let after = stored(&after);
    let members = json!({ "id_token": id_token(&claims("ada")), "scope": "api:read api:new" });
    let upgraded = exchange(Some(&after), &upgrade(&after, "api:new api:more"), members.clone()).unwrap();
    for scope in ["api:write", "api:delete", "api:more"] {
        assert!(upgraded.is_denied(&default, scope), "{scope}");
    }
    let fresh = exchange(Some(&upgraded), &sign_in("openid api:read api:new"), members).unwrap();
    assert!(!fresh.is_denied(&default, "api:write"));
}
