//! What an API says of itself (RFC 9728): where that is, and whether it counts.

use scopewise::core::apis::{Api, ApiOptions};
use scopewise::core::error::Result;
use scopewise::core::resource::{Challenge, ResourceMetadata};
use scopewise::core::target::Target;
use serde_json::{Value as Json, json};

use crate::common::{ISSUER, client, code, response, set, target};

const API: &str = "https://api.example/v1";

fn document() -> Json {
    json!({
        "resource": API,
        "authorization_servers": ["https://other.example", ISSUER],
        "scopes_supported": ["read", "write", "read"],
        "resource_name": "Rooms",
        "resource_documentation": "https://api.example/docs",
    })
}

fn with(name: &str, member: Json) -> Json {
    let mut document = document();
    document[name] = member;
    document
}

fn read(document: &Json, identifier: &str) -> Result<ResourceMetadata> {
    ResourceMetadata::response(&response(200, Some(document)), identifier, &client())
}

#[track_caller]
fn assert_refused(document: &Json, hint: &str) {
    let error = read(document, API).unwrap_err();
    assert!(error.message().contains(hint), "{}", error.message());
    assert!(error.message().contains("RFC 9728"));
    assert_eq!(code(Err::<(), _>(error)), "metadata_invalid");
}

#[test]
fn the_well_known_path_is_put_between_host_and_path() {
    let places = [
        ("https://api.example", ""),
        ("https://api.example/", ""),
        ("https://api.example/v1", "/v1"),
        ("https://api.example/v1/", "/v1/"),
        ("https://api.example:8443/a/b?x=/y", "/a/b?x=/y"),
        ("https://api.example/?x=1", "?x=1"),
        ("https://api.example?x=1/2", "?x=1/2"),
        ("http://127.0.0.1:8080/api", "/api"),
    ];
    for (identifier, rest) in places {
        let host = identifier.split(['/', '?']).nth(2).unwrap();
        let scheme = identifier.split(':').next().unwrap();
        let request = ResourceMetadata::request(identifier);
        let expected = format!("{scheme}://{host}/.well-known/oauth-protected-resource{rest}");
        assert_eq!(request.url, expected, "{identifier}");
        assert!(request.form.is_none() && request.token.is_none() && request.proof.is_none());
    }
}

#[test]
fn a_sound_document_is_read() {
    let metadata = read(&document(), API).unwrap();
    assert_eq!(metadata.resource, API);
    assert_eq!(metadata.scopes_supported, set("read write"));
    assert_eq!(metadata.name.as_deref(), Some("Rooms"));
    assert_eq!(metadata.documentation.as_deref(), Some("https://api.example/docs"));
    // What is not there, or is for people and unsound, keeps nobody from anything.
    for document in [
        with("scopes_supported", Json::Null),
        with("scopes_supported", json!([])),
    ] {
        assert!(read(&document, API).unwrap().scopes_supported.is_empty());
    }
    assert_eq!(read(&with("resource_name", json!(7)), API).unwrap().name, None);
    let long = read(&with("resource_name", json!("x\u{202e}".repeat(500))), API).unwrap();
    assert!(
        long.name
            .is_some_and(|name| !name.contains('\u{202e}') && name.len() <= 200)
    );
    for page in ["javascript:alert(1)", "http://api.example/docs", "data:text/html,x"] {
        let metadata = read(&with("resource_documentation", json!(page)), API).unwrap();
        assert_eq!(metadata.documentation, None);
    }
}

#[test]
fn a_document_of_another_api_does_not_count() {
    for resource in [
        "https://api.example/v1/",
        "https://api.example/V1",
        "https://API.example/v1",
        "https://api.example",
        "https://api.example:443/v1",
        "https://evil.example/v1",
        "",
    ] {
        assert_refused(&with("resource", json!(resource)), "must be the same, to the letter");
    }
    assert_refused(&with("resource", json!(7)), "`resource`");
    assert_refused(&with("resource", Json::Null), "`resource`");
    // The place of a host's document leaves out the slash behind it.
    for (identifier, resource) in [
        ("https://api.example", "https://api.example/"),
        ("https://api.example/", "https://api.example"),
    ] {
        assert!(read(&with("resource", json!(resource)), identifier).is_ok());
    }
    assert_eq!(
        code(read(
            &with("resource", json!("https://api.example/v1")),
            "https://api.example/v1/"
        )),
        "metadata_invalid"
    );
}

#[test]
fn a_document_that_does_not_name_the_issuer_does_not_count() {
    let slash = format!("{ISSUER}/");
    for servers in [
        json!([]),
        json!(["https://other.example"]),
        json!([slash]),
        json!(ISSUER),
        json!([7]),
    ] {
        assert_refused(&with("authorization_servers", servers), "`authorization_servers`");
    }
}

