//! The issuer's keys, and which of them is a token's.

use scopewise::core::error::Error;
use scopewise::core::http::Response;
use scopewise::core::jwt::Unverified;
use scopewise::core::secret::RawIdToken;
use scopewise::core::token::{IdToken, Jwks};
use serde_json::{Value as Json, json};

use crate::common::{self, base64url, parse_json};
use crate::input::{Input, check_error, check_secrets, secrets};

/// The token's header, and the answer with the keys.
pub(crate) fn target(data: &[u8]) {
    let input = Input::new(data);
    let (header, keys) = input.two();
    let body = common::parse_json(keys);
    let json: Json = serde_json::from_str(keys).unwrap_or_default();
    let parsed = body.clone().unwrap_or_default();
    let secrets = secrets(&parsed, &["d", "p", "q", "k"]);
    let jwks = match Jwks::response(&Response::new(200, body)) {
        Ok(jwks) => jwks,
        Err(error) => return check_error(&error, secrets),
    };
    for length in [64, 96, 132] {
        let raw = [
            header.to_owned(),
            json!({ "sub": "ada" }).to_string(),
            "s".repeat(length),
        ]
        .map(|part| base64url(&part))
        .join(".");
        let Ok(token) = IdToken::decode(RawIdToken::new(raw), &parse_json) else {
            return;
        };
        let Ok(signed) = token.signed_part(None) else { continue };
        let kid = signed.kid;
        match jwks.key_for(&signed) {
            Ok(key) => {
                let key = serde_json::to_value(key.as_value()).unwrap();
                check_secrets(&key.to_string(), secrets.iter().copied());
                assert!(key.get("d").is_none() && key.get("k").is_none());
                fits(&json, &key, kid);
            }
            Err(failure) => {
                let is_named = failure == Unverified::SeveralKeys && kid.is_none();
                assert!(failure == Unverified::NoKey || failure == Unverified::SeveralKeys || is_named);
                check_error(&Error::IdTokenInvalid(failure.into()), []);
            }
        }
    }
}

/// A key is one of those that are there, and the one that the token names.
fn fits(jwks: &Json, key: &Json, kid: Option<&str>) {
    let is_part = |whole: &Json| {
        key.as_object()
            .unwrap()
            .iter()
            .all(|(name, value)| whole.get(name) == Some(value))
    };
    let mut candidates = jwks["keys"].as_array().unwrap().iter().filter(|whole| is_part(whole));
    assert!(candidates.any(|whole| kid.is_none() || whole["kid"].as_str() == kid));
}
