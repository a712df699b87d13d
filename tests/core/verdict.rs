//! What an API's response says of the token that it was sent with.

use scopewise::core::apis::{Api, ApiOptions};
use scopewise::core::demands::Demands;
use scopewise::core::error::ChallengeDetails;
use scopewise::core::resource::{ApiCall, ApiResponse, Verdict};
use scopewise::core::scope::ScopeSet;
use scopewise::core::session::Session;
use scopewise::core::target::Target;
use serde_json::json;

use crate::common::{NOW, claims, exchange, id_token, set, sign_in, target};

const API: &str = "https://api.example/v1";

/// A session whose user signed in with `gold` a hundred seconds ago, and was granted `read` just now.
fn session() -> Session {
    let mut claims = claims("ada");
    claims["acr"] = json!("gold");
    claims["auth_time"] = json!(NOW - 100);
    let members = json!({ "id_token": id_token(&claims), "scope": "openid read", "expires_in": 3600 });
    exchange(None, &sign_in("openid read"), members).unwrap()
}

fn response(status: u16, header: Option<&str>) -> ApiResponse {
    ApiResponse {
        status,
        url: format!("{API}/rooms"),
        challenge: header.map(str::to_owned),
        ..ApiResponse::default()
    }
}

fn hidden(status: u16) -> ApiResponse {
    ApiResponse {
        is_challenge_hidden: true,
        ..response(status, None)
    }
}

/// A call that names scopes, some seconds after the grant.
struct Given<'a> {
    session: Option<&'a Session>,
    target: Target,
    named: &'a str,
    age: i64,
    was_granted: bool,
}

