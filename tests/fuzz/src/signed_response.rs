//! Authorization responses that are signed JWTs: finding one, reading it, and all that is checked but the signature.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use scopewise::core::authorize::response::{Located, cleaned, locate};
use scopewise::core::authorize::{
    AuthorizationResponse, AuthorizeOptions, PendingRequest, ResponseMode, SignedResponse,
};
use scopewise::core::config::Config;
use scopewise::core::secret::State;
use scopewise::core::server::ServerMetadata;
use serde_json::Value as Json;

use crate::common::{
    CALLBACK, CLIENT, ISSUER, MARK, NOW, base64url, build, client, intent, metadata_with, pairs, parse_json,
};
use crate::input::{Input, check_error, check_secrets};

/// The `state` of the request that the client has.
const STATE: &str = "s3cr3t-state";

struct Sample {
    client: Config,
    metadata: ServerMetadata,
    request: PendingRequest,
}

fn sample() -> Sample {
    let (client, metadata) = (client(), metadata_with("jwks_uri", "https://id.example/jwks".into()));
    let options = AuthorizeOptions::default().with_response_mode(ResponseMode::QueryJwt);
    let request = build(&client, &metadata, &options, intent("openid read"), NOW)
        .unwrap()
        .pending;
    Sample {
        client,
        metadata,
        request,
    }
}

thread_local! {
    static SAMPLE: Sample = sample();
}

/// Header, claims and signature in a line each; or a query.
pub(crate) fn target(data: &[u8]) {
    let input = Input::new(data);
    let (header, claims, signature) = input.three();
    let query = match claims {
        "" => header.replace('#', ""),
        _ => ["response=", &[header, claims, signature].map(base64url).join(".")].concat(),
    };
    find(&query);
    let responses: Vec<_> = pairs(&query)
        .into_iter()
        .filter(|(name, _)| name == "response")
        .collect();
    let secrets = || responses.iter().map(|(_, jwt)| jwt.as_str());
    let response = match SignedResponse::parse(&query, &parse_json) {
        Ok(response) => response,
        Err(error) => return check_error(&error, secrets()),
    };
    assert_eq!(responses.len(), 1);
    let parts: Vec<_> = responses[0].1.split('.').collect();
    assert_eq!(parts.len(), 3);
    let claims: Json = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
    let texts = || ["code", "state"].into_iter().filter_map(|name| claims[name].as_str());
    let rest = ["iss", "error", "error_description", "error_uri"].map(|name| claims[name].as_str().unwrap_or_default());
    if !rest.iter().any(|text| text.contains(MARK)) {
        check_secrets(&format!("{response:?}"), secrets().chain(texts()));
    }
    SAMPLE.with(|sample| {
        match response.check(&sample.request, &sample.client, NOW) {
            Ok(()) => sound(&response, &claims, &sample.request),
            Err(error) => check_error(&error, secrets().chain(texts())),
        }
        match response.signed_part(&sample.metadata) {
            Ok(signed) => {
                assert_eq!(signed.data, &responses[0].1[..parts[0].len() + 1 + parts[1].len()]);
                assert_eq!(signed.signature, URL_SAFE_NO_PAD.decode(parts[2]).unwrap());
                assert!(!signed.algorithm.name.starts_with("HS"));
            }
            Err(error) => check_error(&error, secrets()),
        }
    });
}

/// It is found by its `state`; cleaned away, nothing of it is left, and cleaning once is enough.
fn find(query: &str) {
    let url = format!("{CALLBACK}?{query}");
    let expects = |state: &State, mode| (state.secret() == STATE).then_some(mode == ResponseMode::QueryJwt);
    let located = locate(&url, CALLBACK, &parse_json, &expects);
    if located == Located::Response(ResponseMode::QueryJwt) {
        assert!(pairs(query).iter().any(|(name, _)| name == "response"));
    }
    let clean = cleaned(&url, ResponseMode::QueryJwt);
    assert!(
        !pairs(scopewise::core::url::parts(&clean).0)
            .iter()
            .any(|(name, _)| name == "response"),
        "{clean}"
    );
    assert_eq!(cleaned(&clean, ResponseMode::QueryJwt), clean);
    let again = locate(&clean, CALLBACK, &parse_json, &expects);
    assert!(!matches!(again, Located::Response(_)), "{clean}");
}

/// What a sound response says, read in another way.
fn sound(response: &SignedResponse, claims: &Json, request: &PendingRequest) {
    assert_eq!(claims["iss"], ISSUER);
    let is_ours = |audience: &Json| audience == CLIENT;
    assert!(is_ours(&claims["aud"]) || claims["aud"].as_array().is_some_and(|all| all.iter().any(is_ours)));
    assert!(claims["exp"].as_f64().unwrap() > (NOW - 60) as f64);
    assert_eq!(claims["state"], response.callback().state.secret());
    match response.callback().check(request, ISSUER).unwrap() {
        AuthorizationResponse::Code(code) => {
            assert_eq!(claims["code"], code.secret());
            assert!(claims["error"].is_null());
        }
        _ => assert!(claims["code"].is_null() && claims["error"].is_string()),
    }
}
