//! Pushed authorization requests (RFC 9126): what is sent, what is taken for an answer, and where the user goes then.

use scopewise::core::authorize::{AuthorizationRequest, AuthorizeOptions};
use scopewise::core::config::Config;
use scopewise::core::error::{Endpoint, Result};
use scopewise::core::http::TransportError;
use scopewise::core::server::ServerMetadata;
use serde_json::{Value as Json, json};

use crate::common::{
    NOW, assert_no_secret, authorization_request, build, client_options, code, config, intent, metadata_document,
    options_with, owned, pairs, params, response, target, value,
};

const ENDPOINT: &str = "https://id.example/par";

fn metadata(is_required: bool) -> ServerMetadata {
    let mut document = metadata_document();
    document["pushed_authorization_request_endpoint"] = json!(ENDPOINT);
    document["require_pushed_authorization_requests"] = json!(is_required);
    ServerMetadata::parse(&value(&document)).unwrap()
}

fn client(par: Option<bool>) -> Config {
    let mut options = client_options();
    options.par = par;
    config(options).unwrap()
}

fn request_of(
    par: Option<bool>,
    metadata: &ServerMetadata,
    options: &AuthorizeOptions,
) -> Result<AuthorizationRequest> {
    build(&client(par), metadata, options, intent("openid api:read"), NOW)
}

/// A request that has to be pushed.
fn pushing() -> AuthorizationRequest {
    request_of(Some(true), &metadata(false), &AuthorizeOptions::default()).unwrap()
}

