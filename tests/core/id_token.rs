//! ID tokens: their form, and what their claims must say.

use crate::common::{
    CLIENT, MARK, NOW, Random, assert_no_secret, cases, claims, document, exchange, expected, id_token, jwt, reason,
    rows, session, sign_in, upgrade, vectors, verified,
};
use scopewise::core::authorize::Purpose;
use scopewise::core::document::Document;
use scopewise::core::error::Error;
use scopewise::core::id_token::{Expected, check, decode, subject};
use scopewise::core::record::Record;
use scopewise::core::step_up;
use scopewise::core::token;
use scopewise::core::transaction::{Kind, Transaction};
use serde_json::json;

/// Puts members over a document; null takes one away.
fn over(document: &mut serde_json::Value, members: &serde_json::Value) {
    for (name, member) in members.as_object().into_iter().flatten() {
        match member {
            serde_json::Value::Null => drop(document.as_object_mut().unwrap().remove(name)),
            member => document[name] = member.clone(),
        }
    }
}

fn run(case: &str) {
    for row in rows(&vectors("id_tokens"), case) {
        let (mut header, mut claims) = (json!({ "alg": "RS256", "kid": "1" }), claims("ada"));
        over(&mut header, &row["header"]);
        over(&mut claims, &row["claims"]);
        for (name, seconds) in row["times"].as_object().into_iter().flatten() {
            claims[name] = json!(NOW + seconds.as_i64().unwrap());
        }
        let expected = Expected {
            nonce: expected().nonce.filter(|_| row["noNonce"] != true),
            max_age: row["maxAge"].as_i64(),
            tolerance: row["tolerance"].as_i64().unwrap_or(60),
            ..expected()
        };
        let result = verified(&jwt(&header, &claims), &expected);
        match row["reason"].as_str() {
            Some(failed) => assert_eq!(reason(result), failed, "{row}"),
            None => assert_eq!(subject(&result.unwrap().claims).unwrap(), "ada", "{row}"),
        }
    }
}

cases! { run:
    c106_unsigned = "C106",
    c120_critical_extensions = "C120",
    c125_encrypted_or_zipped = "C125",
    c126_another_issuer = "C126",
    c128_audience_as_an_array = "C128",
    c129_another_audience = "C129",
    c130_another_authorized_party = "C130",
    c132_nonce = "C132",
    c133_expiry = "C133",
    c134_issued_at = "C134",
    c136_subject = "C136",
    c141_auth_time_with_max_age = "C141",
    c142_stale_auth_time = "C142",
}

#[test]
fn every_vector_is_run() {
    common::assert_all_run(&vectors("id_tokens"), CASES);
}

#[test]
fn c121_three_segments_none_of_them_empty() {
    let whole = id_token(&claims("ada"));
    let [header, body, signature] = whole.split('.').collect::<Vec<_>>().try_into().unwrap();
    assert!(decode(&whole).is_ok());
    for bad in [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        format!("{header}.{body}"),
        format!("{header}.{body}."),
        format!(".{body}.{signature}"),
        format!("{header}..{signature}"),
        format!("{whole}."),
        format!("{whole}.{signature}"),
        format!("{whole}.{signature}.{signature}"),
    ] {
        assert_eq!(reason(verified(&bad, &expected())), "malformed", "{bad}");
    }
}

