//! Authorization responses that are signed JWTs (JARM): where they are found, and all that is checked but the signature.

use scopewise::core::authorize::response::{Located, cleaned, locate};
use scopewise::core::authorize::{AuthorizationResponse, PendingRequest, ResponseMode, SignedResponse};
use scopewise::core::error::Result;
use scopewise::core::server::ServerMetadata;
use serde_json::{Value as Json, json};

use crate::common::{
    CALLBACK, CLIENT, ISSUER, NOW, assert_discreet, assert_no_secret, base64url, build, client, client_options, code,
    config, intent, jwt, metadata_document, metadata_with, options_with, param, parse_json, value,
};

fn metadata() -> ServerMetadata {
    metadata_with("jwks_uri", json!("https://id.example/jwks"))
}

/// A request that wants its response so.
fn waiting(mode: ResponseMode) -> PendingRequest {
    let options = options_with(|options| options.response_mode = Some(mode));
    let request = build(&client(), &metadata(), &options, intent("openid"), NOW);
    request.unwrap().pending
}

fn claims() -> Json {
    json!({ "iss": ISSUER, "aud": CLIENT, "exp": NOW + 600, "state": "s3cr3t-state", "code": "s3cr3t-code" })
}

/// The sample response with another member; null takes it away.
fn with(name: &str, member: Json) -> Json {
    let mut claims = claims();
    claims[name] = member;
    claims
}

fn query(claims: &Json) -> String {
    let header = json!({ "alg": "ES256", "kid": "1" });
    format!("response={}", jwt(&header, claims))
}

fn parsed(claims: &Json) -> Result<SignedResponse> {
    SignedResponse::parse(&query(claims), &parse_json)
}

fn checked(claims: &Json, request: &PendingRequest) -> Result<AuthorizationResponse> {
    let response = parsed(claims)?;
    response.check(request, &client(), NOW)?;
    response.callback().check(request, ISSUER)
}

#[track_caller]
fn assert_fails<T: std::fmt::Debug>(result: Result<T>, failed: &str) {
    let error = result.unwrap_err();
    assert_eq!(error.code(), "response_malformed", "{failed}: {error}");
    assert_discreet(&error);
    assert_eq!(error.reason(), Some(failed));
}

#[test]
fn the_request_says_how_the_response_is_to_come() {
    let options = options_with(|options| options.response_mode = Some(ResponseMode::QueryJwt));
    let request = build(&client(), &metadata(), &options, intent("openid"), NOW).unwrap();
    assert_eq!(param(&request.url, "response_mode").as_deref(), Some("query.jwt"));
    assert_eq!(request.pending.response_mode, ResponseMode::QueryJwt);
}

#[test]
fn a_server_that_does_not_sign_responses_is_not_asked_for_one() {
    let options = options_with(|options| options.response_mode = Some(ResponseMode::QueryJwt));
    let refused = |members: Json| {
        let mut document = metadata_document();
        for (name, member) in members.as_object().unwrap() {
            document[name] = member.clone();
        }
        let metadata = ServerMetadata::parse(&value(&document)).unwrap();
        build(&client(), &metadata, &options, intent("openid"), NOW)
    };
    let uri = "https://id.example/jwks";
    for modes in [
        json!(["query.jwt"]),
        json!(["query", "query.jwt"]),
        json!(null),
        json!(7),
    ] {
        assert!(refused(json!({ "jwks_uri": uri, "response_modes_supported": modes })).is_ok());
    }
    for modes in [json!([]), json!(["query", "fragment"]), json!(["jwt", "QUERY.JWT"])] {
        let error = refused(json!({ "jwks_uri": uri, "response_modes_supported": modes })).unwrap_err();
        assert_eq!(error.code(), "metadata_invalid");
        assert!(error.message().contains("query.jwt"), "{error}");
    }
    let error = refused(json!({})).unwrap_err();
    assert_eq!(error.code(), "metadata_invalid");
    assert!(error.message().contains("jwks_uri"), "{error}");
    // Whoever does not ask for one does not care.
    let modes = metadata_with("response_modes_supported", json!(["query"]));
    assert!(build(&client(), &modes, &options_with(|_| {}), intent("openid"), NOW).is_ok());
}

