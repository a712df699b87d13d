//! Errors: their codes, and that a stranger's words in them are harmless.

use std::collections::BTreeSet;

use scopewise::core::authorize::response::{AuthorizationResponse, Callback};
use scopewise::core::authorize::{ResponseMode, Transaction};
use scopewise::core::demands::Demands;
use scopewise::core::error::{ChallengeDetails, Endpoint, Error, ServerErrorCode, UnknownOption};
use scopewise::core::http::Request;
use scopewise::core::server::{ServerMetadata, user_info};
use scopewise::core::token::TokenResponse;
use scopewise::core::url::Params;
use serde_json::json;

use crate::common::{
    self, MARK, assert_no_secret, authorization_request, cases, codes, options_with, rows, stringify, value, vectors,
};

fn run(case: &str) {
    for row in rows(&vectors("errors"), case) {
        let text = |name: &str| row[name].as_str();
        let error = Error::from_server(text("code").unwrap(), text("description"), text("uri"));
        assert_eq!(error.code(), text("code").unwrap());
        let server = error.server_error().unwrap();
        let seen = server.description.as_deref().filter(|seen| !seen.is_empty());
        assert_eq!(seen, text("seen"), "{row}");
        assert_eq!(server.uri.as_deref(), text("errorUri"), "{row}");
        if let Some(description) = text("description") {
            assert!(!error.message().contains(description) && !error.to_string().contains(description));
        }
    }
}

cases! { run:
    c020_descriptions_are_inert_data = "C020",
    c021_error_uri_is_http_or_https = "C021",
}

#[test]
fn every_vector_is_run() {
    common::assert_all_run(&vectors("errors"), CASES);
}

#[test]
fn c020_long_texts_are_cut() {
    let error = Error::from_server(
        "server_error",
        Some(&"\u{e9}".repeat(10_000)),
        Some(&format!("https://id.example/{}", "x".repeat(5000))),
    );
    let server = error.server_error().unwrap();
    assert_eq!(server.description.as_ref().unwrap().chars().count(), 1000);
    assert_eq!(server.uri.as_ref().unwrap().len(), 1000);
    assert!(Error::from_server(&"x".repeat(5000), None, None).code().len() <= 64);
}

#[test]
fn codes_of_the_server_pass_through() {
    for code in [
        "access_denied",
        "login_required",
        "consent_required",
        "interaction_required",
        "account_selection_required",
        "invalid_request",
        "invalid_scope",
        "invalid_grant",
        "invalid_client",
        "unauthorized_client",
        "unsupported_response_type",
        "server_error",
        "temporarily_unavailable",
        "use_dpop_nonce",
        "invalid_dpop_proof",
        "invalid_target",
        "something_new",
    ] {
        let error = Error::from_server(code, None, None);
        assert_eq!(error.code(), code);
        assert!(error.to_string().starts_with(&format!("{code}: ")));
        assert_eq!(
            error.is_retryable(),
            ["server_error", "temporarily_unavailable"].contains(&code),
            "{code}"
        );
    }
    // Those that the client acts on are known by name.
    for (code, known) in [
        ("access_denied", ServerErrorCode::AccessDenied),
        ("login_required", ServerErrorCode::LoginRequired),
        ("consent_required", ServerErrorCode::ConsentRequired),
        ("interaction_required", ServerErrorCode::InteractionRequired),
        ("invalid_scope", ServerErrorCode::InvalidScope),
        ("invalid_grant", ServerErrorCode::InvalidGrant),
        ("other", ServerErrorCode::Other("other".to_owned())),
    ] {
        assert_eq!(Error::from_server(code, None, None).server_error().unwrap().code, known);
    }
}

