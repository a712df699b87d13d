//! What is just allowed, and what is one too many.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use scopewise::core::authorize::{RequestIntent, ResponseMode, Transaction};
use scopewise::core::demands::{Authentication, Demands};
use scopewise::core::end_session;
use scopewise::core::error::{Error, FailedCheck};
use scopewise::core::provider::{ImpliedScopes, ProviderProfile};
use scopewise::core::resource::{Challenge, ChallengeKind};
use scopewise::core::scope::{Scope, ScopeSet};
use scopewise::core::session::{Event, RefreshStep, Session};
use scopewise::core::target::Target;
use scopewise::core::token::TokenResponse;
use scopewise::core::value::Value;
use serde_json::json;

use crate::common::{
    NOW, claims, client, code, exchange, expected, granted, id_token, metadata, reason, response, session,
    session_after, set, sign_in, target, the_grant, value, verified,
};

#[test]
fn claims_of_a_challenge_are_four_kibibytes_at_the_most() {
    let claims = |length: usize| {
        let json = format!("{{\"a\":\"{}\"}}", "x".repeat(length - 8));
        let header = format!(
            "Bearer error=\"insufficient_claims\", claims=\"{}\"",
            URL_SAFE_NO_PAD.encode(json)
        );
        Challenge::parse(401, &header).demands.claims.map(|claims| claims.len())
    };
    assert_eq!(claims(4096), Some(4096));
    assert_eq!(claims(4097), None);
}

#[test]
fn a_long_id_token_is_no_hint() {
    let hint = |length: usize| {
        let token = |padding: usize| {
            let mut claims = claims("ada");
            claims["padding"] = "x".repeat(padding).into();
            id_token(&claims)
        };
        // Three bytes are four in base64url.
        let about = (length - token(0).len()) / 4 * 3;
        let fitting = (about - 3..length)
            .map(token)
            .find(|token| token.len() >= length)
            .unwrap();
        let session = exchange(None, &sign_in("openid"), json!({ "id_token": fitting })).unwrap();
        (fitting.len(), session.id_token_hint().is_some())
    };
    assert_eq!(hint(4000), (4000, true));
    let (length, is_hint) = hint(4001);
    assert!(length > 4000 && !is_hint);
}

#[test]
fn only_scopes_of_some_length_are_shown_and_ten_of_them() {
    let message = |scopes: &str| Error::missing_scope(set(scopes).iter().map(str::to_owned).collect()).message();
    assert!(message(&"x".repeat(100)).contains(&format!("`{}`", "x".repeat(100))));
    assert!(!message(&"x".repeat(101)).contains("xx"));
    let many: Vec<String> = (0..11).map(|number| format!("scope-{number}")).collect();
    let shown = message(&many.join(" "));
    assert!(shown.contains("`scope-9`") && !shown.contains("scope-10"), "{shown}");
}

#[test]
fn the_longest_text_is_anywhere() {
    let longest = |json: serde_json::Value| value(&json).longest_text();
    assert_eq!(longest(json!("four")), 4);
    assert_eq!(longest(json!([1, "a", ["three"], "bc", null])), 5);
    assert_eq!(longest(json!({ "a": "bc", "member": true, "b": { "c": "d" } })), 6);
    assert_eq!(longest(json!({ "a": { "b": ["seventy"] } })), 7);
    assert_eq!(
        (longest(json!([])), longest(json!({})), longest(json!(1_000_000))),
        (0, 0, 0)
    );
}

#[test]
fn the_size_is_about_that_of_the_json() {
    for json in [
        json!({ "a": ["some", "texts", { "and": "names" }], "b": "c" }),
        json!(["a", "b", "c", "d", "e"]),
        json!({ "a": "b", "c": "d", "e": {} }),
        json!("a text"),
    ] {
        assert_eq!(value(&json).size(), json.to_string().len() + slack(&json), "{json}");
    }
    assert_eq!(Value::Null.size(), 8);
}

/// A comma after each last item and member.
fn slack(json: &serde_json::Value) -> usize {
    match json {
        serde_json::Value::Array(items) => 1.min(items.len()) + items.iter().map(slack).sum::<usize>(),
        serde_json::Value::Object(members) => 1.min(members.len()) + members.values().map(slack).sum::<usize>(),
        _ => 0,
    }
}

#[test]
fn a_session_has_all_of_some_scopes_or_it_does_not() {
    let session = granted("api:read api:write", json!({ "expires_in": 60 }));
    let default = Target::default();
    let (now, other) = (NOW, target(Some("api"), &[]));
    assert!(session.has(&set("api:read api:write"), &default, now));
    assert!(!session.has(&set("api:read other"), &default, now));
    assert!(!session.has(&set("api:read"), &other, now));
    assert!(!session.has(&set("api:read"), &default, now + 60));
}