#[test]
fn all_of_the_url_is_pushed_and_the_url_has_the_client_alone() {
    let options = options_with(|options| {
        options.prompt = Some("login consent".to_owned());
        options.authorization_details = Some(r#"[{"type":"x"}]"#.to_owned());
        options.target = Some(target(
            Some("https://api.example"),
            &["https://r.example/a", "https://r.example/b"],
        ));
    });
    let by_url = authorization_request(&options, "openid api:read");
    assert!(by_url.push.is_none());
    let request = request_of(Some(true), &metadata(false), &options).unwrap();
    let push = request.push.clone().unwrap();
    assert_eq!(push.url, ENDPOINT);
    assert_eq!(pairs(&push.form.clone().unwrap()), params(&by_url.url));
    assert_eq!(push.token, None);
    assert_eq!(request.url, "https://id.example/authorize?client_id=app");
    assert_eq!((request.state, request.pending), (by_url.state, by_url.pending));
    assert_no_secret(&format!("{push:?}"));
}

#[test]
fn the_answer_completes_the_url() {
    let answers = [
        (
            201,
            json!({ "request_uri": "urn:ietf:params:oauth:request_uri:a&b c", "expires_in": 60 }),
        ),
        (
            200,
            json!({ "request_uri": "urn:ietf:params:oauth:request_uri:a&b c", "expires_in": 1, "error": null, "more": [] }),
        ),
    ];
    for (status, answer) in answers {
        let mut request = pushing();
        request.pushed(&response(status, Some(&answer))).unwrap();
        let expected = [
            ("client_id", "app"),
            ("request_uri", "urn:ietf:params:oauth:request_uri:a&b c"),
        ];
        assert_eq!(params(&request.url), owned(expected));
        assert!(request.push.is_none());
    }
    // An endpoint keeps its own query.
    let mut with_query = metadata(true);
    with_query.authorization_endpoint = "https://id.example/authorize?tenant=a%20b".to_owned();
    let mut request = request_of(None, &with_query, &AuthorizeOptions::default()).unwrap();
    let answer = json!({ "request_uri": "urn:x", "expires_in": 60 });
    request.pushed(&response(201, Some(&answer))).unwrap();
    assert_eq!(
        request.url,
        "https://id.example/authorize?tenant=a%20b&client_id=app&request_uri=urn%3Ax"
    );
}

#[test]
fn what_is_no_answer_is_said_to_be_none() {
    let with = |name: &str, member: Json| {
        let mut answer = json!({ "request_uri": "urn:x", "expires_in": 60 });
        answer[name] = member;
        Some(answer)
    };
    let mut wrong = vec![None, Some(json!({})), Some(json!([]))];
    for bad in [
        json!(null),
        json!(""),
        json!("urn:\n"),
        json!("urn:\u{e9}"),
        json!(7),
        json!(["urn:x"]),
    ] {
        wrong.push(with("request_uri", bad));
    }
    for bad in [
        json!(null),
        json!(0),
        json!(-60),
        json!(0.5),
        json!(60.5),
        json!("60"),
        json!([60]),
    ] {
        wrong.push(with("expires_in", bad));
    }
    for answer in wrong {
        let mut request = pushing();
        let failure = request.pushed(&response(201, answer.as_ref())).unwrap_err();
        assert_eq!((failure.code(), failure.status()), ("http", Some(201)), "{answer:?}");
        assert!(!failure.is_retryable());
        assert_eq!(
            failure.message(),
            "The pushed authorization request endpoint answered 201 without a request_uri and expires_in (RFC 9126 §2.2). Check its URL in the metadata, and what it sends."
        );
        // Nobody is sent anywhere with it.
        assert_eq!(request.url, "https://id.example/authorize?client_id=app");
    }
}

#[test]
fn a_refusal_is_the_servers_error() {
    for (status, body, expected, is_retryable) in [
        (
            400,
            Some(json!({ "error": "invalid_request", "error_description": "why" })),
            "invalid_request",
            false,
        ),
        (401, Some(json!({ "error": "invalid_client" })), "invalid_client", false),
        (
            200,
            Some(json!({ "error": "invalid_scope", "request_uri": "urn:x", "expires_in": 60 })),
            "invalid_scope",
            false,
        ),
        (
            503,
            Some(json!({ "error": "temporarily_unavailable" })),
            "temporarily_unavailable",
            true,
        ),
        (404, None, "http", false),
        (405, Some(json!({})), "http", false),
        (0, None, "http", false),
        (429, None, "http", true),
        (500, None, "http", true),
    ] {
        let failure = pushing().pushed(&response(status, body.as_ref())).unwrap_err();
        assert_eq!(
            (failure.code(), failure.status()),
            (expected, Some(status)),
            "{status} {body:?}"
        );
        assert_eq!(failure.is_retryable(), is_retryable, "{status} {body:?}");
        assert!(
            failure
                .message()
                .starts_with("The pushed authorization request endpoint answered "),
            "{failure}"
        );
        if let Some(error) = failure.server_error() {
            assert_eq!(error.endpoint, Some(Endpoint::PushedAuthorization));
        }
    }
    for (failure, expected) in [
        (TransportError::NotSent, "network"),
        (TransportError::Lost, "network"),
        (TransportError::Timeout, "timeout"),
    ] {
        let error = failure.of_repeatable(Endpoint::PushedAuthorization);
        assert_eq!((error.code(), error.is_retryable()), (expected, true));
        assert!(
            error
                .message()
                .starts_with("The pushed authorization request endpoint "),
            "{error}"
        );
    }
}

#[test]
fn the_server_decides_unless_the_application_does() {
    let nothing = AuthorizeOptions::default();
    for (par, is_required, expected) in [
        (None, false, false),
        (None, true, true),
        (Some(true), false, true),
        (Some(true), true, true),
        (Some(false), false, false),
    ] {
        let request = request_of(par, &metadata(is_required), &nothing).unwrap();
        assert_eq!(request.push.is_some(), expected, "{par:?} {is_required}");
    }
    let against = request_of(Some(false), &metadata(true), &nothing).unwrap_err();
    assert_eq!(against.code(), "invalid_options");
    assert!(against.message().starts_with("\"par\" must not be false"), "{against}");
}

#[test]
fn where_there_is_nothing_to_push_to_nobody_goes() {
    let without = |is_required| {
        let mut metadata = metadata(is_required);
        metadata.pushed_request_endpoint = None;
        metadata
    };
    for (par, is_required) in [(Some(true), false), (Some(true), true), (None, true)] {
        let refused = request_of(par, &without(is_required), &AuthorizeOptions::default());
        let refused = refused.unwrap_err();
        assert_eq!(refused.code(), "metadata_invalid", "{par:?} {is_required}");
        let names = "`pushed_authorization_request_endpoint` must be there";
        assert!(refused.message().contains(names), "{refused}");
    }
    assert_eq!(
        code(request_of(Some(false), &without(true), &AuthorizeOptions::default())),
        "invalid_options"
    );
    assert!(request_of(None, &without(false), &AuthorizeOptions::default()).is_ok());
}