#[test]
fn a_response_is_found_by_the_state_in_the_jwt() {
    let located = |url: &str, mode: ResponseMode| {
        locate(url, CALLBACK, &parse_json, &|state, part| {
            (state.secret() == "s3cr3t-state").then_some(part == mode)
        })
    };
    let jwt = query(&claims());
    for path in ["", "/", "?tab=2&", "/elsewhere?"] {
        let url = format!("{CALLBACK}{path}{}{jwt}", if path.contains('?') { "" } else { "?" });
        let found = located(&url, ResponseMode::QueryJwt);
        assert_eq!(found, Located::Response(ResponseMode::QueryJwt), "{path}");
        let clean = cleaned(&url, ResponseMode::QueryJwt);
        assert_no_secret(&clean);
        assert!(!clean.contains("response"), "{clean}");
    }
    let url = format!("{CALLBACK}?tab=2&{jwt}#top");
    assert_eq!(cleaned(&url, ResponseMode::QueryJwt), format!("{CALLBACK}?tab=2#top"));
    // One that was not asked for is found, to be refused.
    for mode in [ResponseMode::Query, ResponseMode::Fragment] {
        assert_eq!(
            located(&format!("{CALLBACK}?{jwt}"), mode),
            Located::Response(ResponseMode::QueryJwt)
        );
    }
    // A plain one in its place, too.
    assert_eq!(
        located(&format!("{CALLBACK}?state=s3cr3t-state&code=x"), ResponseMode::QueryJwt),
        Located::Response(ResponseMode::Query)
    );
    // Another request's may be another page's; all else is the application's.
    let unknown = located(
        &format!("{CALLBACK}?{}", query(&with("state", json!("other")))),
        ResponseMode::QueryJwt,
    );
    assert!(matches!(unknown, Located::Unknown(state, _) if state.secret() == "other"));
    let elsewhere = format!("https://other.example/callback?{jwt}");
    assert_eq!(located(&elsewhere, ResponseMode::QueryJwt), Located::Nothing);
    for own in [
        "response=yes".to_owned(),
        query(&with("state", json!(7))),
        query(&json!({})),
    ] {
        let url = format!("{CALLBACK}?{own}");
        assert_eq!(
            located(&url, ResponseMode::QueryJwt),
            Located::WithoutState(ResponseMode::QueryJwt),
            "{url}"
        );
        let url = format!("{CALLBACK}/other?{own}");
        assert_eq!(located(&url, ResponseMode::QueryJwt), Located::Nothing, "{url}");
    }
    let huge = format!("{CALLBACK}/other?{jwt}&x={}", "x".repeat(64 * 1024));
    assert_eq!(located(&huge, ResponseMode::QueryJwt), Located::Nothing);
    let in_fragment = format!("{CALLBACK}#{jwt}");
    assert_eq!(located(&in_fragment, ResponseMode::QueryJwt), Located::Nothing);
}

#[test]
fn what_it_must_say() {
    let request = waiting(ResponseMode::QueryJwt);
    let AuthorizationResponse::Code(found) = checked(&claims(), &request).unwrap() else {
        panic!("there is a code")
    };
    assert_eq!(found.secret(), "s3cr3t-code");
    for good in [
        with("aud", json!([CLIENT])),
        with("aud", json!(["other", CLIENT])),
        with("exp", json!(NOW - 59)),
        with("error", json!(null)),
        with("iat", json!(NOW + 999)),
        with("nbf", json!(NOW + 60)),
        with("nbf", json!(null)),
    ] {
        assert!(checked(&good, &request).is_ok(), "{good}");
    }
    for (name, member, failed) in [
        ("aud", json!(null), "aud"),
        ("aud", json!("other"), "aud"),
        ("aud", json!([]), "aud"),
        ("aud", json!({ "app": 1 }), "aud"),
        ("exp", json!(null), "exp"),
        ("nbf", json!(NOW + 61), "nbf"),
        ("nbf", json!("1700000000"), "nbf"),
        ("exp", json!("1700000600"), "exp"),
        ("exp", json!(NOW - 60), "exp"),
        ("iss", json!([ISSUER]), "iss"),
        ("code", json!(7), "code"),
        ("state", json!(["s3cr3t-state"]), "state"),
    ] {
        assert_fails(checked(&with(name, member), &request), failed);
    }
    for (name, member, expected) in [
        ("iss", json!(null), "issuer_missing"),
        ("iss", json!("https://evil.example"), "issuer_mismatch"),
        ("iss", json!("https://id.example/"), "issuer_mismatch"),
        ("state", json!(""), "state_missing"),
        ("code", json!(null), "code_missing"),
        ("error", json!("access_denied"), "response_malformed"),
        ("access_token", json!("s3cr3t"), "response_malformed"),
        ("id_token", json!("s3cr3t"), "response_malformed"),
    ] {
        let error = checked(&with(name, member), &request).unwrap_err();
        assert_eq!(error.code(), expected, "{name}");
        assert_discreet(&error);
    }
}

