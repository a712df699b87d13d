//! Which key of an issuer's an ID token is checked with, and what of it is signed.

use scopewise::core::error::Endpoint;
use scopewise::core::error::{Error, Result};
use scopewise::core::http::TransportError;
use scopewise::core::jwt::{SignatureScheme, SignedToken, Unverified};
use scopewise::core::secret::RawIdToken;
use scopewise::core::token::{IdToken, Jwk, Jwks};
use serde_json::{Value as Json, json};

use crate::common::{base64url, claims, code, jwt, metadata_with, parse_json, reason, response, stringify};

/// 2,048 bits.
fn modulus() -> String {
    "w".repeat(342)
}

fn rsa() -> Json {
    json!({ "kty": "RSA", "kid": "1", "n": modulus(), "e": "AQAB" })
}

fn ec(curve: &str) -> Json {
    json!({ "kty": "EC", "kid": "1", "crv": curve, "x": "eA", "y": "eQ" })
}

fn okp(curve: &str) -> Json {
    json!({ "kty": "OKP", "kid": "1", "crv": curve, "x": "eA" })
}

fn with(mut key: Json, name: &str, member: Json) -> Json {
    key[name] = member;
    key
}

/// A token with this header, and a signature of so many bytes.
fn token(header: &Json, length: usize) -> IdToken {
    let text = jwt(header, &claims("ada"));
    let (data, _) = text.rsplit_once('.').unwrap();
    let raw = [data, &base64url(&"s".repeat(length))].join(".");
    IdToken::decode(RawIdToken::new(raw), &parse_json).unwrap()
}

/// Bytes of a signature.
fn length_of(alg: &str) -> usize {
    match alg {
        "ES256" | "EdDSA" | "Ed25519" => 64,
        "ES384" => 96,
        "ES512" => 132,
        _ => 256,
    }
}

fn set(keys: &Json) -> Jwks {
    Jwks::response(&response(200, Some(&json!({ "keys": keys })))).unwrap()
}

/// What a token with this header is checked with.
fn selected(keys: &Json, header: &Json) -> Result<Jwk, Unverified> {
    let token = token(header, length_of(header["alg"].as_str().unwrap()));
    let signed: SignedToken<'_> = token.signed_part(None).unwrap();
    set(keys).key_for(&signed)
}

#[test]
fn c109_every_algorithm_has_its_keys() {
    for (algorithms, key) in [
        (vec!["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"], rsa()),
        (vec!["ES256"], ec("P-256")),
        (vec!["ES384"], ec("P-384")),
        (vec!["ES512"], ec("P-521")),
        (vec!["EdDSA", "Ed25519"], okp("Ed25519")),
    ] {
        for alg in algorithms {
            for header in [json!({ "alg": alg, "kid": "1" }), json!({ "alg": alg, "kid": null })] {
                let keys = json!([
                    rsa(),
                    ec("P-256"),
                    ec("P-384"),
                    ec("P-521"),
                    okp("Ed25519"),
                    okp("X25519")
                ]);
                let found = selected(&keys, &header).unwrap();
                assert_eq!(found.as_value().text("kty"), key["kty"].as_str(), "{alg}");
                assert_eq!(found.as_value().text("crv"), key["crv"].as_str(), "{alg}");
            }
        }
    }
}

#[test]
fn only_what_makes_up_a_key_goes_on() {
    let key = with(with(ec("P-256"), "ext", json!(true)), "x5c", json!(["MII"]));
    let found = selected(&json!([key]), &json!({ "alg": "ES256", "kid": "1" })).unwrap();
    assert_eq!(
        stringify(found.as_value()),
        r#"{"kty":"EC","crv":"P-256","x":"eA","y":"eQ"}"#
    );
    let found = selected(&json!([with(rsa(), "use", json!("sig"))]), &json!({ "alg": "PS256" })).unwrap();
    let expected = json!({ "kty": "RSA", "n": modulus(), "e": "AQAB" });
    assert_eq!(stringify(found.as_value()), expected.to_string());
}

#[test]
fn c112_the_key_is_the_one_with_the_name() {
    let two = with(with(ec("P-256"), "kid", json!("2")), "x", json!("dHdv"));
    let keys = json!([ec("P-256"), two]);
    let found = selected(&keys, &json!({ "alg": "ES256", "kid": "2" })).unwrap();
    assert_eq!(found.as_value().text("x"), Some("dHdv"));
    for kid in ["3", "", "1 "] {
        let unknown = selected(&keys, &json!({ "alg": "ES256", "kid": kid }));
        assert_eq!(unknown, Err(Unverified::NoKey), "{kid:?}");
    }
    // A key without a name is not the one that is named.
    let nameless = json!([
        with(ec("P-256"), "kid", json!(null)),
        with(ec("P-256"), "kid", json!(1))
    ]);
    let header = json!({ "alg": "ES256", "kid": "1" });
    assert_eq!(selected(&nameless, &header), Err(Unverified::NoKey));
}

