//! The userinfo endpoint: what is asked, and whose claims are taken.

use scopewise::core::error::{Endpoint, Result};
use scopewise::core::http::TransportError;
use scopewise::core::secret::AccessToken;
use scopewise::core::server::user_info;
use scopewise::core::value::Value;
use serde_json::{Value as Json, json};

use crate::common::{self, assert_no_secret, code, metadata_with, response, set};

fn claims_of(status: u16, json: Option<&Json>, subject: Option<&str>) -> Result<Value> {
    user_info::response(response(status, json), subject, &set("openid read"))
}

#[test]
fn c144_userinfo_is_asked_with_the_token_and_is_the_users() {
    let metadata = metadata_with("userinfo_endpoint", json!("https://id.example/me"));
    let request = user_info::request(&metadata, AccessToken::new("s3cr3t-access"), false).unwrap();
    assert_eq!(request.url, "https://id.example/me");
    assert_eq!((request.method(), &request.form), ("GET", &None));
    assert_eq!(request.token, Some(AccessToken::new("s3cr3t-access")));
    assert_no_secret(&format!("{request:?}"));
    let missing = user_info::request(&common::metadata(), AccessToken::new("s3cr3t-access"), false);
    assert_eq!(code(missing), "metadata_invalid");

    let ada = json!({ "sub": "ada" });
    assert!(claims_of(200, Some(&ada), Some("ada")).is_ok());
    assert!(claims_of(200, Some(&ada), None).is_ok());
    for (status, body, expected) in [
        (200, Some(json!({ "sub": "grace" })), "subject_mismatch"),
        (200, Some(json!({ "sub": "Ada" })), "subject_mismatch"),
        (200, Some(json!({ "sub": 7 })), "user_info_invalid"),
        (200, Some(json!({ "sub": "" })), "user_info_invalid"),
        (
            200,
            Some(json!({ "sub": null, "email": "ada@id.example" })),
            "user_info_invalid",
        ),
        (200, Some(json!({ "error": null })), "user_info_invalid"),
        // A JWT, or nothing at all.
        (200, None, "user_info_invalid"),
        (204, None, "user_info_invalid"),
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
        let refused = claims_of(status, body.as_ref(), Some("ada"));
        assert_eq!(code(refused), expected, "{status} {body:?}");
    }
    for (failure, expected) in [
        (TransportError::NotSent, "network"),
        (TransportError::Lost, "network"),
        (TransportError::Timeout, "timeout"),
    ] {
        let error = failure.of_repeatable(Endpoint::UserInfo);
        assert_eq!(error.code(), expected);
        assert!(error.is_retryable());
        assert!(error.message().starts_with("The userinfo endpoint "), "{error}");
    }
}

#[test]
fn a_refusal_of_a_token_without_openid_names_openid() {
    for status in [401, 403] {
        let refused = user_info::response(response(status, None), None, &set("read")).unwrap_err();
        assert_eq!(refused.code(), "missing_scope", "{status}");
        assert_eq!(refused.missing(), Some(["openid".to_owned()].as_slice()));
    }
    // Some servers want no openid there, and other failures are what they are.
    let ada = json!({ "sub": "ada" });
    assert!(user_info::response(response(200, Some(&ada)), None, &set("read")).is_ok());
    let failed = user_info::response(response(500, None), None, &set("read"));
    assert_eq!(code(failed), "http");
}
