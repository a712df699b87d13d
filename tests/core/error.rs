//! Errors: their codes, and that a stranger's words in them are harmless.

use std::collections::HashSet;

use crate::common::{MARK, assert_no_secret, cases, members, rows, vectors};
use scopewise::core::callback;
use scopewise::core::error::{Code, Error};
use scopewise::core::form::Form;
use scopewise::core::transaction::{self, Mode};

fn run(case: &str) {
    for row in rows(&vectors("errors"), case) {
        let text = |name: &str| row[name].as_str();
        let error = Error::from_server(text("code").unwrap(), text("description"), text("uri"));
        assert_eq!(error.code(), text("code").unwrap());
        assert_eq!(error.detail("description"), text("seen"), "{row}");
        assert_eq!(error.detail("errorUri"), text("errorUri"), "{row}");
        if let Some(description) = text("description") {
            assert!(
                !error.message().contains(description) && !error.to_string().contains(description)
            );
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
    assert_eq!(error.detail("description").unwrap().chars().count(), 1000);
    assert_eq!(error.detail("errorUri").unwrap().len(), 1000);
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
    assert_eq!(
        Error::from_server("access_denied", None, None).code(),
        Code::AccessDenied
    );
    assert_eq!(
        Error::from_server("login_required", None, None).code(),
        Code::LoginRequired
    );
}

#[test]
fn every_code_is_its_own_and_known_to_typescript() {
    let codes: HashSet<_> = Code::ALL.iter().collect();
    assert_eq!(codes.len(), Code::ALL.len());
    let types = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/js/types.ts")).unwrap();
    for code in Code::ALL {
        assert!(
            code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'),
            "{code}"
        );
        assert!(types.contains(&format!("'{code}'")), "{code} is no AuthErrorCode");
    }
    // The first and the last variant have the first and the last text.
    assert_eq!(Error::new(Code::InvalidOptions).code(), Code::ALL[0]);
    assert_eq!(
        Error::new(Code::LoginRequired).code(),
        Code::ALL[Code::ALL.len() - 1]
    );
}

#[test]
fn an_error_crosses_with_all_it_has() {
    let error = Error::new(Code::LoginRequired)
        .with_status(403)
        .with_missing("api:read api:write")
        .with_step_up(Some("gold"), Some(60))
        .with_app_state(Some(r#"{"a":1}"#))
        .retryable(true);
    let text = error.to_text();
    let all = [
        ("code", "login_required"),
        (
            "message",
            "The token has run out, or the server wants the user. Call signIn.",
        ),
        ("status", "403"),
        ("missing", "api:read api:write"),
        ("acrValues", "gold"),
        ("maxAge", "60"),
        ("appState", r#"{"a":1}"#),
        ("retryable", ""),
    ];
    assert_eq!(members(&text), all);
    for (name, member) in &all[..7] {
        assert_eq!(error.detail(name), Some(*member), "{name}");
    }
    assert!(error.is_retryable());
    // The last word counts, and what is not there is not there.
    let never = error.retryable(false);
    assert!(!never.is_retryable());
    assert_eq!(members(&never.to_text()), all[..7]);
    let bare = Error::new(Code::Network);
    let text = bare.to_text();
    let [(name, code), (other, message)] = members(&text).try_into().unwrap();
    assert_eq!((name, code, other), ("code", "network", "message"));
    assert!(message.starts_with("The server cannot"));
    assert_eq!(bare.detail("reason"), None);
    let reason = Error::new(Code::IdTokenInvalid).with_reason("iss").to_text();
    assert_eq!(members(&reason).last(), Some(&("reason", "iss")));
}

#[test]
fn callback_errors_have_their_codes() {
    for (error, code) in [
        (transaction::missing(), "transaction_missing"),
        (transaction::expired(), "transaction_expired"),
        (transaction::consumed(), "callback_consumed"),
    ] {
        assert_eq!(error.code(), code);
        assert!(!error.is_retryable());
    }
}

#[test]
fn c294_secrets_are_redacted_wherever_they_stand() {
    let session = common::session("openid api:read");
    let request = common::request(&[], "openid");
    assert!(request.state.secret().contains(MARK) && request.transaction.to_record().contains(MARK));
    let response = callback::read("code=s3cr3t-code&state=s3cr3t-state", Mode::Query).unwrap();
    assert_no_secret(&format!(
        "{session:?} {:?} {:?} {response:?}",
        request.transaction, request.state
    ));
    assert_no_secret(&format!(
        "{:?}",
        response.check(&request.transaction, common::ISSUER).unwrap()
    ));
    // A form, a record or a document may hold anything.
    let record = common::record(&[("access_token", "s3cr3t")]);
    let mut form = Form::default();
    form.put("access_token", "s3cr3t");
    let document = common::document(&serde_json::json!({ "access_token": "s3cr3t" })).unwrap();
    assert_no_secret(&format!("{form:?} {record:?} {:?} {document:?}", record.fields()));
}