#[test]
fn c116_several_keys_are_none() {
    let two = with(with(ec("P-256"), "kid", json!("2")), "x", json!("dHdv"));
    let keys = json!([ec("P-256"), two]);
    assert_eq!(
        selected(&keys, &json!({ "alg": "ES256" })),
        Err(Unverified::SeveralKeys)
    );
    // Those of other algorithms are no choice.
    let keys = json!([ec("P-256"), rsa(), ec("P-384")]);
    assert!(selected(&keys, &json!({ "alg": "ES256" })).is_ok());
    // Nor is one that is listed twice, for two uses, say.
    let listed = json!([
        ec("P-256"),
        with(ec("P-256"), "use", json!("sig")),
        with(ec("P-256"), "use", json!("enc"))
    ]);
    for kid in [json!("1"), json!(null)] {
        assert!(selected(&listed, &json!({ "alg": "ES256", "kid": kid })).is_ok());
    }
    // And a name that two have is no name.
    let twice = json!([ec("P-256"), with(ec("P-256"), "x", json!("dHdv"))]);
    let header = json!({ "alg": "ES256", "kid": "1" });
    assert_eq!(selected(&twice, &header), Err(Unverified::SeveralKeys));
}

#[test]
fn a_key_that_the_token_brings_along_is_none() {
    let header = json!({
        "alg": "ES256", "kid": "1", "jwk": with(ec("P-256"), "x", json!("ZXZl")), "jku": "https://evil.example/jwks",
        "x5u": "https://evil.example/certificate", "x5c": ["MII"], "x5t": "ZXZl",
    });
    let found = selected(&json!([ec("P-256")]), &header).unwrap();
    assert_eq!(found.as_value().text("x"), Some("eA"));
    assert_eq!(selected(&json!([]), &header), Err(Unverified::NoKey));
}

/// Whether a key is one to check a token with that is signed with ES256.
fn of_es256(key: &Json) -> Result<Jwk, Unverified> {
    selected(&json!([key]), &json!({ "alg": "ES256", "kid": "1" }))
}

#[test]
fn c117_private_and_shared_keys_are_none() {
    for key in [
        with(ec("P-256"), "d", json!("ZA")),
        with(ec("P-256"), "d", json!("")),
        with(ec("P-256"), "d", json!(5)),
        with(ec("P-256"), "kty", json!("oct")),
        json!({ "kty": "oct", "kid": "1", "k": "c2VjcmV0" }),
    ] {
        assert_eq!(of_es256(&key), Err(Unverified::NoKey), "{key}");
    }
    let private = json!([with(rsa(), "d", json!("ZA"))]);
    let rs256 = json!({ "alg": "RS256", "kid": "1" });
    assert_eq!(selected(&private, &rs256), Err(Unverified::NoKey));
    // One of another kind beside it does no harm.
    let both = json!([{ "kty": "oct", "kid": "1", "k": "c2VjcmV0" }, null, rsa()]);
    assert!(selected(&both, &rs256).is_ok());
}

#[test]
fn c118_keys_that_are_not_for_this() {
    let key = || ec("P-256");
    for fitting in [
        key(),
        with(key(), "use", json!("sig")),
        with(key(), "use", json!(null)),
        with(key(), "key_ops", json!(["verify"])),
        with(key(), "key_ops", json!(["encrypt", "verify"])),
        with(key(), "alg", json!("ES256")),
        with(key(), "alg", json!(null)),
    ] {
        assert!(of_es256(&fitting).is_ok(), "{fitting}");
    }
    for other in [
        with(key(), "use", json!("enc")),
        with(key(), "use", json!(["sig"])),
        with(key(), "key_ops", json!([])),
        with(key(), "key_ops", json!(["sign"])),
        with(key(), "key_ops", json!("verify")),
        with(key(), "alg", json!("ES384")),
        with(key(), "alg", json!("ECDH-ES")),
        with(key(), "alg", json!(5)),
        with(key(), "crv", json!("P-384")),
        with(key(), "crv", json!("P-256K")),
        with(key(), "crv", json!(null)),
        with(key(), "kty", json!("ec")),
        with(key(), "x", json!(null)),
        with(key(), "y", json!(5)),
        json!("key"),
        json!(null),
        json!([]),
    ] {
        assert_eq!(of_es256(&other), Err(Unverified::NoKey), "{other}");
    }
}

#[test]
fn a_short_rsa_key_is_none_and_neither_is_an_endless_one() {
    let rs256 = json!({ "alg": "RS256", "kid": "1" });
    for (length, fits) in [
        (0, false),
        (171, false),
        (341, false),
        (342, true),
        (2731, true),
        (2732, false),
    ] {
        let key = with(rsa(), "n", json!("w".repeat(length)));
        assert_eq!(selected(&json!([key]), &rs256).is_ok(), fits, "{length}");
    }
}