/// One of each failure that says more than its code, and the beginning of what it says.
fn detailed() -> [(Error, &'static str); 11] {
    [
        (
            Error::UnknownOption(Box::new(UnknownOption {
                method: "signIn",
                name: "scopes".to_owned(),
            })),
            "invalid_options: signIn has no option \"scopes\". Check its spelling.",
        ),
        (
            Error::wrong_option("storage", "text"),
            "invalid_options: \"storage\" must be text.",
        ),
        (
            Error::UpgradeLoop(Box::new(ChallengeDetails {
                status: Some(403),
                ..ChallengeDetails::default()
            })),
            "upgrade_loop: What the API asks for is granted, and it still refuses (status 403). Compare",
        ),
        (
            Error::invalid_options("\"timeout\" must be 1 to 600,000 milliseconds"),
            "invalid_options: \"timeout\" must be 1 to 600,000 milliseconds.",
        ),
        (
            Error::invalid_scope_syntax(Some(3)),
            "invalid_scope_syntax: A scope has a character that scopes may not have, at index 3 of its token. Scopes are",
        ),
        (
            Error::invalid_scope_syntax(None),
            "invalid_scope_syntax: Scopes are one or more tokens of printable ASCII",
        ),
        (
            Error::metadata_invalid("issuer"),
            "metadata_invalid: The server's metadata cannot be used (what it answers at .well-known/openid-configuration below the issuer, or the metadata option): `issuer` must be there, an https URL",
        ),
        (
            Error::duplicate_parameter("code"),
            "duplicate_parameter: The authorization response has `code` twice, so nothing was done with it.",
        ),
        (
            Error::token_response_invalid("scope"),
            "token_response_invalid: The token endpoint's answer cannot be used (RFC 6749 §5.1): `scope` is missing, or of the wrong type or form.",
        ),
        (
            Error::id_token_invalid("iss"),
            "id_token_invalid: The ID token is not there, or fails the check `iss`. Compare it with the issuer option",
        ),
        (
            Error::LoginRequired,
            "login_required: The access token has run out and cannot be renewed. Call signIn.",
        ),
    ]
}

/// An error of the server, as a response of an endpoint has it.
fn answered(status: u16, body: &serde_json::Value) -> Error {
    TokenResponse::parse(&common::response(status, Some(body))).unwrap_err()
}

#[test]
fn an_error_of_the_server_says_where_it_came_from_and_what_to_look_at() {
    let mut said = BTreeSet::new();
    for code in [
        "invalid_client",
        "unauthorized_client",
        "invalid_request",
        "invalid_scope",
        "invalid_grant",
        "invalid_target",
        "server_error",
        "interaction_required",
        "consent_required",
        "login_required",
        "access_denied",
        "made_up",
    ] {
        let message = answered(400, &json!({ "error": code })).message();
        assert!(message.starts_with("The token endpoint answered 400: "), "{message}");
        assert!(!message.contains("description"), "there is none: {message}");
        assert!(said.insert(message), "{code} says what another one says");
        let described = answered(400, &json!({ "error": code, "error_description": "why" })).message();
        assert!(described.ends_with("It says more in description."), "{described}");
    }
    let callback = Callback::parse("state=s&error=invalid_client", ResponseMode::Query).unwrap();
    let AuthorizationResponse::Error(error) = callback.check(&common::sign_in("openid"), common::ISSUER).unwrap()
    else {
        panic!("an error is no code")
    };
    assert!(
        error
            .message()
            .starts_with("The authorization endpoint answered an error: "),
        "{error}"
    );
}

#[test]
fn a_status_says_whose_it_is() {
    let at_token = |status| answered(status, &json!({})).message();
    assert_eq!(
        at_token(404),
        "The token endpoint answered 404 without an OAuth error. Check its URL in the metadata."
    );
    assert!(at_token(0).contains("a redirect, which is not followed"));
    let response = |status| common::response(status, None);
    let metadata = ServerMetadata::response(&response(404), common::ISSUER)
        .unwrap_err()
        .message();
    assert!(
        metadata.contains("metadata") && metadata.contains("404") && metadata.contains("issuer"),
        "{metadata}"
    );
    let user_info = user_info::response(response(503), None, &common::set("openid"))
        .unwrap_err()
        .message();
    assert_eq!(user_info, "The userinfo endpoint answered 503. Try again later.");
    let pushed = |status| {
        let mut request = authorization_request(&options_with(|_| ()), "openid");
        request.pushed(&response(status)).unwrap_err().message()
    };
    let begin = "The pushed authorization request endpoint answered";
    let [created, refused] = [201, 404].map(pushed);
    assert!(
        created.starts_with(&format!("{begin} 201 without a request_uri")),
        "{created}"
    );
    assert!(
        refused.starts_with(&format!("{begin} 404 without an OAuth error.")),
        "{refused}"
    );
}

#[test]
fn scopes_are_named() {
    let missing = || vec!["api:read".to_owned(), "api:write".to_owned()];
    let details = |status, missing| {
        Box::new(ChallengeDetails {
            status: Some(status),
            missing,
            ..ChallengeDetails::default()
        })
    };
    for error in [
        Error::missing_scope(missing()),
        Error::InsufficientScope(details(403, missing())),
    ] {
        assert!(error.message().contains("`api:read`, `api:write`"), "{error}");
    }
    for error in [
        Error::InsufficientScope(details(403, missing())),
        Error::ChallengeUnreadable(details(403, Vec::new())),
    ] {
        assert!(error.message().contains("403"), "{error}");
    }
    let hidden = Error::ChallengeUnreadable(details(401, Vec::new())).message();
    assert!(
        hidden.contains("token") && hidden.contains("Access-Control-Expose-Headers"),
        "{hidden}"
    );
    // Of many, some; and nothing that is no scope.
    let many: Vec<String> = (0..1000).map(|number| format!("scope:{number}")).collect();
    assert!(Error::missing_scope(many).message().len() < 400);
    let strange = vec!["a\u{202e}b".to_owned(), "x".repeat(5000), "read".to_owned()];
    let message = Error::missing_scope(strange).message();
    assert!(message.contains("has `read`."), "{message}");
}

#[test]
fn a_silent_timeout_says_what_frames_need() {
    assert_eq!(
        (Error::SilentTimeout.code(), Error::SilentTimeout.is_retryable()),
        ("timeout", true)
    );
    assert!(Error::SilentTimeout.message().contains("frame"));
    assert_ne!(Error::SilentTimeout.message(), Error::Timeout(None).message());
}

#[test]
fn every_code_is_its_own_and_known_to_typescript() {
    let all = codes();
    let distinct: BTreeSet<_> = all.iter().collect();
    assert_eq!(distinct.len(), all.len());
    let types = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/js/types.ts")).unwrap();
    for code in &all {
        assert!(
            code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'),
            "{code}"
        );
        assert!(types.contains(&format!("'{code}'")), "{code} is no AuthErrorCode");
    }
    for (error, text) in detailed() {
        assert!(error.to_string().starts_with(text), "{error}");
        assert!(distinct.contains(&error.code()), "{error}");
    }
}

#[test]
fn an_error_has_all_that_is_known_of_it() {
    let details = ChallengeDetails {
        status: Some(403),
        missing: vec!["api:read".to_owned(), "api:write".to_owned()],
        demands: Demands {
            acr_values: Some("gold".to_owned()),
            max_age: Some(60),
            claims: None,
        },
    };
    let error = Error::InsufficientUserAuthentication(Box::new(details.clone()));
    assert_eq!((error.status(), error.challenge()), (Some(403), Some(&details)));
    assert_eq!(error.missing(), Some(details.missing.as_slice()));
    // In a request it is the same failure, with what the application gave the request.
    let in_request = error.clone().in_request(Some(r#"{"a":1}"#), "/notes");
    assert_eq!(in_request.cause(), &error);
    assert_eq!(
        (in_request.code(), in_request.message()),
        (error.code(), error.message())
    );
    assert_eq!(
        (in_request.status(), in_request.challenge()),
        (Some(403), Some(&details))
    );
    assert_eq!(in_request.missing(), error.missing());
    let Error::InRequest(failure) = &in_request else {
        panic!("{in_request:?}")
    };
    assert_eq!(failure.app_state.as_deref(), Some(r#"{"a":1}"#));
    assert_eq!(failure.return_to, "/notes");
    // The first request has it.
    assert_eq!(in_request.clone().in_request(None, "/"), in_request);
    // The last word about another try counts, and what is not there is not there.
    let timeout = Error::Timeout(None).in_request(None, "/");
    assert!(timeout.is_retryable() && !timeout.with_retryable(false).is_retryable());
    let bare = Error::Network(None);
    assert!(bare.message().starts_with("The server cannot"));
    assert_eq!((bare.reason(), bare.status(), bare.missing()), (None, None, None));
    assert!(bare.challenge().is_none() && bare.server_error().is_none());
    assert_eq!(Error::id_token_invalid("iss").reason(), Some("iss"));
}

#[test]
fn callback_errors_have_their_codes() {
    for (error, code) in [
        (Error::TransactionMissing, "transaction_missing"),
        (Error::TransactionExpired, "transaction_expired"),
        (Error::CallbackConsumed, "callback_consumed"),
    ] {
        assert_eq!(error.code(), code);
        assert!(!error.is_retryable());
    }
}

#[test]
fn c294_secrets_are_redacted_wherever_they_stand() {
    let session = common::session("openid api:read");
    let request = authorization_request(&options_with(|_| ()), "openid");
    let pending = &request.pending;
    let transaction = Transaction::Pending(Box::new(pending.clone()));
    assert!(request.state.secret().contains(MARK) && stringify(&transaction.to_value()).contains(MARK));
    let callback = Callback::parse("code=s3cr3t-code&state=s3cr3t-state", ResponseMode::Query).unwrap();
    assert_no_secret(&format!("{session:?} {transaction:?} {:?} {callback:?}", request.state));
    assert_no_secret(&format!("{:?}", callback.check(pending, common::ISSUER).unwrap()));
    // Parameters, requests and values may hold anything.
    let mut params = Params::new();
    params.push("access_token", "s3cr3t");
    let request = Request::post("https://id.example/token", &params);
    let value = value(&json!({ "access_token": "s3cr3t" }));
    let records = [session.to_value(), transaction.to_value()];
    assert_no_secret(&format!("{params:?} {request:?} {value:?} {records:?}"));
}

#[test]
fn what_another_page_or_worker_says_of_a_retry_is_what_counts() {
    let status = |retryable| {
        let error = TokenResponse::parse(&common::response(503, None)).unwrap_err();
        error.with_retryable(retryable).is_retryable()
    };
    assert_eq!((status(true), status(false)), (true, false));
    let of_server = |code: &str, retryable| Error::from_server(code, None, None).with_retryable(retryable);
    assert!(of_server("invalid_grant", true).is_retryable());
    assert!(!of_server("server_error", false).is_retryable());
    // A request that may have been sent is known by that.
    let timeout = Error::Timeout(None);
    assert_eq!(timeout.clone().with_retryable(false), Error::TimeoutAfterSending);
    assert_eq!(timeout.clone().with_retryable(true), timeout);
    assert_eq!(
        Error::TimeoutAfterSending.with_retryable(true),
        Error::Timeout(Some(Endpoint::Token))
    );
    assert_eq!(
        Error::TimeoutAfterSending.with_retryable(false),
        Error::TimeoutAfterSending
    );
    let inner = of_server("server_error", true).in_request(None, "/");
    assert!(inner.is_retryable() && !inner.with_retryable(false).is_retryable());
    assert_eq!(Error::LoginRequired.with_retryable(true), Error::LoginRequired);
}