#[test]
fn a_document_need_not_say_whose_tokens_the_api_takes() {
    let mut silent = document();
    silent.as_object_mut().unwrap().remove("authorization_servers");
    for document in [silent, with("authorization_servers", Json::Null)] {
        assert_eq!(read(&document, API).unwrap().scopes_supported, set("read write"));
    }
}

#[test]
fn what_is_no_document_is_refused() {
    let most = read(&with("scopes_supported", json!(vec!["x"; 1_000])), API).unwrap();
    assert_eq!(most.scopes_supported, set("x"));
    for scopes in [json!("read"), json!([1]), json!(vec!["x"; 1_001])] {
        assert_refused(&with("scopes_supported", scopes), "`scopes_supported`");
    }
    let error = ResourceMetadata::response(&response(200, None), API, &client()).unwrap_err();
    assert_eq!(code(Err::<(), _>(error)), "metadata_invalid");
    for status in [0, 404, 503] {
        let error = ResourceMetadata::response(&response(status, Some(&document())), API, &client()).unwrap_err();
        assert!(
            error.message().contains(".well-known/oauth-protected-resource"),
            "{}",
            error.message()
        );
        assert_eq!(error.is_retryable(), status == 503);
        assert_eq!(code(Err::<(), _>(error)), "http");
    }
}

#[test]
fn the_identifier_is_the_one_resource_of_the_apis_origin_or_its_url() {
    let api = |options: ApiOptions| Api::new(options.with_discover()).unwrap();
    let of = |resources: &[&str]| api(ApiOptions::new("https://api.example/").with_target(target(None, resources)));
    let none = Target::default();
    for (resources, identifier) in [
        (vec!["https://api.example/v1"], "https://api.example/v1"),
        (vec!["https://api.example"], "https://api.example"),
        // Case is no part of a host (RFC 3986 §3.2.2), and all that there is of the identifier counts.
        (vec!["https://API.Example/v1"], "https://API.Example/v1"),
        (vec!["urn:rooms"], "https://api.example/"),
        (vec!["https://evil.example/v1"], "https://api.example/"),
        (vec!["http://api.example/v1"], "https://api.example/"),
        (vec!["https://api.example/v1#x"], "https://api.example/"),
        (
            vec!["https://api.example/a", "https://api.example/b"],
            "https://api.example/",
        ),
    ] {
        assert_eq!(of(&resources).identifier(&none), Some(identifier), "{resources:?}");
    }
    let plain = api(ApiOptions::new("https://api.example/"));
    assert_eq!(plain.identifier(&none), Some("https://api.example/"));
    assert_eq!(plain.identifier(&target(None, &[API])), Some(API));
    let undiscovered = Api::new(ApiOptions::new("https://api.example/")).unwrap();
    assert_eq!(undiscovered.identifier(&none), None);
}

#[test]
fn a_challenge_says_where_the_document_is() {
    let header = r#"Bearer error="insufficient_scope", scope="write", resource_metadata="https://api.example/meta""#;
    let challenge = Challenge::parse(403, header);
    assert_eq!(challenge.resource_metadata.as_deref(), Some("https://api.example/meta"));
    assert_eq!(
        Challenge::parse(401, r#"Bearer error="invalid_token""#).resource_metadata,
        None
    );
}

#[test]
fn any_sound_challenge_may_say_where_the_metadata_is() {
    let place = |status, header: &str| Challenge::parse(status, header).resource_metadata;
    let (here, there) = (
        r#"resource_metadata="https://api.example/here""#,
        r#"Resource_Metadata="https://api.example/there""#,
    );
    let asks = r#"error="insufficient_scope", scope="a""#;
    for status in [401, 403] {
        for header in [
            format!("Bearer {here}"),
            format!(r#"Bearer error="invalid_request", {here}"#),
            format!("Bearer {asks}, DPoP {here}"),
            format!("DPoP {here}, Bearer {asks}"),
            format!("Basic realm=x, DPoP algs=ES256, Bearer {here}, DPoP {there}"),
        ] {
            assert_eq!(
                place(status, &header).as_deref(),
                Some("https://api.example/here"),
                "{status} {header}"
            );
        }
        // The one that counts has the first word.
        let both = format!("Bearer {here}, DPoP {asks}, {there}");
        assert_eq!(place(status, &both).as_deref(), Some("https://api.example/there"));
        for header in [
            format!("Basic {here}"),
            format!("Bearer {here}, {here}"),
            format!(r#"Bearer {here}, x="y"#),
        ] {
            assert_eq!(place(status, &header), None, "{header}");
        }
    }
}
