//! ID tokens and what came with them: hashes, the server's algorithms, and whom else the application knows.

use scopewise::core::apis::ApiOptions;
use scopewise::core::config::Config;
use scopewise::core::error::Result;
use scopewise::core::secret::{AccessToken, AuthorizationCode};
use scopewise::core::server::ServerMetadata;
use scopewise::core::session::{Session, TokenEndpointAnswer};
use scopewise::core::token::Expected;
use serde_json::json;

use crate::common::{
    NOW, claims, client, client_options, config, expected, id_token, jwt, metadata, metadata_with, parse_json, reason,
    response, sign_in, target, token_body, verified,
};

/// What is expected of a token that came with an access token and for a code, both of this text.
fn with_both(check: impl FnOnce(&Expected<'_>)) {
    let (access_token, code) = (AccessToken::new("token"), AuthorizationCode::new("token"));
    check(&Expected {
        access_token: Some(&access_token),
        code: Some(&code),
        ..expected()
    });
}

/// Checks a hash of what came with a token.
fn check_hash(name: &'static str) {
    // Half of the hash of "token", by the algorithm's hash function.
    let of_token = [
        ("RS256", "PEaenWxYddN6Q_NT1PiOYQ"),
        ("PS384", "Cm6hANx1qgPTYYSWu3KFaieklEAsPkh3"),
        ("ES512", "ImXaughy_DrvFp0Hk2XlkPDLyO1GwqeYTIpkKAPP2Ww"),
        ("EdDSA", "ImXaughy_DrvFp0Hk2XlkPDLyO1GwqeYTIpkKAPP2Ww"),
        ("Ed25519", "ImXaughy_DrvFp0Hk2XlkPDLyO1GwqeYTIpkKAPP2Ww"),
        ("ES256K", "PEaenWxYddN6Q_NT1PiOYQ"),
    ];
    with_both(|with| {
        for (alg, hash) in of_token {
            let other = hash.replace('N', "M").replace('u', "v");
            for (hash, failed) in [
                (hash, None),
                (&other, Some(name)),
                ("LPJNul-wow4m6DsqxbninQ", Some(name)),
                ("", Some(name)),
            ] {
                let mut claims = claims("ada");
                claims[name] = json!(hash);
                let token = jwt(&json!({ "alg": alg }), &claims);
                let found = verified(&token, with).err().and_then(|error| error.reason());
                assert_eq!(found, failed, "{alg} {name} {hash}");
                // A refresh has no code.
                assert!(verified(&token, &expected()).is_ok());
            }
            let mut claims = claims("ada");
            claims[name] = json!(5);
            assert_eq!(reason(verified(&jwt(&json!({ "alg": alg }), &claims), with)), name);
        }
    });
}

#[test]
fn c137_a_wrong_at_hash() {
    check_hash("at_hash");
}

#[test]
fn a_longer_hash_may_be_of_a_curve_that_has_another_hash_function() {
    with_both(|with| {
        for (alg, reason) in [("EdDSA", None), ("Ed448", None), ("Ed25519", Some("at_hash"))] {
            let mut claims = claims("ada");
            claims["at_hash"] = json!("x".repeat(76));
            let found = verified(&jwt(&json!({ "alg": alg }), &claims), with);
            assert_eq!(found.err().and_then(|error| error.reason()), reason, "{alg}");
        }
    });
}

#[test]
fn c138_without_hashes_it_is_taken() {
    with_both(|with| assert!(verified(&id_token(&claims("ada")), with).is_ok()));
}

#[test]
fn c140_a_wrong_c_hash() {
    check_hash("c_hash");
}

#[test]
fn c129_audiences_that_the_application_named_itself() {
    let api = ApiOptions::new("https://api.example/").with_target(target(Some("urn:api"), &[]));
    let named = client_options()
        .with_target(target(Some("urn:own"), &["https://own.example"]))
        .with_api(api)
        .with_trusted_audience("urn:trusted");
    let named = config(named).unwrap();
    let exchanged = |config: &Config, metadata: &ServerMetadata, claims: &serde_json::Value| -> Result<Session> {
        let answer = TokenEndpointAnswer {
            config,
            metadata,
            response: &response(200, Some(&token_body(json!({ "id_token": id_token(claims) })))),
            key: None,
            now: NOW,
            parse_json: &parse_json,
        };
        let code = AuthorizationCode::new("s3cr3t-code");
        let session = answer.session_after_code(&sign_in("openid"), &code, None, "id".to_owned());
        session.map_err(|rejected| rejected.error)
    };
    for audience in ["urn:own", "https://own.example", "urn:api", "urn:trusted"] {
        let mut claims = claims("ada");
        claims["aud"] = json!(["app", audience]);
        assert!(exchanged(&named, &metadata(), &claims).is_ok(), "{audience}");
        let error = exchanged(&client(), &metadata(), &claims).unwrap_err();
        assert_eq!(error.reason(), Some("aud"));
        assert!(error.message().contains("trustedAudiences"), "{error}");
    }
    // What the metadata says of algorithms counts, and so do the hashes.
    let only = metadata_with("id_token_signing_alg_values_supported", json!(["ES256"]));
    assert_eq!(reason(exchanged(&client(), &only, &claims("ada"))), "alg");
    for name in ["at_hash", "c_hash"] {
        let mut claims = claims("ada");
        claims[name] = json!("LPJNul-wow4m6DsqxbninQ");
        assert_eq!(reason(exchanged(&client(), &metadata(), &claims)), name);
    }
}
