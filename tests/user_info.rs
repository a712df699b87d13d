//! The userinfo endpoint: what is asked, and whose claims are taken.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod common;

use common::{answer, assert_no_secret};
use scopewise::core::error::Result;
use scopewise::core::http::{Failure, Response};
use scopewise::core::text::Text;
use scopewise::core::user_info;
use serde_json::{Value, json};

fn claims_of(status: u16, json: Option<&Value>, subject: Option<&str>) -> Result<Text> {
    user_info::response(Ok(answer(status, json)), subject)
}

#[test]
fn c144_userinfo_is_asked_with_the_token_and_is_the_users() {
    let metadata = common::metadata_with("userinfo_endpoint", json!("https://id.example/me"));
    let request = user_info::request(&metadata, "s3cr3t-access").unwrap();
    assert_eq!(request.url, "https://id.example/me");
    assert_eq!(
        (request.form.as_deref(), request.token.as_deref()),
        (None, Some("s3cr3t-access"))
    );
    assert_no_secret(&format!("{request:?}"));
    let missing = user_info::request(&common::metadata(), "s3cr3t-access");
    assert_eq!(common::code(missing), "metadata_invalid");

    let ada = json!({ "sub": "ada" });
    assert!(claims_of(200, Some(&ada), Some("ada")).is_ok());
    assert!(claims_of(200, Some(&ada), None).is_ok());
    for (status, body, code) in [
        (200, Some(json!({ "sub": "grace" })), "subject_mismatch"),
        (200, Some(json!({ "sub": "Ada" })), "subject_mismatch"),
        (200, Some(json!({ "sub": 7 })), "http"),
        (200, Some(json!({})), "http"),
        (200, None, "http"),
        (401, Some(ada.clone()), "invalid_token"),
        (401, None, "invalid_token"),
        (
            403,
            Some(json!({ "error": "insufficient_scope" })),
            "insufficient_scope",
        ),
        (500, None, "http"),
        (0, None, "http"),
    ] {
        let error = claims_of(status, body.as_ref(), Some("ada"));
        assert_eq!(common::code(error), code, "{status} {body:?}");
    }
    for (failure, code) in [
        (Failure::NotSent, "network"),
        (Failure::Lost, "network"),
        (Failure::Timeout, "timeout"),
    ] {
        let error = user_info::response(Err::<Response, _>(failure), Some("ada")).unwrap_err();
        assert_eq!(error.code_str(), code);
        assert!(error.is_retryable());
    }
}
