//! What the token endpoint's responses grant, and what is sent to it.

use scopewise::core::error::{Endpoint, Error};
use scopewise::core::http::{Request, TransportError};
use scopewise::core::provider::{ImpliedScopes, ProviderProfile, ScopeDelimiter};
use scopewise::core::secret::{AuthorizationCode, RefreshToken};
use scopewise::core::server::revocation::{self, RevocableToken};
use scopewise::core::session::Grant;
use scopewise::core::target::Target;
use scopewise::core::token::{TokenResponse, code_request};
use serde_json::{Value, json};

use crate::common::{
    self, CLIENT, MARK, NOW, asked, assert_discreet, assert_no_secret, build, cases, client_options, config, exchange,
    expected, granted, intent, metadata, options_with, owned, pairs, reason, response, rows, set, sign_in, stored,
    target, the_grant, token_body, vectors, verified,
};

/// Why a response is not taken.
fn refused(status: u16, body: &Value) -> Error {
    let error = TokenResponse::parse(&response(status, Some(body))).unwrap_err();
    assert_discreet(&error);
    error
}

fn run(case: &str) {
    let table = vectors("token_responses");
    let requested = table["requested"].as_str().unwrap();
    for row in rows(&table, case) {
        let status = row["status"].as_u64().unwrap() as u16;
        let response = response(status, row.get("json"));
        if let Some(error) = row["error"].as_str() {
            let failure = TokenResponse::parse(&response).unwrap_err();
            assert_eq!(failure.code(), error, "{row}");
            let description = failure.server_error().and_then(|error| error.description.as_deref());
            assert_eq!(description, row["description"].as_str(), "{row}");
            // The code is used up: nothing here may be tried again.
            assert!(!failure.is_retryable(), "{row}");
            if status != 200 {
                assert_eq!(failure.status(), Some(status), "{row}");
            }
            assert_discreet(&failure);
            continue;
        }
        let session = common::ledger(requested, &response);
        let grant = the_grant(&session);
        assert!(grant.access_token().secret().contains(MARK));
        if let Some(scopes) = row["granted"].as_str() {
            assert_eq!(grant.granted().to_string(), scopes, "{row}");
        }
        if let Some(scopes) = row["assumed"].as_str() {
            assert_eq!(grant.assumed().to_string(), scopes, "{row}");
        }
        if let Some(seconds) = row.get("expiresIn") {
            assert_eq!(
                grant.expires_at(),
                seconds.as_i64().map(|seconds| NOW + seconds),
                "{row}"
            );
        }
        if let Some(token) = row.get("refreshToken") {
            assert_eq!(grant.refresh_token().map(RefreshToken::secret), token.as_str(), "{row}");
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
    assert_eq!(
        failure.server_error().unwrap().description.as_ref().unwrap().len(),
        1000
    );
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
    let parsed = TokenResponse::parse(&response(200, Some(&body))).unwrap();
    let raw = parsed.id_token.unwrap();
    assert_eq!(reason(verified(raw.secret(), &expected())), "too_large");
}

#[test]
fn c077_an_unknown_lifetime_lasts_until_the_api_says_no() {
    let session = granted("api:read", json!({}));
    let grant = the_grant(&session);
    assert_eq!(grant.expires_at(), None);
    assert!(grant.is_unexpired(NOW + 1_000_000_000, 30));
}

#[test]
fn c078_zero_has_expired_already() {
    let session = granted("api:read", json!({ "expires_in": 0 }));
    let grant = the_grant(&session);
    assert!(!grant.is_unexpired(NOW, 0));
    assert!(grant.is_unexpired(NOW - 1, 0));
}

/// Seconds.
const YEAR: i64 = 365 * 24 * 3600;

#[test]
fn c078_a_huge_lifetime_is_a_long_one() {
    for seconds in [
        json!(99_999_999_999_999_i64),
        json!(1e18),
        json!(1e300),
        json!(i64::MAX),
        json!("999999999999999999"),
        json!("9223372036854775808"),
        json!("1".repeat(1_000)),
    ] {
        let body = json!({ "expires_in": seconds, "scope": "api:read" });
        let session = exchange(None, &sign_in("api:read"), body).unwrap();
        let grant = the_grant(&session);
        assert!(grant.is_unexpired(NOW + YEAR - 31, 30), "{seconds}");
        assert!(!grant.is_unexpired(NOW + YEAR, 0), "{seconds}");
        // It can be stored, and read again.
        assert_eq!(stored(&session), session);
    }
    for seconds in [
        json!(-1),
        json!(-0.5),
        json!(-1e300),
        json!("-1"),
        json!("1e3"),
        json!(""),
    ] {
        let body = token_body(json!({ "expires_in": seconds }));
        assert_eq!(refused(200, &body).code(), "token_response_invalid", "{seconds}");
    }
}

#[test]
fn null_is_nothing_in_an_answer() {
    let nothing = json!({
        "error": null, "error_description": null, "expires_in": null, "refresh_token": null, "scope": null, "id_token": null,
    });
    let parse = |members: Value| TokenResponse::parse(&response(200, Some(&token_body(members))));
    let parsed = parse(nothing).unwrap();
    assert_eq!(parsed, parse(json!({})).unwrap());
    assert_eq!(parsed.expires_in, None);
    // An empty `error` is none where the status says success, and a text is one.
    assert!(parse(json!({ "error": "" })).is_ok());
    for error in [json!("x"), json!(false), json!(0), json!({})] {
        assert!(parse(json!({ "error": error })).is_err(), "{error}");
    }
    // What must be there is not there.
    for name in ["access_token", "token_type"] {
        assert_eq!(
            refused(200, &token_body(json!({ name: null }))).code(),
            "token_response_invalid"
        );
    }
    // A null `error` says as little of a failure as none, and null members of a true one say nothing.
    assert_eq!(refused(400, &json!({ "error": null })).code(), "http");
    let failure = refused(
        400,
        &json!({ "error": "invalid_grant", "error_description": null, "error_uri": null }),
    );
    assert_eq!(failure.code(), "invalid_grant");
    assert_eq!(failure.server_error().unwrap().description, None);
}

#[test]
fn types_are_checked_before_what_members_say() {
    let wrong = |members: Value| refused(200, &token_body(members)).message();
    let both = wrong(json!({ "expires_in": "soon", "scope": 5 }));
    assert!(both.contains("`scope`"), "{both}");
    let both = wrong(json!({ "expires_in": true, "scope": 5 }));
    assert!(both.contains("`expires_in`"), "{both}");
    let both = refused(200, &token_body(json!({ "expires_in": "soon", "token_type": "mac" })));
    assert_eq!(both.code(), "token_type_unsupported");
}

#[test]
fn c089_the_same_for_id_tokens() {
    for wrong in [json!(""), json!(1), json!({})] {
        assert_eq!(
            refused(200, &token_body(json!({ "id_token": wrong }))).code(),
            "token_response_invalid"
        );
    }
}

#[test]
fn c090_an_id_token_is_promised_by_openid() {
    let promises_at = |profile: &ProviderProfile, requested: &str, members: serde_json::Value| {
        TokenResponse::parse(&response(200, Some(&token_body(members))))
            .unwrap()
            .promises_id_token(&sign_in(requested), profile)
    };
    let promises = |requested: &str, members| promises_at(&ProviderProfile::default(), requested, members);
    assert!(promises("openid", json!({})));
    assert!(promises("openid api:read", json!({ "scope": "api:read openid" })));
    // The answer says that openid was denied, or it was never asked for.
    assert!(!promises("openid api:read", json!({ "scope": "api:read" })));
    assert!(!promises("openid", json!({ "scope": "" })));
    assert!(!promises("api:read", json!({ "scope": "api:read openid" })));
    assert_eq!(reason(exchange(None, &sign_in("openid"), json!({}))), "malformed");
    // It is the profile that reads the answer's list.
    let mut commas = ProviderProfile::default();
    commas.scope_delimiter = ScopeDelimiter::Comma;
    assert!(promises_at(
        &commas,
        "openid api:read",
        json!({ "scope": "openid,api:read" })
    ));
    assert!(promises_at(
        &commas,
        "openid api:read",
        json!({ "scope": "api:read openid" })
    ));
    assert!(!promises_at(
        &commas,
        "openid api:read",
        json!({ "scope": "api:read,openid2" })
    ));
    let mut aliases = ProviderProfile::default();
    aliases.implies = ImpliedScopes::aliases(&["openid".to_owned(), "oidc".to_owned()]);
    aliases.implies.push(ImpliedScopes::new("admin", &["openid"]));
    for (requested, returned) in [("openid", "oidc x"), ("oidc", "openid x"), ("oidc", "oidc")] {
        assert!(
            promises_at(&aliases, requested, json!({ "scope": returned })),
            "{returned}"
        );
    }
    assert!(!promises_at(&aliases, "openid", json!({ "scope": "admin" })));
    assert!(!promises_at(&aliases, "admin", json!({ "scope": "admin" })));
    // Where the letters' case means nothing, or the server never lists it.
    let entra = ProviderProfile::known("entra").unwrap();
    assert!(promises_at(&entra, "openid x", json!({ "scope": "OpenID X" })));
    assert!(promises_at(&entra, "openid x", json!({ "scope": "x" })));
}

#[test]
fn another_spelling_of_openid_is_openid() {
    let mut options = client_options();
    let mut profile = ProviderProfile::known("generic").unwrap();
    profile.implies = ImpliedScopes::aliases(&["openid".to_owned(), "oidc".to_owned()]);
    options.provider = Some(profile.clone());
    let client = config(options).unwrap();
    let request = build(&client, &metadata(), &options_with(|_| ()), intent("oidc"), NOW).unwrap();
    assert!(
        request.pending.nonce.is_some(),
        "without a nonce no ID token could be checked"
    );
    assert!(profile.needs_consent(&set("oidc offline_access")));
    let grant = |members| {
        let response = TokenResponse::parse(&response(200, Some(&token_body(members)))).unwrap();
        Grant::new(&profile, Target::default(), set("oidc x"), response, NOW)
    };
    assert!(grant(json!({ "scope": "x", "id_token": "s3cr3t" })).covers("oidc"));
    assert!(!grant(json!({ "scope": "x oidc" })).covers("oidc"));
}

#[test]
fn c054_c056_a_one_time_credential_is_never_safe_to_send_again() {
    for (failure, one_time, repeatable) in [
        (TransportError::NotSent, "network", "network"),
        (TransportError::Lost, "token_response_lost", "network"),
        (TransportError::Timeout, "timeout", "timeout"),
    ] {
        let (once, again) = (failure.of_one_time(), failure.of_repeatable(Endpoint::Metadata));
        assert_eq!((once.code(), again.code()), (one_time, repeatable));
        assert!(again.is_retryable());
        assert_eq!(once.is_retryable(), failure == TransportError::NotSent);
        assert!(once.message().starts_with("The token endpoint"), "{once}");
        assert!(again.message().starts_with("The place of the metadata"), "{again}");
    }
}

#[test]
fn the_exchange_sends_code_verifier_and_redirect_uri() {
    let resources = target(None, &["https://api.example/a", "https://api.example/b"]);
    let options = options_with(|options| options.target = Some(resources));
    let pending = asked(intent("openid"), &options);
    let code = AuthorizationCode::new("s3cr3t+&= code");
    let request = code_request(&metadata(), CLIENT, &pending, &code);
    assert_eq!(request.url, "https://id.example/token");
    let mut sent = pairs(request.form.as_ref().unwrap());
    let expected = [
        ("client_id", "app"),
        ("code", "s3cr3t+&= code"),
        ("code_verifier", pending.code_verifier.secret()),
        ("grant_type", "authorization_code"),
        ("redirect_uri", "https://app.example/callback"),
        ("resource", "https://api.example/a"),
        ("resource", "https://api.example/b"),
    ];
    sent.sort();
    assert_eq!(sent, owned(expected));
}

#[test]
fn c294_requests_and_responses_show_no_secret() {
    let token = RevocableToken::Refresh(RefreshToken::new("s3cr3t-refresh"));
    let revocation = revocation::request(&metadata(), CLIENT, &token).unwrap();
    assert_eq!(revocation.form.as_deref(), Some("client_id=app&token=s3cr3t-refresh"));
    let code = AuthorizationCode::new("s3cr3t-code");
    let exchange = code_request(&metadata(), CLIENT, &sign_in("openid"), &code);
    let body = token_body(json!({ "refresh_token": "s3cr3t-refresh", "id_token": "s3cr3t" }));
    let response = response(200, Some(&body));
    let parsed = TokenResponse::parse(&response).unwrap();
    assert_no_secret(&format!(
        "{revocation:?} {exchange:?} {response:?} {parsed:?} {token:?} {code:?}"
    ));
    // What is no secret may be seen.
    assert!(format!("{:?}", Request::get("https://id.example/x")).contains("https://id.example/x"));
}

#[test]
fn c293_a_server_that_repeats_the_request_in_its_error_tells_nothing_of_it() {
    let form = "grant_type=authorization_code&code=the-code&code_verifier=the-verifier&client_id=app&refresh_token=";
    let request = Request {
        form: Some(form.to_owned()),
        ..Request::get("https://id.example/token")
    };
    let answer = |description: &str| {
        let body =
            json!({"error": "server_error", "error_description": description, "error_uri": "https://id.example/app"});
        let error = response(400, Some(&body)).without_echo_of(&request).error().unwrap();
        error.server_error().cloned().unwrap()
    };
    for echo in [form, "no such code: the-code", "verifier the-verifier is wrong"] {
        let error = answer(echo);
        assert_eq!(error.description, None);
        assert_eq!(error.uri.as_deref(), Some("https://id.example/app"));
    }
    // What a form escapes is found as it is, and as the form has it.
    let form = "grant_type=refresh_token&refresh_token=1%2F%2F0g+%7E%C3%A9";
    let escaped = Request {
        form: Some(form.to_owned()),
        ..Request::get("https://id.example/token")
    };
    for echo in ["Bad token: 1//0g ~\u{e9}.", form] {
        let body = json!({"error": "invalid_grant", "error_description": echo});
        let error = response(400, Some(&body)).without_echo_of(&escaped).error().unwrap();
        assert_eq!(error.server_error().unwrap().description, None, "{echo}");
    }
    let other = answer("client app sent another code_verifier");
    assert_eq!(
        other.description.as_deref(),
        Some("client app sent another code_verifier")
    );
}
