//! What the token endpoint's answers come to, and what is sent to it.

use crate::common::{
    CLIENT, MARK, NOW, answer, assert_discreet, assert_no_secret, cases, granted, metadata, rows, sign_in, the_grant,
    token_body, vectors,
};
use scopewise::core::error::Error;
use scopewise::core::http::{Failure, Request, Response};
use scopewise::core::secret::Secret;
use scopewise::core::session;
use scopewise::core::token;
use serde_json::{Value, json};

/// Why an answer is not taken.
fn refused(status: u16, body: &Value) -> Error {
    let error = token::response(&answer(status, Some(body))).unwrap_err();
    assert_discreet(&error);
    error
}

fn run(case: &str) {
    let table = vectors("token_responses");
    let requested = table["requested"].as_str().unwrap();
    for row in rows(&table, case) {
        let status = row["status"].as_u64().unwrap() as u16;
        let answer = answer(status, row.get("json"));
        if let Some(error) = row["error"].as_str() {
            let failure = token::response(&answer).unwrap_err();
            assert_eq!(failure.code(), error, "{row}");
            assert_eq!(failure.detail("description"), row["description"].as_str(), "{row}");
            // The code is used up: nothing here may be tried again.
            assert!(!failure.is_retryable(), "{row}");
            if status != 200 {
                assert_eq!(failure.detail("status"), Some(status.to_string().as_str()), "{row}");
            }
            assert_discreet(&failure);
            continue;
        }
        let session = common::ledger(requested, &answer);
        let grant = the_grant(&session);
        assert!(grant.access_token().contains(MARK));
        if let Some(scopes) = row["granted"].as_str() {
            assert_eq!(grant.granted(), scopes, "{row}");
        }
        if let Some(scopes) = row["assumed"].as_str() {
            assert_eq!(grant.assumed(), scopes, "{row}");
        }
        if let Some(seconds) = row.get("expiresIn") {
            assert_eq!(
                grant.expires_at(),
                seconds.as_i64().map(|seconds| NOW + seconds),
                "{row}"
            );
        }
        if let Some(token) = row.get("refreshToken") {
            assert_eq!(grant.refresh_token(), token.as_str(), "{row}");
        }
    }
}

cases! { run:
    c053_a_gateway_page = "C053",
    c058_a_redirect_is_not_followed = "C058",
    c060_only_json_types = "C060",
    c061_json_that_is_no_object = "C061",
    c064_an_oauth_error = "C064",
    c065_an_error_without_oauth = "C065",
    c066_an_error_with_status_200 = "C066",
    c068_too_many_requests = "C068",
    c070_no_usable_access_token = "C070",
    c072_no_token_type = "C072",
    c073_other_token_types = "C073",
    c074_token_type_in_any_case = "C074",
    c076_expires_in_as_digits = "C076",
    c077_no_expires_in = "C077",
    c078_bad_expires_in = "C078",
    c081_no_scope_means_as_requested = "C081",
    c082_empty_scope_means_none = "C082",
    c084_narrower_scope = "C084",
    c085_wider_scope = "C085",
    c086_scope_is_a_set = "C086",
    c088_no_refresh_token = "C088",
    c089_bad_refresh_token = "C089",
    c092_proto_member = "C092",
    c093_members_named_like_internals = "C093",
    c094_extra_members = "C094",
}

#[test]
fn every_vector_is_run() {
    common::assert_all_run(&vectors("token_responses"), CASES);
}

#[test]
fn c064_a_description_is_capped() {
    let body = json!({ "error": "invalid_grant", "error_description": "x".repeat(10_000) });
    let failure = refused(400, &body);
    assert_eq!(failure.detail("description").unwrap().len(), 1000);
}

#[test]
fn c070_huge_members() {
    for name in ["access_token", "refresh_token", "scope", "token_type"] {
        let body = token_body(json!({ name: "x ".repeat(1 << 19) }));
        let expected = if name == "token_type" {
            "token_type_unsupported"
        } else {
            "token_response_invalid"
        };
        assert_eq!(refused(200, &body).code(), expected, "{name}");
    }
    // An ID token has a bound of its own.
    let body = token_body(json!({ "id_token": "x".repeat(1 << 20) }));
    let answer = answer(200, Some(&body));
    let raw = token::response(&answer).unwrap().id_token.unwrap();
    assert_eq!(common::reason(common::verified(raw, &common::expected())), "too_large");
}

#[test]
fn c077_an_unknown_lifetime_lasts_until_the_api_says_no() {
    let session = granted("api:read", json!({}));
    let grant = the_grant(&session);
    assert_eq!(grant.expires_at(), None);
    assert!(grant.is_valid(NOW + 1_000_000_000, 30));
}