#[test]
fn a_failed_check_of_a_jwt_says_what_to_look_at() {
    let advice = |reason| {
        let check = || Box::new(FailedCheck { reason });
        let messages = [
            Error::ResponseJwtInvalid(check()).message(),
            Error::UserInfoJwtInvalid(check()).message(),
        ];
        assert!(messages[0].starts_with(&format!("The authorization response fails the check `{reason}`. ")));
        assert!(messages[1].starts_with(&format!("The userinfo endpoint's JWT fails the check `{reason}`. ")));
        let told = messages.map(|text| text.split_once("`. ").unwrap().1.to_owned());
        assert_eq!(told[0], told[1]);
        told[0].clone()
    };
    for (reason, told) in [
        ("response_mode", "With responseMode query.jwt it must be a JWT"),
        ("aud", "It is not for this client: compare it with clientId."),
        ("malformed", "It must be signed and not encrypted"),
        ("exp", "Is the clock of this device right"),
        ("nbf", "Is the clock of this device right"),
        ("iss", "Compare it with the issuer option"),
        ("azp", "It is for another client"),
        ("key", "At jwks_uri of the server's metadata"),
        ("signature", "It was not signed with the key"),
        ("other", "Check how the client is registered."),
    ] {
        assert!(advice(reason).starts_with(told), "{reason}: {}", advice(reason));
    }
}

#[test]
fn a_token_is_fresh_until_it_is_not() {
    for (members, seconds, until) in [
        (json!({ "expires_in": 3600 }), 60, 3540),
        (json!({ "expires_in": 100 }), 60, 50),
        (json!({ "expires_in": 101 }), 60, 51),
        (json!({ "expires_in": 100 }), 30, 70),
        (json!({ "expires_in": 3600, "refresh_token": "s3cr3t" }), 60, 3540),
        // A new one counts as fresh: no loop of refreshes.
        (json!({ "expires_in": 2, "refresh_token": "s3cr3t" }), 60, 2),
        (json!({ "expires_in": 10 }), 60, 5),
    ] {
        let session = granted("api:read", members.clone());
        let grant = the_grant(&session);
        let end = grant.fresh_until(seconds).unwrap();
        assert_eq!(end - NOW, until, "{members} {seconds}");
        assert!(
            grant.is_fresh(end - 1, seconds) && !grant.is_fresh(end, seconds),
            "{members}"
        );
    }
    let session = granted("api:read", json!({}));
    assert_eq!(the_grant(&session).fresh_until(60), None);
}

#[test]
fn tokens_are_sixty_four_kibibytes_at_the_most_and_scopes_sixteen() {
    let access = |length: usize| {
        let body = json!({ "access_token": "x".repeat(length), "token_type": "Bearer" });
        TokenResponse::parse(&response(200, Some(&body))).map(|answer| answer.access_token.secret().len())
    };
    assert_eq!(access(65_536).unwrap(), 65_536);
    assert_eq!(code(access(65_537)), "token_response_invalid");
    let scope = |length: usize| {
        let body = json!({ "access_token": "s3cr3t", "token_type": "Bearer", "scope": "x".repeat(length) });
        TokenResponse::parse(&response(200, Some(&body))).map(|answer| answer.scope.unwrap().len())
    };
    assert_eq!(scope(16_384).unwrap(), 16_384);
    assert_eq!(code(scope(16_385)), "token_response_invalid");
    let id_token = |length: usize| reason(verified(&"x".repeat(length), &expected()));
    assert_eq!(id_token(65_536), "malformed");
    assert_eq!(id_token(65_537), "too_large");
}

#[test]
fn the_url_of_a_sign_out_has_the_id_token_where_it_fits() {
    let session = session("openid");
    let url = |length: usize| {
        let of = |padding: usize| {
            let there = format!("https://app.example/{}", "x".repeat(padding));
            end_session::url(&metadata(), &client(), &session, Some(&there), &[7; 32]).unwrap()
        };
        of(length - of(0).len())
    };
    assert!(url(8_000).contains("id_token_hint=") && url(8_000).len() == 8_000);
    assert!(!url(8_001).contains("id_token_hint="));
}

/// The session once its refresh token was sent at some time.
fn sent_at(at: i64) -> Session {
    let target = &Target::default();
    session_after(&session("openid"), Event::RefreshSent { target, at })
}

/// The same, once the server was asked silently for another grant.
fn asked_at(at: i64) -> Session {
    let target = &Target::default();
    session_after(&sent_at(1_000), Event::AskedSilently { target, at })
}

fn next_step(session: &Session, loaded_at: i64, now: i64) -> RefreshStep {
    the_grant(session).refresh().unwrap().next_step(loaded_at, now)
}

