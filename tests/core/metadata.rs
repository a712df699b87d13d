//! The authorization server's metadata: found where the RFCs say, and taken only where it is safe.

use scopewise::core::authorize::AuthorizeOptions;
use scopewise::core::error::Result;
use scopewise::core::server::ServerMetadata;
use scopewise::core::url::is_safe;
use serde_json::json;

use crate::common::{self, ISSUER, code, intent, metadata_document, response, value};

fn discovered(status: u16, document: Option<&serde_json::Value>) -> Result<ServerMetadata> {
    ServerMetadata::response(&response(status, document), ISSUER)
}

fn parse(document: &serde_json::Value) -> Result<ServerMetadata> {
    ServerMetadata::parse(&value(document))
}

fn with(name: &str, member: serde_json::Value) -> serde_json::Value {
    let mut document = metadata_document();
    document[name] = member;
    document
}

#[test]
fn it_is_looked_for_in_two_places() {
    let places = |issuer| ServerMetadata::requests(issuer).map(|request| request.url);
    assert_eq!(
        places("https://id.example"),
        [
            "https://id.example/.well-known/openid-configuration",
            "https://id.example/.well-known/oauth-authorization-server"
        ]
    );
    assert_eq!(
        places("https://id.example/tenant/one/"),
        [
            "https://id.example/tenant/one/.well-known/openid-configuration",
            "https://id.example/.well-known/oauth-authorization-server/tenant/one"
        ]
    );
}

#[test]
fn a_sound_document() {
    let found = discovered(200, Some(&metadata_document())).unwrap();
    assert_eq!(found.token_endpoint, "https://id.example/token");
    assert!(!found.sends_issuer && !found.requires_pushed_requests);
}

#[test]
fn c100_another_issuer() {
    for issuer in [
        "https://id.example/",
        "https://ID.example",
        "https://evil.example",
        "https://id.example:443",
    ] {
        assert_eq!(
            code(discovered(200, Some(&with("issuer", json!(issuer))))),
            "metadata_invalid",
            "{issuer}"
        );
    }
}

#[test]
fn c100_what_is_no_document() {
    assert_eq!(code(discovered(200, None)), "metadata_invalid");
    for document in [
        json!([]),
        json!("x"),
        json!(null),
        json!({}),
        json!({ "error": "invalid_request" }),
    ] {
        assert_eq!(code(discovered(200, Some(&document))), "metadata_invalid", "{document}");
    }
    for status in [0, 302, 400, 404, 500, 503] {
        for document in [None, Some(json!({ "error": "Forbidden" })), Some(metadata_document())] {
            let failure = discovered(status, document.as_ref()).unwrap_err();
            assert_eq!(failure.code(), "http", "{status} {document:?}");
            assert_eq!(failure.status(), Some(status));
            assert_eq!(failure.is_retryable(), status >= 500);
        }
    }
}

/// Where neither codes and tokens nor users may be sent.
const UNSAFE: [&str; 41] = [
    "",
    "/authorize",
    "//id.example/x",
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,x",
    "blob:https://id.example/x",
    "http://id.example/x",
    "http://localhost.evil.example/",
    "http://127.0.0.1.evil.example/",
    // Names for browsers: no number is at their end.
    "http://127.0.0../",
    "http://127../",
    "http://127.0.0.1@evil.example/",
    "https://id.example@evil.example/",
    "https://",
    "https:///x",
    "https://:443/",
    "https:id.example",
    "https://id.example\\@evil.example/",
    "https://id example/",
    " https://id.example/",
    "https://id.example/\n",
    "ftp://id.example/",
    "http://[::1].evil.example/",
    "http://0x7f.1/",
    "http://128.0.0.1/",
    // No URLs for browsers, or of another host than they show.
    "https://id.example:65536/",
    "https://id.example:99999999999/",
    "https://id.example:-1/",
    "https://id.example:+443/",
    "https://id.example:https/",
    "https://id.example:443:443/",
    "https://id<evil.example/",
    "https://id^evil.example/",
    "https://id|evil.example/",
    "https://id.example%2F.evil.example/",
    "https://[id.example]/",
    "https://[::1/",
    "https://[::1]443/",
    "https://ada:secret@id.example/",
];

