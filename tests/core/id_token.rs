//! ID tokens: their form, and what their claims must say.

use scopewise::core::authorize::step_up;
use scopewise::core::authorize::{AuthorizeOptions, PendingRequest, RequestIntent, RequestKind as Kind};
use scopewise::core::demands::{Authentication, MaxAge};
use scopewise::core::error::{Error, Result};
use scopewise::core::secret::RawIdToken;
use scopewise::core::token::{Expected, IdToken};
use serde_json::json;

use crate::common::{
    self, NOW, asked, assert_discreet, assert_no_secret, base64url, cases, claims, code, exchange, expected, id_token,
    intent, jwt, options_with, parse_json, reason, rows, session, sign_in, stringify, upgrade, upgrade_with, vectors,
    verified,
};

fn decode(raw: &str) -> Result<IdToken> {
    IdToken::decode(RawIdToken::new(raw), &parse_json)
}

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
        let texts = |name: &str| -> Option<Vec<String>> { serde_json::from_value(row[name].clone()).ok() };
        let (algorithms, audiences) = (texts("algorithms"), texts("audiences").unwrap_or_default());
        let audiences: Vec<&str> = audiences.iter().map(String::as_str).collect();
        let expected = Expected {
            audiences: &audiences,
            algorithms: algorithms.as_deref(),
            nonce: expected().nonce.filter(|_| row["noNonce"] != true),
            max_age: row["maxAge"].as_i64().map(|seconds| MaxAge {
                seconds,
                asked_at: NOW + row["asked"].as_i64().unwrap_or_default(),
            }),
            tolerance: row["tolerance"].as_i64().unwrap_or(60),
            ..expected()
        };
        let result = verified(&jwt(&header, &claims), &expected);
        match row["reason"].as_str() {
            Some(failed) => assert_eq!(reason(result), failed, "{row}"),
            None => assert_eq!(result.unwrap().claims.subject().unwrap(), "ada", "{row}"),
        }
    }
}

cases! { run:
    c106_unsigned = "C106",
    c108_an_algorithm_that_the_server_does_not_list = "C108",
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
    let token = decode("e30.eyJzdWIiOiJhIn0.e30").unwrap();
    assert_eq!(Some(token.claims.as_value()), parse_json(r#"{"sub":"a"}"#).as_ref());
    assert_eq!(token.raw.secret(), "e30.eyJzdWIiOiJhIn0.e30");
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
    let mut many = claims("ada");
    for index in 0..10_000 {
        many[format!("x{index}")] = json!(index);
    }
    for claims in [large, many] {
        assert_eq!(reason(verified(&id_token(&claims), &expected())), "too_large");
    }
}

#[test]
fn c125_an_encrypted_token_has_five_segments() {
    let header = json!({ "alg": "RSA-OAEP", "enc": "A256GCM" });
    let [header, key] = [base64url(&header.to_string()), base64url("key")];
    let encrypted = [header.as_str(), &key, &key, &key, &key].join(".");
    assert_eq!(reason(verified(&encrypted, &expected())), "malformed");
}

#[test]
fn c145_claims_are_inert_data() {
    let mut claims = claims("ada");
    claims["name"] = json!("<img src=x onerror=alert(1)>");
    claims["address"] = json!({ "__proto__": { "isAdmin": true }, "constructor": "x" });
    claims["__proto__"] = json!({ "isAdmin": true });
    let token = verified(&id_token(&claims), &expected()).unwrap();
    let read = token.claims.as_value();
    assert_eq!(read.text("name"), Some("<img src=x onerror=alert(1)>"));
    assert_eq!((read.get("__proto__"), read.get("isAdmin")), (None, None));
    let address = read.get("address").unwrap();
    assert_eq!(
        (address.get("__proto__"), address.text("constructor")),
        (None, Some("x"))
    );
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
fn types_are_checked_before_the_header_and_that_before_what_claims_say() {
    let unsigned = json!({ "alg": "none" });
    let mut claims = claims("ada");
    claims["iss"] = json!("https://evil.example");
    assert_eq!(reason(verified(&jwt(&unsigned, &claims), &expected())), "alg");
    claims["nonce"] = json!(5);
    assert_eq!(reason(verified(&jwt(&unsigned, &claims), &expected())), "nonce");
    claims["aud"] = json!([]);
    assert_eq!(reason(verified(&jwt(&unsigned, &claims), &expected())), "aud");
}

#[test]
fn null_is_nothing_in_a_header_and_in_claims() {
    let mut claims = claims("ada");
    claims["azp"] = json!(null);
    claims["nbf"] = json!(null);
    claims["email"] = json!(null);
    let header = json!({ "alg": "RS256", "crit": null, "enc": null, "zip": null, "kid": null });
    assert!(verified(&jwt(&header, &claims), &expected()).is_ok());
    assert_eq!(
        reason(verified(&jwt(&json!({ "alg": null }), &claims), &expected())),
        "alg"
    );
    for (name, failed) in [("nonce", "nonce"), ("exp", "exp"), ("sub", "sub")] {
        let mut claims = claims.clone();
        claims[name] = json!(null);
        assert_eq!(reason(verified(&id_token(&claims), &expected())), failed);
    }
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
                    max_age: Some(MaxAge {
                        seconds: i64::MAX,
                        asked_at: now,
                    }),
                    ..expected()
                };
                // Any answer will do, but there must be one.
                let _ = verified(&id_token(&claims), &expected);
            }
        }
    }
}