#[test]
fn a_refresh_token_whose_answer_was_lost_is_sent_by_later_pages_only() {
    for (at, loaded_at, expected, why) in [
        (1_000, 1_000, RefreshStep::AskSilently, "the page was there"),
        (1_000, 500, RefreshStep::AskSilently, "and long before"),
        (2_000, 500, RefreshStep::AskSilently, "a moment ago"),
        (1_000, 1_001, RefreshStep::Send, "it came later"),
        (2_001, 500, RefreshStep::Send, "the clock was put back"),
    ] {
        assert_eq!(next_step(&sent_at(at), loaded_at, 2_000), expected, "{why}");
    }
    // Once somebody asked, nobody does for a minute. Nor for longer where the clock was put back meanwhile.
    for (asked_at, now, expected) in [
        (asked_at(2_000), 61_999, RefreshStep::Wait),
        (asked_at(2_000), 62_000, RefreshStep::AskSilently),
        (asked_at(102_000), 42_000, RefreshStep::AskSilently),
        (asked_at(102_000), 42_001, RefreshStep::Wait),
    ] {
        assert_eq!(next_step(&asked_at, 500, now), expected, "{now}");
    }
}

#[test]
fn a_quoted_text_before_a_challenge_is_no_challenge() {
    let kind = |header: &str| Challenge::parse(401, header).kind;
    assert_eq!(kind("Basic \", Bearer error=\"invalid_token\""), ChallengeKind::Nothing);
    assert_eq!(kind("Bearer error=\"invalid_token\""), ChallengeKind::InvalidToken);
}

#[test]
fn an_authentication_is_fresh_up_to_its_last_second() {
    let is_met = |max_age: Option<i64>, acr: Option<&str>| {
        let found = Authentication {
            acr: Some("silver"),
            auth_time: Some(1_000),
        };
        let demands = Demands {
            acr_values: acr.map(str::to_owned),
            max_age,
            claims: None,
        };
        demands.are_met_by(found, 1_060)
    };
    assert!(is_met(Some(60), None) && !is_met(Some(59), None));
    assert!(is_met(None, Some("gold silver")) && !is_met(None, Some("gold")));
    assert!(is_met(Some(60), Some("silver")) && !is_met(Some(60), Some("gold")) && !is_met(Some(59), Some("silver")));
    assert!(!is_met(None, None), "nothing is demanded");
}

#[test]
fn a_response_is_expected_where_it_was_asked_for_and_after_that_anywhere() {
    let pending = Transaction::Pending(Box::new(sign_in("openid")));
    assert!(pending.expects(ResponseMode::Query) && !pending.expects(ResponseMode::Fragment));
    let sent = Transaction::Exchanging {
        created_at: 0,
        last_sign_out: None,
    };
    assert!(sent.expects(ResponseMode::Query) && sent.expects(ResponseMode::Fragment));
}

#[test]
fn scopes_come_from_texts_and_from_each_other() {
    assert_eq!("read write".parse::<ScopeSet>().unwrap(), set("read write"));
    let scopes = ["read", "write", "read"].map(|scope| Scope::parse(scope).unwrap());
    assert_eq!(scopes.into_iter().collect::<ScopeSet>(), set("read write"));
    assert_eq!(ScopeSet::from(Scope::parse("read").unwrap()), set("read"));
    assert_eq!(
        RequestIntent::sign_in(set("read")).with_return_to("/there").return_to,
        "/there"
    );
}

#[test]
fn what_one_scope_carries_is_no_other_spelling_of_it() {
    let mut profile = ProviderProfile::default();
    profile.implies.push(ImpliedScopes::new("write", &["read"]));
    profile
        .implies
        .extend(ImpliedScopes::aliases(&["a".to_owned(), "b".to_owned()]));
    assert_eq!(profile.spellings("write"), set("write"));
    assert_eq!(profile.spellings("a"), set("a b"));
    assert_eq!(profile.closure(&set("write")), set("write read"));
}

#[test]
fn a_closure_has_two_thousand_scopes_at_the_most() {
    let mut profile = ProviderProfile::default();
    profile.implies.push(ImpliedScopes::new("write:*", &["read:*"]));
    let closed = |count: usize| {
        let scopes = (0..count).map(|number| format!("write:{number}").parse::<Scope>().unwrap());
        profile.closure(&scopes.collect()).len()
    };
    assert_eq!(closed(1_000), 2_000);
    assert_eq!(closed(1_001), 1_001, "what it would add is left out");
}

#[test]
fn what_is_known_of_a_request_is_kept_for_a_day() {
    let sent = Transaction::Exchanging {
        created_at: 0,
        last_sign_out: None,
    };
    assert!(!sent.is_outdated(86_400) && sent.is_outdated(86_401));
    // Also where the clock was put back.
    assert!(!sent.is_outdated(-86_400) && sent.is_outdated(-86_401));
}