#[test]
fn the_clock_tolerance_is_the_clients() {
    let strict = config(client_options().with_clock_tolerance(0)).unwrap();
    let request = waiting(ResponseMode::QueryJwt);
    let ends = |exp: i64| parsed(&with("exp", json!(exp))).unwrap().check(&request, &strict, NOW);
    assert!(ends(NOW + 1).is_ok());
    assert_fails(ends(NOW), "exp");
}

#[test]
fn an_error_comes_in_it_too() {
    let claims = json!({
        "iss": ISSUER, "aud": CLIENT, "exp": NOW + 600, "state": "s3cr3t-state",
        "error": "access_denied", "error_description": "no", "error_uri": "https://id.example/no",
    });
    let AuthorizationResponse::Error(error) = checked(&claims, &waiting(ResponseMode::QueryJwt)).unwrap() else {
        panic!("it is an error")
    };
    assert_eq!(error.code(), "access_denied");
    let server = error.server_error().unwrap();
    assert_eq!(server.description.as_deref(), Some("no"));
    assert_eq!(server.uri.as_deref(), Some("https://id.example/no"));
}

#[test]
fn a_plain_response_in_place_of_a_jwt_is_refused_and_the_other_way_round() {
    use scopewise::core::authorize::response::Callback;
    let part = "code=s3cr3t-code&state=s3cr3t-state&iss=https%3A%2F%2Fid.example";
    for mode in [ResponseMode::Query, ResponseMode::Fragment] {
        let plain = Callback::parse(part, mode).unwrap();
        assert_fails(plain.check(&waiting(ResponseMode::QueryJwt), ISSUER), "response_mode");
        assert_fails(checked(&claims(), &waiting(mode)), "response_mode");
    }
}

#[test]
fn c106_c121_c124_what_is_no_signed_jwt() {
    let read = |query: &str| SignedResponse::parse(query, &parse_json);
    let twice = format!("{}&{}", query(&claims()), query(&claims()));
    assert_eq!(code(read(&twice)), "duplicate_parameter");
    for bad in ["", "response=", "response=x", "response=a.b.c", "response=e30.e30"] {
        assert_fails(read(bad), "malformed");
    }
    let five = format!("{}.{}.{}", query(&claims()), base64url("a"), base64url("b"));
    assert_fails(read(&five), "malformed");
    let mut large = claims();
    large["x"] = json!("x".repeat(49_000));
    assert!(query(&large).len() > 64 * 1024);
    assert_eq!(code(parsed(&large)), "response_malformed");
    let signed = |header: Json, metadata: &ServerMetadata| {
        let query = format!("response={}", jwt(&header, &claims()));
        read(&query).unwrap().signed_part(metadata).map(drop)
    };
    for (header, failed) in [
        (json!({ "alg": "none" }), "alg"),
        (json!({ "alg": "None" }), "alg"),
        (json!({ "alg": "HS256" }), "alg"),
        (json!({}), "alg"),
        (json!({ "alg": "ES256", "crit": ["b64"] }), "crit"),
        (json!({ "alg": "ES256", "zip": "DEF" }), "malformed"),
        (json!({ "alg": "RS256", "enc": "A256GCM" }), "malformed"),
        (json!({ "alg": "ES256", "kid": 5 }), "malformed"),
        (json!({ "alg": "ES256" }), "signature"),
    ] {
        assert_fails(signed(header, &metadata()), failed);
    }
    assert!(signed(json!({ "alg": "RS256" }), &metadata()).is_ok());
    let listed = metadata_with("authorization_signing_alg_values_supported", json!(["PS256"]));
    assert_fails(signed(json!({ "alg": "RS256" }), &listed), "alg");
    assert!(signed(json!({ "alg": "PS256" }), &listed).is_ok());
}

#[test]
fn it_shows_no_secret() {
    let response = parsed(&claims()).unwrap();
    assert_no_secret(&format!("{response:?}"));
}