#[test]
fn c078_zero_has_expired_already() {
    let session = granted("api:read", json!({ "expires_in": 0 }));
    let grant = the_grant(&session);
    assert!(!grant.is_valid(NOW, 0));
    assert!(grant.is_valid(NOW - 1, 0));
}

#[test]
fn c078_a_huge_lifetime_is_a_long_one() {
    for seconds in [json!(99_999_999_999_999_i64), json!("999999999999999999")] {
        let body = json!({ "expires_in": seconds, "scope": "api:read" });
        let session = common::exchange(None, &sign_in("api:read"), body).unwrap();
        let grant = the_grant(&session);
        assert!(grant.is_valid(NOW + 4_000_000_000, 30), "{seconds}");
        assert!(!grant.is_valid(i64::MAX, i64::MAX));
        // It can be stored, and read again.
        let restored = session::restore(session.to_record().into(), common::parse_json);
        assert_eq!(restored, session::Stored::Session(session));
    }
    for seconds in [json!(1e300), json!(i64::MAX), json!("9223372036854775807")] {
        let body = token_body(json!({ "expires_in": seconds }));
        assert_eq!(refused(200, &body).code(), "token_response_invalid", "{seconds}");
    }
}

#[test]
fn c089_the_same_for_id_tokens() {
    for wrong in [json!(""), json!(null), json!(1), json!({})] {
        assert_eq!(
            refused(200, &token_body(json!({ "id_token": wrong }))).code(),
            "token_response_invalid"
        );
    }
}

#[test]
fn c090_an_id_token_is_promised_by_openid() {
    let promises = |requested: &str, members: serde_json::Value| {
        token::response(&answer(200, Some(&token_body(members))))
            .unwrap()
            .promises_id_token(&sign_in(requested))
    };
    assert!(promises("openid", json!({})));
    assert!(promises("openid api:read", json!({ "scope": "api:read openid" })));
    // The answer says that openid was denied, or it was never asked for.
    assert!(!promises("openid api:read", json!({ "scope": "api:read" })));
    assert!(!promises("openid", json!({ "scope": "" })));
    assert!(!promises("api:read", json!({ "scope": "api:read openid" })));
    assert_eq!(
        common::reason(common::exchange(None, &sign_in("openid"), json!({}))),
        "malformed"
    );
}

#[test]
fn c054_c056_a_one_time_credential_is_never_safe_to_send_again() {
    for (failure, one_time, repeatable) in [
        (Failure::NotSent, "network", "network"),
        (Failure::Lost, "token_response_lost", "network"),
        (Failure::Timeout, "timeout", "timeout"),
    ] {
        let (once, again) = (failure.of_one_time(), failure.of_repeatable());
        assert_eq!((once.code(), again.code()), (one_time, repeatable));
        assert!(again.is_retryable());
        assert_eq!(once.is_retryable(), failure == Failure::NotSent);
    }
}

#[test]
fn the_exchange_sends_code_verifier_and_redirect_uri() {
    let resources = [
        ("resource", "https://api.example/a"),
        ("resource", "https://api.example/b"),
    ];
    let transaction = common::asked(common::purpose("openid"), &resources);
    let request = token::request(&metadata(), CLIENT, &transaction, &Secret::new("s3cr3t+&= code"));
    assert_eq!(request.url, "https://id.example/token");
    let mut sent = common::pairs(request.form.as_ref().unwrap());
    let expected = [
        ("client_id", "app"),
        ("code", "s3cr3t+&= code"),
        ("code_verifier", transaction.verifier()),
        ("grant_type", "authorization_code"),
        ("redirect_uri", "https://app.example/callback"),
        ("resource", "https://api.example/a"),
        ("resource", "https://api.example/b"),
    ];
    sent.sort();
    assert_eq!(sent, expected.map(|(name, text)| (name.to_owned(), text.to_owned())));
}

#[test]
fn c294_requests_and_responses_show_no_secret() {
    let token = Secret::new("s3cr3t-refresh");
    let revocation = token::revocation(&metadata(), CLIENT, &token).unwrap();
    assert_eq!(revocation.form.as_deref(), Some("client_id=app&token=s3cr3t-refresh"));
    let exchange = token::request(&metadata(), CLIENT, &sign_in("openid"), &Secret::new("s3cr3t-code"));
    let body = token_body(json!({ "refresh_token": "s3cr3t-refresh", "id_token": "s3cr3t" }));
    let response = Response {
        status: 200,
        json: common::document(&body),
    };
    let parsed = token::response(&response).unwrap();
    assert_no_secret(&format!(
        "{revocation:?} {exchange:?} {response:?} {parsed:?} {token:?}"
    ));
    // What is no secret may be seen.
    assert!(format!("{:?}", Request::get("https://id.example/x".into())).contains("https://id.example/x"));
}