impl<'a> Given<'a> {
    fn of(session: &'a Session) -> Given<'a> {
        Given {
            session: Some(session),
            target: Target::default(),
            named: "",
            age: 0,
            was_granted: false,
        }
    }

    fn judge(&self, response: &ApiResponse) -> (Verdict, Option<String>) {
        let only = set("read write");
        let call = ApiCall {
            api: &Api::new(ApiOptions::new(API).with_challenge_scope(only)).unwrap(),
            target: &self.target,
            scope: &ScopeSet::from_answer(self.named.split_whitespace()),
            session: self.session,
            now: NOW + self.age,
            was_granted: &|_: &Demands| self.was_granted,
        };
        call.judge(response)
    }

    fn said(&self, response: &ApiResponse) -> String {
        said(self.judge(response).0)
    }
}

fn said(verdict: Verdict) -> String {
    match verdict {
        Verdict::Passed => "passed".to_owned(),
        Verdict::TokenRejected(error) => ["rejected", error.as_ref().map_or("", |error| error.code())]
            .join(" ")
            .trim()
            .to_owned(),
        Verdict::Refused(error) => error.code().to_owned(),
    }
}

#[test]
fn a_response_says_what_its_status_and_challenge_say() {
    let session = session();
    let step_up = r#"Bearer error="insufficient_user_authentication""#;
    let scope = |named: &str| format!(r#"Bearer error="insufficient_scope", scope="{named}""#);
    let rows: &[(u16, &str, &str)] = &[
        (200, "", "passed"),
        (200, &scope("write"), "passed"),
        (404, step_up, "passed"),
        (401, r#"Bearer error="invalid_token""#, "rejected"),
        (401, "Bearer", "rejected"),
        (401, "Basic", "rejected"),
        (401, r#"Bearer error="invalid_request""#, "passed"),
        (401, r#"DPoP error="use_dpop_nonce""#, "passed"),
        (403, "", "passed"),
        (403, &scope("write"), "insufficient_scope"),
        (403, &scope("read write"), "insufficient_scope"),
        (403, &scope("read"), "upgrade_loop"),
        (403, &scope(""), "challenge_unreadable"),
        (401, step_up, "insufficient_user_authentication"),
    ];
    for (status, header, expected) in rows {
        let header = (!header.is_empty()).then_some(*header);
        let said = Given::of(&session).said(&response(*status, header));
        assert_eq!(said, *expected, "{status} {header:?}");
    }
}

#[test]
fn a_challenge_that_is_hidden_is_unreadable() {
    let session = session();
    for (status, expected) in [
        (200, "passed"),
        (401, "rejected challenge_unreadable"),
        (403, "challenge_unreadable"),
    ] {
        assert_eq!(Given::of(&session).said(&hidden(status)), expected, "{status}");
    }
}

#[test]
fn a_challenge_without_scopes_is_for_those_that_the_call_named() {
    let session = session();
    let nameless = response(403, Some(r#"Bearer error="insufficient_scope""#));
    for (named, expected) in [
        ("", "challenge_unreadable"),
        ("read write", "insufficient_scope"),
        ("read", "upgrade_loop"),
    ] {
        let given = Given {
            named,
            ..Given::of(&session)
        };
        assert_eq!(given.said(&nameless), expected, "{named}");
    }
}

#[test]
fn an_older_token_is_renewed_where_its_scopes_do_not_do() {
    let session = session();
    let refused = response(403, Some(r#"Bearer error="insufficient_scope", scope="read""#));
    for (age, expected) in [(59, "upgrade_loop"), (60, "rejected upgrade_loop")] {
        let given = Given {
            age,
            ..Given::of(&session)
        };
        assert_eq!(given.said(&refused), expected, "{age}");
    }
    // Where nothing is granted, an upgrade is what helps.
    let signed_out = Given {
        session: None,
        age: 60,
        ..Given::of(&session)
    };
    assert_eq!(signed_out.said(&refused), "insufficient_scope");
}

#[test]
fn a_step_up_that_is_met_is_not_asked_for_again() {
    let session = session();
    let (met, unmet) = ("upgrade_loop", "insufficient_user_authentication");
    let claims = r#"claims="e30=", acr_values="silver""#;
    for (demands, was_granted, expected) in [
        (r#"acr_values="silver gold""#, false, met),
        (r#"acr_values="silver""#, true, unmet),
        ("max_age=100", false, met),
        ("max_age=99", false, unmet),
        (r#"acr_values="gold", max_age=99"#, false, unmet),
        (r#"acr_values="gold", scope="read""#, false, met),
        (r#"acr_values="gold", scope="write""#, false, unmet),
        // Of claims only the server knows.
        (claims, false, unmet),
        (claims, true, met),
    ] {
        let header = format!(r#"Bearer error="insufficient_user_authentication", {demands}"#);
        let given = Given {
            was_granted,
            ..Given::of(&session)
        };
        assert_eq!(given.said(&response(401, Some(&header))), expected, "{demands}");
    }
    // The ID token says nothing of a grant for another target.
    let elsewhere = Given {
        target: target(Some("other"), &[]),
        ..Given::of(&session)
    };
    let gold = r#"Bearer error="insufficient_user_authentication", acr_values="gold""#;
    assert_eq!(elsewhere.said(&response(401, Some(gold))), unmet);
}

#[test]
fn a_verdict_comes_with_what_the_challenge_says() {
    let session = session();
    let header = concat!(
        r#"Bearer error="insufficient_user_authentication", scope="write admin read", acr_values="silver", max_age=5, "#,
        r#"claims="e30=", resource_metadata="https://api.example/about""#,
    );
    let (verdict, place) = Given::of(&session).judge(&response(401, Some(header)));
    let Verdict::Refused(error) = verdict else {
        panic!("{verdict:?}");
    };
    // The API may not ask for "admin", and "read" is there.
    let expected = ChallengeDetails {
        status: Some(401),
        missing: vec!["write".to_owned()],
        demands: Demands {
            acr_values: Some("silver".to_owned()),
            max_age: Some(5),
            claims: Some("{}".to_owned()),
        },
    };
    assert_eq!(error.challenge(), Some(&expected));
    assert_eq!(place.as_deref(), Some("https://api.example/about"));
    // What comes from elsewhere is not heard.
    let elsewhere = ApiResponse {
        url: "https://evil.example/v1/rooms".to_owned(),
        ..response(401, Some(header))
    };
    let (verdict, place) = Given::of(&session).judge(&elsewhere);
    assert_eq!((said(verdict).as_str(), place), ("untrusted_origin", None));
}

#[test]
fn a_verdict_settles_the_call_where_no_other_token_helps() {
    let session = session();
    for (response, expected) in [
        (response(200, None), Ok(200)),
        (response(401, Some("Bearer")), Ok(401)),
        (hidden(401), Err("challenge_unreadable")),
        (hidden(403), Err("challenge_unreadable")),
    ] {
        let (verdict, _) = Given::of(&session).judge(&response);
        let settled = verdict.settle(response).map(|response| response.status);
        assert_eq!(
            settled.as_ref().map_err(|error| error.code()),
            expected.as_ref().map_err(|code| *code)
        );
    }
}

#[test]
fn c238_a_nonce_is_wanted_where_the_api_says_so_or_nobody_can_tell() {
    let named = Some(r#"DPoP error="use_dpop_nonce""#);
    assert!(response(401, named).wants_nonce());
    assert!(hidden(401).wants_nonce());
    for other in [
        response(200, named),
        response(403, named),
        response(401, Some(r#"DPoP error="invalid_token""#)),
        response(401, None),
        hidden(403),
    ] {
        assert!(!other.wants_nonce(), "{other:?}");
    }
}
