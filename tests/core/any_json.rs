//! Any JSON where an answer of the server is expected.

use scopewise::core::authorize::Transaction;
use scopewise::core::authorize::step_up;
use scopewise::core::demands::Authentication;
use scopewise::core::reader::Reader;
use scopewise::core::server::{ServerMetadata, user_info};
use scopewise::core::session::StoredSession;
use scopewise::core::token::{Claims, TokenResponse};
use serde_json::json;

use crate::common::{MARK, NOW, Random, expected, jwt, response, set, sign_in, value, verified};

/// Any JSON, not too deep.
fn random_json(random: &mut Random, depth: usize) -> serde_json::Value {
    match random.below(if depth == 0 { 6 } else { 8 }) {
        0 => json!(null),
        1 => json!(random.below(2) == 0),
        2 => json!(random.next() as i64),
        3 => json!(f64::from(random.next() as u32) / 7.0),
        4 => json!(random.pick(&[
            "",
            "app",
            "ada",
            "RS256",
            "https://id.example",
            "openid",
            "Bearer",
            "\u{0}",
            "\u{202e}"
        ])),
        5 => json!(NOW + (random.next() % 1000) as i64 - 500),
        6 => (0..random.below(4)).map(|_| random_json(random, depth - 1)).collect(),
        _ => {
            let names = [
                "alg",
                "crit",
                "iss",
                "aud",
                "azp",
                "exp",
                "iat",
                "sub",
                "nonce",
                "acr",
                "auth_time",
                "error",
                "access_token",
                "token_type",
                "expires_in",
                "scope",
                "refresh_token",
                "issuer",
                "authorization_endpoint",
                "__proto__",
            ];
            let mut object = json!({});
            for _ in 0..random.below(12) {
                object[random.pick(&names)] = random_json(random, depth - 1);
                // What must not be told stands where it belongs.
                object[random.pick(&["access_token", "refresh_token", "id_token", "nonce", "x"])] = json!(MARK);
            }
            object
        }
    }
}

#[test]
fn no_json_makes_a_parser_panic_or_leak() {
    let mut random = Random(0x715);
    let mut objects = 0;
    for _ in 0..10_000 {
        let (one, other) = (random_json(&mut random, 3), random_json(&mut random, 3));
        let (a, b) = (value(&one), value(&other));
        // Any answer will do, but there must be one.
        let _ = (StoredSession::from_value(Some(&a)), Transaction::from_value(&a));
        objects += usize::from(Reader::new(&a).is_some() && Reader::new(&b).is_some());
        let authentication = Claims::new(b.clone());
        let authentication = authentication
            .as_ref()
            .map_or(Authentication::default(), Claims::authentication);
        let failures = [
            verified(&jwt(&one, &other), &expected()).err(),
            TokenResponse::parse(&response(200, Some(&one))).err(),
            TokenResponse::parse(&response(400, Some(&one))).err(),
            user_info::response(response(200, Some(&one)), Some("ada"), &set("openid")).err(),
            ServerMetadata::parse(&a).err(),
            step_up::check(&sign_in("openid"), authentication, Ok(())).err(),
        ];
        for failure in failures.into_iter().flatten() {
            assert!(!format!("{failure:?}").contains(MARK), "{failure:?}");
        }
        assert!(!format!("{a:?} {b:?}").contains(MARK));
    }
    assert!(objects > 100, "too few objects: {objects}");
}