#[test]
fn c101_c102_endpoints_are_https_or_loopback() {
    let names = [
        "issuer",
        "authorization_endpoint",
        "token_endpoint",
        "jwks_uri",
        "revocation_endpoint",
        "end_session_endpoint",
        "pushed_authorization_request_endpoint",
    ];
    for name in names {
        for url in UNSAFE {
            assert!(!is_safe(url), "{url:?}");
            assert_eq!(
                code(parse(&with(name, json!(url)))),
                "metadata_invalid",
                "{name}: {url:?}"
            );
        }
        for wrong in [json!(1), json!(["https://id.example/"]), json!({})] {
            assert_eq!(code(parse(&with(name, wrong))), "metadata_invalid");
        }
    }
    for name in ["issuer", "authorization_endpoint", "token_endpoint"] {
        let mut document = metadata_document();
        document.as_object_mut().unwrap().remove(name);
        assert_eq!(code(parse(&document)), "metadata_invalid");
    }
    for url in [
        "https://id.example/x",
        "http://localhost/x",
        "http://localhost:8080",
        "http://app.localhost/x",
        "http://127.0.0.1:1/x",
        "http://127.1.2.3/",
        "http://[::1]:80/x",
        "https://[2001:db8::1]/x",
        "https://id.example:/x",
        "https://id.example:65535/x",
        "https://b\u{fc}cher.example/x",
    ] {
        assert!(is_safe(url), "{url}");
        assert!(parse(&with("authorization_endpoint", json!(url))).is_ok());
    }
}

#[test]
fn c101_an_endpoint_has_no_fragment() {
    for name in [
        "authorization_endpoint",
        "token_endpoint",
        "pushed_authorization_request_endpoint",
    ] {
        let document = with(name, json!("https://id.example/x#y"));
        assert_eq!(code(parse(&document)), "metadata_invalid", "{name}");
    }
}

#[test]
fn c102_flags_are_booleans() {
    for name in [
        "authorization_response_iss_parameter_supported",
        "require_pushed_authorization_requests",
    ] {
        for wrong in [json!("true"), json!(1)] {
            assert_eq!(code(parse(&with(name, wrong))), "metadata_invalid");
        }
    }
    let document = with("authorization_response_iss_parameter_supported", json!(true));
    assert!(parse(&document).unwrap().sends_issuer);
}

#[test]
fn null_is_nothing_in_a_document() {
    for name in [
        "jwks_uri",
        "revocation_endpoint",
        "userinfo_endpoint",
        "end_session_endpoint",
        "pushed_authorization_request_endpoint",
        "authorization_response_iss_parameter_supported",
        "require_pushed_authorization_requests",
    ] {
        let mut without = metadata_document();
        without.as_object_mut().unwrap().remove(name);
        assert_eq!(
            parse(&with(name, json!(null))).unwrap(),
            parse(&without).unwrap(),
            "{name}"
        );
    }
    for name in ["issuer", "authorization_endpoint", "token_endpoint"] {
        assert_eq!(code(parse(&with(name, json!(null)))), "metadata_invalid", "{name}");
    }
}

#[test]
fn c104_s256_whatever_the_metadata_says() {
    for methods in [
        None,
        Some(json!([])),
        Some(json!(["plain"])),
        Some(json!("plain")),
        Some(json!(["S256"])),
    ] {
        let mut document = metadata_document();
        if let Some(methods) = methods {
            document["code_challenge_methods_supported"] = methods;
        }
        let metadata = parse(&document).unwrap();
        let request = common::build(
            &common::client(),
            &metadata,
            &AuthorizeOptions::default(),
            intent("openid"),
            0,
        )
        .unwrap();
        assert_eq!(
            common::param(&request.url, "code_challenge_method").as_deref(),
            Some("S256")
        );
        assert_eq!(common::param(&request.url, "code_challenge").unwrap().len(), 43);
    }
}
