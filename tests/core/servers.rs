//! What a server in Rust does with the rules, besides sending requests: it stores records as text, shares sessions between
//! threads, and has a clock of its own.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use scopewise::core::apis::{Api, ApiOptions};
use scopewise::core::authorize::{AuthorizeOptions, PendingRequest, RequestIntent, Transaction};
use scopewise::core::demands::Demands;
use scopewise::core::dpop::{Proof, PublicKey};
use scopewise::core::resource::{ApiCall, ApiResponse, Verdict};
use scopewise::core::session::{Event, Rejected, Session};
use scopewise::core::url::Params;
use scopewise::{Config, Error, ScopeSet, ServerMetadata, Target};

use crate::common::{
    NOW, assert_no_secret, authorization_request, claims, client, code, expected, id_token, param, parse_json, session,
    session_after, sign_in, stringify, the_grant, upgrade_with, verified,
};

/// The moments at which sums of times go over, if any do.
const MOMENTS: [i64; 5] = [i64::MIN, -NOW, 0, NOW, i64::MAX];

#[test]
fn no_clock_is_too_wrong_for_a_refresh_token() {
    let (target, mut session) = (&Target::default(), session("openid"));
    for at in MOMENTS {
        session = session_after(&session, Event::RefreshSent { target, at });
        session = session_after(&session, Event::AskedSilently { target, at });
        for now in MOMENTS {
            let grant = the_grant(&session);
            grant.refresh().unwrap().next_step(at, now);
            // A wrong clock only makes tokens look old or new.
            let _ = (
                grant.is_fresh(now, at),
                grant.is_unexpired(now, at),
                grant.is_usable(now),
            );
            sign_in("openid").is_expired(now);
            sign_in("openid").answered(Err("access_denied"), None, now);
        }
    }
}

#[test]
fn no_clock_is_too_wrong_for_a_challenge() {
    let response = ApiResponse {
        status: 403,
        url: "https://api.example".to_owned(),
        challenge: Some(r#"Bearer error="insufficient_scope", scope="api:read""#.to_owned()),
        ..ApiResponse::default()
    };
    let session = session("openid api:read");
    let judge = |now| {
        let call = ApiCall {
            api: &Api::new(ApiOptions::new("https://api.example")).unwrap(),
            target: &Target::default(),
            scope: &ScopeSet::default(),
            session: Some(&session),
            now,
            was_granted: &|_| false,
        };
        call.judge(&response).0
    };
    assert!(matches!(judge(i64::MIN), Verdict::Refused(_)));
    assert!(matches!(judge(i64::MAX), Verdict::TokenRejected(Some(_))));
}

#[test]
fn a_request_that_waits_is_stored_as_text() {
    let request = sign_in("openid api:read");
    let text = stringify(&Transaction::from(request.clone()).to_value());
    let read = parse_json(&text).and_then(|record| Transaction::from_value(&record));
    assert_eq!(read.and_then(Transaction::into_pending), Some(request));
    let (created_at, last_sign_out) = (NOW, None);
    let exchanging = Transaction::Exchanging {
        created_at,
        last_sign_out,
    };
    assert_eq!(exchanging.into_pending(), None);
}

#[test]
fn a_path_that_a_stranger_may_have_made_is_checked() {
    let intent = |path: &str| RequestIntent::sign_in(ScopeSet::default()).try_return_to(path, &client());
    assert_eq!(intent("/calendar?day=1#top").unwrap().return_to, "/calendar?day=1#top");
    assert_eq!(intent("https://app.example/calendar").unwrap().return_to, "/calendar");
    for path in [
        "//evil.example",
        "https://evil.example/",
        "https://app.example.evil/",
        "/\\evil.example",
        "",
        "/.//evil.example",
    ] {
        assert_eq!(code(intent(path)), "invalid_return_to", "{path}");
    }
}

#[test]
fn threads_may_share_what_a_server_keeps() {
    fn is_shared<T: Send + Sync>() {}
    is_shared::<Config>();
    is_shared::<ServerMetadata>();
    is_shared::<PendingRequest>();
    is_shared::<Session>();
    is_shared::<Error>();
}

#[test]
fn a_rejection_is_an_error_like_any_other() {
    let target = &Target::default();
    let scopes = &ScopeSet::default();
    let denied = || -> Result<Session, Error> { Ok(Session::apply(None, Event::Denied { target, scopes })?) };
    assert_eq!(denied().unwrap_err(), Error::NotSignedIn);
    let boxed: Box<dyn std::error::Error> = Rejected::from(Error::NotSignedIn).into();
    assert_eq!(boxed.to_string(), Error::NotSignedIn.to_string());
}

#[test]
fn what_a_challenge_demands_is_asked_for() {
    let demands = Demands {
        acr_values: Some("silver gold".to_owned()),
        max_age: Some(300),
        claims: Some(r#"{"id_token":{}}"#.to_owned()),
    };
    let mut params = Params::new();
    params.push("claims", "{}");
    params.push("display", "page");
    let options = AuthorizeOptions::default()
        .with_params(params)
        .with_demands(demands.clone());
    assert_eq!(upgrade_with(&session("openid"), "", &options).demands, demands);
    let url = authorization_request(&options, "openid").url;
    assert_eq!(param(&url, "claims"), demands.claims);
    assert_eq!(param(&url, "display").as_deref(), Some("page"));
    // What is not demanded stays.
    let options = AuthorizeOptions::default()
        .with_max_age(60)
        .with_demands(Demands::default());
    assert_eq!(options.max_age, Some(60));
}

#[test]
fn what_is_missing_is_looked_up_scope_by_scope() {
    let missing: ScopeSet = "api:read api:write".parse().unwrap();
    let names: Vec<_> = missing.as_slice().iter().map(ToString::to_string).collect();
    assert_eq!(names, ["api:read", "api:write"]);
}

#[test]
fn options_tell_no_secret_when_they_are_printed() {
    let options = AuthorizeOptions::default().with_login_hint("ada");
    let options = scopewise::SignInOptions::default().with_authorize(options);
    assert!(format!("{options:?}").contains("ada"));
    let fetch = scopewise::FetchOptions::default().with_scope("api:read".parse().unwrap());
    assert!(format!("{fetch:?}").contains("api:read"));
    let raw = id_token(&claims("s3cr3t-ada"));
    let token = verified(&raw, &expected()).unwrap();
    let signed = format!("{:?}", token.signed_part(None).unwrap());
    assert!(signed.contains("RS256"));
    assert_no_secret(&signed);
    let (header, _) = raw.split_once('.').unwrap();
    assert!(!signed.contains(header));
}

/// Other programs read a moment as an integer: an authorization server in a proof, and a server's own types in claims.
#[test]
fn whole_numbers_are_written_without_a_fraction() {
    for text in [
        "1700000000",
        "0",
        "-1",
        "9007199254740991",
        "1.5",
        "-0.25",
        "9007199254740992.0",
        "1e+300",
    ] {
        assert_eq!(stringify(&parse_json(text).unwrap()), text);
    }
    let proof = Proof {
        method: "POST",
        url: "https://id.example/token",
        access_token: None,
        nonce: None,
        id: "random",
        issued_at: NOW,
    };
    let input = proof.signing_input(&PublicKey::new("x", "y"), &stringify);
    let (_, claims) = input.split_once('.').unwrap();
    let claims = String::from_utf8(URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    assert!(claims.contains("\"iat\":1700000000}"), "{claims}");
}