#[test]
fn c122_base64url_to_the_letter() {
    for (header, sound) in [
        ("eyJhbGciOiJSUzI1NiJ9", true),
        ("eyJhbGciOiJSUzI1NiJ9=", false),
        ("eyJhbGciOiJSUzI1NiJ9====", false),
        ("eyJhbGciOiJSUzI1NiJ9\n", false),
        ("eyJh bGciOiJSUzI1NiJ9", false),
        ("eyJhbGciOiJSUzI1NiJ9+", false),
        ("+/+/", false),
        ("eyJhbGciOiJSUzI1NiJ9\u{e9}", false),
        // "{}" is e30; the last character's spare bits are zero, or it is another spelling.
        ("e30", true),
        ("e31", false),
        ("e3", false),
        ("e", false),
        // Not UTF-8.
        ("_w", false),
    ] {
        for token in [format!("{header}.e30.e30"), format!("e30.{header}.e30")] {
            assert_eq!(decode(&token).is_ok(), sound, "{token}");
        }
    }
    assert_eq!(reason(decode("e30.e30.e31")), "malformed");
    assert_eq!(reason(decode("e30.e30.e30=")), "malformed");
    assert_eq!(
        decode("e30.eyJzdWIiOiJhIn0.e30").unwrap(),
        ("{}".into(), r#"{"sub":"a"}"#.into())
    );
}

#[test]
fn c121_claims_that_are_no_object() {
    for claims in [json!([]), json!("x"), json!(1), json!(null)] {
        assert_eq!(reason(verified(&id_token(&claims), &expected())), "malformed");
    }
    assert_eq!(reason(verified("bm90IGpzb24.e30.e30", &expected())), "malformed");
}

#[test]
fn c124_too_large() {
    let mut large = claims("ada");
    large["x"] = json!("x".repeat(64 * 1024));
    assert_eq!(reason(verified(&id_token(&large), &expected())), "too_large");
}

#[test]
fn c136_a_subject_has_255_characters_at_the_most() {
    assert!(verified(&id_token(&claims(&"x".repeat(255))), &expected()).is_ok());
    assert_eq!(
        reason(verified(&id_token(&claims(&"x".repeat(256))), &expected())),
        "sub"
    );
}

#[test]
fn c133_extreme_times_do_not_overflow() {
    for exp in [json!(1e300), json!(i64::MAX), json!(-1e300), json!(i64::MIN)] {
        for now in [NOW, i64::MAX, i64::MIN, 0] {
            for tolerance in [0, 300] {
                let mut claims = claims("ada");
                for name in ["exp", "iat", "nbf", "auth_time"] {
                    claims[name] = exp.clone();
                }
                let expected = Expected {
                    now,
                    tolerance,
                    max_age: Some(i64::MAX),
                    ..expected()
                };
                // Any answer will do, but there must be one.
                let _ = verified(&id_token(&claims), &expected);
            }
        }
    }
}

/// A request with these demands.
fn asking(kind: Kind, acr: Option<&str>, max_age: Option<i64>) -> Transaction {
    let mut options = Record::default();
    options.some("acrValues", acr);
    options.number("maxAge", max_age);
    let purpose = Purpose {
        kind,
        ..common::purpose("openid")
    };
    common::asked(purpose, &common::members(options.fields().0))
}

/// What the driver does with a step-up's answer.
fn stepped_up(kind: Kind, acr: Option<&str>, max_age: Option<i64>, claims: &serde_json::Value) -> Result<(), Error> {
    let transaction = asking(kind, acr, max_age);
    let (header, claims) = (document(&json!({ "alg": "RS256" })).unwrap(), document(claims).unwrap());
    let checked = check(&header, &claims, &Expected { max_age, ..expected() });
    step_up::check(&transaction, &claims, checked)
}

fn assert_insufficient(failure: &Error, acr: Option<&str>, max_age: Option<i64>) {
    assert_eq!(failure.code(), "insufficient_user_authentication");
    assert_eq!(failure.detail("acrValues"), acr);
    assert_eq!(failure.detail("maxAge"), max_age.map(|age| age.to_string()).as_deref());
    common::assert_discreet(failure);
}

#[test]
fn c168_a_step_up_must_be_satisfied() {
    let mut strong = claims("ada");
    strong["acr"] = json!("gold");
    strong["auth_time"] = json!(NOW - 10);
    assert!(stepped_up(Kind::Upgrade, Some("silver gold"), Some(60), &strong).is_ok());
    let insufficient = |acr: Option<&str>, max_age: Option<i64>, claims: &serde_json::Value| {
        let failure = stepped_up(Kind::Upgrade, acr, max_age, claims).unwrap_err();
        assert_insufficient(&failure, acr, max_age);
    };
    insufficient(Some("platinum"), None, &strong);
    insufficient(Some("GOLD"), None, &strong);
    insufficient(Some("gold"), Some(60), &claims("ada"));
    insufficient(Some("gold"), None, &claims("ada"));
    insufficient(None, Some(0), &claims("ada"));
    let mut stale = strong.clone();
    stale["auth_time"] = json!(NOW - 3600);
    insufficient(Some("gold"), Some(60), &stale);
    // With a sign-in acr_values is a wish (Core 3.1.2.1), and a stale auth_time a bad ID token.
    assert!(stepped_up(Kind::SignIn, Some("platinum"), None, &claims("ada")).is_ok());
    assert_eq!(reason(stepped_up(Kind::SignIn, None, Some(60), &stale)), "auth_time");
    // Another failure stays what it is.
    let mut foreign = strong.clone();
    foreign["iss"] = json!("https://evil.example");
    assert_eq!(
        reason(stepped_up(Kind::Upgrade, Some("gold"), Some(60), &foreign)),
        "iss"
    );
}

#[test]
fn c168_without_an_id_token_no_demand_is_met() {
    let without = |kind, acr, max_age| step_up::check(&asking(kind, acr, max_age), &Document::default(), Ok(()));
    for (acr, max_age) in [
        (Some("gold"), None),
        (Some("silver gold"), None),
        (None, Some(60)),
        (None, Some(0)),
        (Some("gold"), Some(60)),
    ] {
        assert_insufficient(&without(Kind::Upgrade, acr, max_age).unwrap_err(), acr, max_age);
        // With a sign-in they are wishes.
        assert!(without(Kind::SignIn, acr, max_age).is_ok());
    }
    assert!(without(Kind::Upgrade, None, None).is_ok());
    // All the way to a session whose user nobody knows, which stays as it was.
    let before = exchange(None, &sign_in("api:read"), json!({ "scope": "api:read" })).unwrap();
    for option in [
        ("acrValues", "gold"),
        ("maxAge", "60"),
        ("params", "acr_values=gold"),
        ("params", "max_age=60"),
    ] {
        let transaction = common::upgrade_with(&before, "api:write", &[option]);
        let body = json!({ "scope": "api:read api:write" });
        assert_eq!(
            common::code(exchange(Some(&before), &transaction, body)),
            "insufficient_user_authentication",
            "{option:?}"
        );
    }
    let body = json!({ "scope": "api:read api:write" });
    assert!(exchange(Some(&before), &upgrade(&before, "api:write"), body).is_ok());
}

#[test]
fn c168_a_bad_id_token_changes_nothing() {
    let before = session("openid api:read");
    let record = before.to_record().to_owned();
    let bad = [
        ("iss", json!("https://evil.example"), "iss"),
        ("aud", json!("other"), "aud"),
        ("azp", json!("other"), "azp"),
        ("nonce", json!("x"), "nonce"),
    ];
    for (name, member, failed) in bad {
        let mut claims = claims("ada");
        claims[name] = member;
        let body = json!({ "id_token": id_token(&claims), "scope": "openid api:read api:write" });
        assert_eq!(
            reason(exchange(Some(&before), &upgrade(&before, "api:write"), body)),
            failed
        );
    }
    let transaction = common::upgrade_with(&before, "api:write", &[("maxAge", "60")]);
    let mut stale = claims("ada");
    stale["auth_time"] = json!(NOW - 3600);
    let body = json!({ "id_token": id_token(&stale) });
    let failure = exchange(Some(&before), &transaction, body).unwrap_err();
    assert_insufficient(&failure, None, Some(60));
    assert_eq!(before.to_record(), record);
}

#[test]
fn c294_an_id_token_shows_no_secret() {
    let token = verified(&id_token(&claims("ada")), &expected()).unwrap();
    assert!(token.raw.secret().starts_with("ey"));
    assert_no_secret(&format!("{token:?}"));
    assert_no_secret(&format!(
        "{:?}",
        exchange(
            None,
            &sign_in("openid"),
            json!({ "id_token": id_token(&claims("ada")) })
        )
        .unwrap()
    ));
}

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
    for _ in 0..10_000 {
        let (one, other) = (random_json(&mut random, 3), random_json(&mut random, 3));
        let (Some(a), Some(b)) = (document(&one), document(&other)) else {
            continue;
        };
        let failures = [
            check(&a, &b, &expected()).err(),
            token::response(&common::answer(200, Some(&one))).err(),
            token::response(&common::answer(400, Some(&one))).err(),
            scopewise::core::metadata::Metadata::parse(a.clone()).err(),
            step_up::check(&sign_in("openid"), &b, Ok(())).err(),
        ];
        for failure in failures.into_iter().flatten() {
            assert!(!format!("{failure:?}").contains(MARK), "{failure:?}");
        }
    }
    assert_eq!(CLIENT, expected().client_id);
}