/// A request with these demands.
fn asking(kind: Kind, acr: Option<&str>, max_age: Option<i64>) -> PendingRequest {
    let options = options_with(|options| {
        options.acr_values = acr.map(str::to_owned);
        options.max_age = max_age;
    });
    let intent = RequestIntent {
        kind,
        ..intent("openid")
    };
    asked(intent, &options)
}

/// What the client does with the ID token of a step-up.
fn stepped_up(kind: Kind, acr: Option<&str>, max_age: Option<i64>, claims: &serde_json::Value) -> Result<()> {
    let token = decode(&id_token(claims)).unwrap();
    let request = asking(kind, acr, max_age);
    let checked = token.check(&Expected {
        max_age: request.max_age(),
        ..expected()
    });
    step_up::check(&request, token.claims.authentication(), checked)
}

fn assert_insufficient(failure: &Error, acr: Option<&str>, max_age: Option<i64>) {
    assert_eq!(failure.code(), "insufficient_user_authentication");
    let details = failure.challenge().unwrap();
    assert_eq!(
        (details.demands.acr_values.as_deref(), details.demands.max_age),
        (acr, max_age)
    );
    assert_discreet(failure);
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
    let mut recent = strong.clone();
    recent["auth_time"] = json!(NOW - 1);
    insufficient(None, Some(0), &recent);
    // With a sign-in acr_values is a wish (Core 3.1.2.1), and a stale auth_time a bad ID token.
    assert!(stepped_up(Kind::SignIn, Some("platinum"), None, &claims("ada")).is_ok());
    assert_eq!(reason(stepped_up(Kind::SignIn, None, Some(60), &stale)), "auth_time");
    let mut odd = strong.clone();
    odd["auth_time"] = json!("yesterday");
    insufficient(None, Some(60), &odd);
    // Another failure stays what it is, and so does this one where nothing was asked of it.
    assert_eq!(reason(stepped_up(Kind::Upgrade, Some("gold"), None, &odd)), "auth_time");
    let mut foreign = strong.clone();
    foreign["iss"] = json!("https://evil.example");
    assert_eq!(
        reason(stepped_up(Kind::Upgrade, Some("gold"), Some(60), &foreign)),
        "iss"
    );
}

#[test]
fn c168_without_an_id_token_no_demand_is_met() {
    let without = |kind, acr, max_age| step_up::check(&asking(kind, acr, max_age), Authentication::default(), Ok(()));
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
    // A parameter without a value is as good as none (RFC 6749 §3.1).
    assert!(without(Kind::Upgrade, Some(""), None).is_ok() && without(Kind::Upgrade, Some(" "), None).is_ok());
    // All the way to a session whose user nobody knows, which stays as it was.
    let before = exchange(None, &sign_in("api:read"), json!({ "scope": "api:read" })).unwrap();
    let demands: [fn(&mut AuthorizeOptions); 4] = [
        |options| options.acr_values = Some("gold".to_owned()),
        |options| options.max_age = Some(60),
        |options| options.params.push("acr_values", "gold"),
        |options| options.params.push("max_age", "60"),
    ];
    for demand in demands {
        let request = upgrade_with(&before, "api:write", &options_with(demand));
        let body = json!({ "scope": "api:read api:write" });
        assert_eq!(
            code(exchange(Some(&before), &request, body)),
            "insufficient_user_authentication"
        );
    }
    let body = json!({ "scope": "api:read api:write" });
    assert!(exchange(Some(&before), &upgrade(&before, "api:write"), body).is_ok());
}

#[test]
fn c168_a_bad_id_token_changes_nothing() {
    let before = session("openid api:read");
    let record = stringify(&before.to_value());
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
    let request = upgrade_with(
        &before,
        "api:write",
        &options_with(|options| options.max_age = Some(60)),
    );
    let mut stale = claims("ada");
    stale["auth_time"] = json!(NOW - 3600);
    let body = json!({ "id_token": id_token(&stale) });
    let failure = exchange(Some(&before), &request, body).unwrap_err();
    assert_insufficient(&failure, None, Some(60));
    assert_eq!(stringify(&before.to_value()), record);
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