#[test]
fn c106_c120_c125_a_header_that_is_not_sound() {
    for (header, failed) in [
        (json!({ "alg": "none" }), "alg"),
        (json!({ "alg": "None" }), "alg"),
        (json!({ "alg": "HS256", "kid": "1" }), "alg"),
        (json!({ "kid": "1" }), "alg"),
        // Those have public keys, and no browser has them.
        (json!({ "alg": "ES256K" }), "alg"),
        (json!({ "alg": "Ed448" }), "alg"),
        (json!({ "alg": "ML-DSA-44" }), "alg"),
        (json!({ "alg": "RSA-OAEP" }), "alg"),
        (json!({ "alg": "RS256", "crit": ["b64"] }), "crit"),
        (json!({ "alg": "RS256", "zip": "DEF" }), "malformed"),
        (json!({ "alg": "RS256", "kid": 5 }), "malformed"),
        (json!({ "alg": "RS256", "kid": ["1"] }), "malformed"),
    ] {
        assert_eq!(reason(token(&header, 64).signed_part(None)), failed, "{header}");
    }
    let listed = ["ES256".to_owned()];
    let token = token(&json!({ "alg": "RS256" }), 256);
    assert_eq!(reason(token.signed_part(Some(&listed))), "alg");
}

#[test]
fn c110_a_signature_that_is_not_as_long_as_it_must_be() {
    for (alg, lengths) in [
        ("ES256", [63, 65, 70, 96]),
        ("ES384", [64, 95, 97, 104]),
        ("ES512", [128, 131, 133, 139]),
        ("EdDSA", [1, 63, 65, 114]),
    ] {
        for length in lengths {
            assert_eq!(
                reason(token(&json!({ "alg": alg }), length).signed_part(None)),
                "signature",
                "{alg} {length}"
            );
        }
    }
}

#[test]
fn what_is_signed_is_what_came() {
    let token = token(&json!({ "alg": "PS384", "kid": "k" }), 256);
    let signed = token.signed_part(None).unwrap();
    assert_eq!(
        format!("{}.{}", signed.data, base64url(&"s".repeat(256))),
        token.raw.secret()
    );
    assert_eq!(
        (signed.kid, signed.signature),
        (Some("k"), "s".repeat(256).into_bytes())
    );
    let algorithm = signed.algorithm;
    assert_eq!((algorithm.name, algorithm.scheme), ("PS384", SignatureScheme::RsaPss));
    assert_eq!((algorithm.hash_bits, algorithm.curve), (384, None));
}

#[test]
fn only_an_unknown_key_is_worth_another_look() {
    let named = token(&json!({ "alg": "ES256", "kid": "1" }), 64);
    let nameless = token(&json!({ "alg": "ES256" }), 64);
    let [named, nameless] = [&named, &nameless].map(|token| token.signed_part(None).unwrap());
    for (failure, name, with_name, without) in [
        (Unverified::NoKey, "key", true, true),
        (Unverified::SeveralKeys, "key", false, false),
        (Unverified::KeyRefused, "key", false, false),
        (Unverified::Signature, "signature", false, true),
    ] {
        assert_eq!(failure.may_pass_with_new_keys(&named), with_name);
        assert_eq!(failure.may_pass_with_new_keys(&nameless), without);
        assert_eq!(reason::<()>(Err(Error::IdTokenInvalid(failure.into()))), name);
    }
}

#[test]
fn an_answer_that_is_no_set_of_keys() {
    let read = |status, json: Option<&Json>| Jwks::response(&response(status, json));
    for bad in [
        json!({}),
        json!({ "keys": null }),
        json!({ "keys": {} }),
        json!({ "keys": "x" }),
        json!([]),
    ] {
        assert_eq!(code(read(200, Some(&bad))), "metadata_invalid", "{bad}");
    }
    assert_eq!(code(read(200, None)), "metadata_invalid");
    let error = read(503, None).unwrap_err();
    assert_eq!((error.code(), error.is_retryable()), ("http", true));
    assert!(read(200, Some(&json!({ "keys": [], "more": 1 }))).is_ok());
}

#[test]
fn every_failure_names_the_place() {
    let failures: [Error; 4] = [
        Jwks::response(&response(404, None)).unwrap_err(),
        Jwks::response(&response(200, None)).unwrap_err(),
        TransportError::Lost.of_repeatable(Endpoint::Jwks),
        TransportError::Timeout.of_repeatable(Endpoint::Jwks),
    ];
    for error in failures {
        assert!(error.message().contains("jwks_uri"), "{error}");
    }
}

#[test]
fn c101_c102_where_the_keys_are() {
    let uri = "https://id.example/keys?of=app";
    let request = Jwks::request(&metadata_with("jwks_uri", json!(uri))).unwrap();
    assert_eq!((request.url.as_str(), request.form, request.token), (uri, None, None));
    // Some servers answer 406 to whoever does not name this type (RFC 7517 §8.5.2), others to who does not name JSON.
    assert_eq!(request.accept, "application/json, application/jwk-set+json");
    assert_eq!(
        code(Jwks::request(&metadata_with("jwks_uri", json!(null)))),
        "metadata_invalid"
    );
}
