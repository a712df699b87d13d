//! Proofs of possession (RFC 9449), and the tokens that need them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use scopewise::core::dpop::{self, Nonces, Proof, PublicKey};
use scopewise::core::resource::{Challenge, ChallengeKind};
use scopewise::core::secret::AccessToken;
use scopewise::core::session::{Event, Session, TokenEndpointAnswer};
use scopewise::core::target::Target;
use scopewise::core::token::{TokenResponse, TokenType};
use serde_json::{Value as Json, json};

use crate::common::{NOW, client, metadata, parse_json, response, session, stored, stringify, token_body};

fn key() -> PublicKey {
    PublicKey::new(
        "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
        "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA",
    )
}

fn proof(url: &str) -> Proof<'_> {
    Proof {
        method: "GET",
        url,
        access_token: None,
        nonce: None,
        id: "random",
        issued_at: NOW,
    }
}

/// Header and claims.
fn read(input: &str) -> [Json; 2] {
    let (header, claims) = input.split_once('.').unwrap();
    [header, claims].map(|part| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap())
}

fn claims(proof: &Proof<'_>) -> Json {
    let [_, claims] = read(&proof.signing_input(&key(), &stringify));
    claims
}

#[test]
fn a_proof_names_its_key_and_its_request_and_nothing_else() {
    let [header, claims] = read(&proof("https://api.example/rooms").signing_input(&key(), &stringify));
    let jwk =
        json!({ "kty": "EC", "crv": "P-256", "x": key().x(), "y": "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA" });
    assert_eq!(header, json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": jwk }));
    let expected = json!({ "jti": "random", "htm": "GET", "htu": "https://api.example/rooms", "iat": NOW });
    assert_eq!(claims, expected);
    assert_eq!(dpop::signed("a.b", &[0xff, 0xef]), "a.b._-8");
}

#[test]
fn a_method_is_spelled_as_fetch_sends_it() {
    for (given, sent) in [
        ("get", "GET"),
        ("Delete", "DELETE"),
        ("POST", "POST"),
        ("patch", "patch"),
        ("x", "x"),
    ] {
        assert_eq!(dpop::method(given), sent);
    }
}

#[test]
fn c242_htu_has_neither_query_nor_fragment() {
    for url in [
        "https://api.example/rooms?a=1",
        "https://api.example/rooms#x?y",
        "https://api.example/rooms?#",
    ] {
        assert_eq!(claims(&proof(url))["htu"], "https://api.example/rooms", "{url}");
    }
}

/// The access token of RFC 9449 §7.1, and its hash there.
#[test]
fn c244_a_proof_for_a_resource_has_the_hash_of_its_token() {
    let token = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
    let with_token = Proof {
        access_token: Some(token),
        ..proof("https://resource.example.org/protectedresource")
    };
    assert_eq!(
        claims(&with_token)["ath"],
        "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"
    );
    assert_eq!(claims(&proof("https://id.example/token")).get("ath"), None);
}

#[test]
fn c240_nonces_are_kept_by_origin_and_the_latest_counts() {
    let mut nonces = Nonces::default();
    nonces.note("https://id.example/token", Some("one"));
    nonces.note("https://api.example/rooms", Some("two"));
    nonces.note("https://id.example/par?x", Some("three"));
    nonces.note("https://id.example/par", None);
    assert_eq!(nonces.get("https://id.example/userinfo"), Some("three"));
    assert_eq!(nonces.get("https://api.example/"), Some("two"));
    assert_eq!(nonces.get("https://api.example:8443/"), None);
    let with_nonce = Proof {
        nonce: nonces.get("https://api.example/"),
        ..proof("https://api.example/")
    };
    assert_eq!(claims(&with_nonce)["nonce"], "two");
}

#[test]
fn c241_what_is_no_nonce_changes_nothing() {
    let url = "https://id.example/token";
    let mut nonces = Nonces::default();
    nonces.note(url, Some("good"));
    let long = "a".repeat(1 << 20);
    for hostile in [
        "", " ", "a b", "a\nb", "a\"b", "a\\b", "\u{e9}", "a\u{0}", "a\u{7f}", &long,
    ] {
        nonces.note(url, Some(hostile));
        assert_eq!(nonces.get(url), Some("good"));
    }
    let all: String = ('!'..='~').filter(|c| !matches!(c, '"' | '\\')).collect();
    nonces.note(url, Some(&all));
    assert_eq!(nonces.get(url), Some(all.as_str()));
}

#[test]
fn c074_the_type_of_a_bound_token_is_read_in_any_case() {
    for name in ["DPoP", "DPOP", "dpop"] {
        let answer = response(200, Some(&token_body(json!({ "token_type": name }))));
        let parsed = TokenResponse::parse_bound(&answer, Some(&key())).unwrap();
        assert_eq!(parsed.token_type, TokenType::Dpop);
        assert_eq!(parsed.access_token.key(), Some(&key()));
        assert!(parsed.access_token.authorization().starts_with("DPoP "));
    }
}

#[test]
fn c073_a_token_is_bound_to_the_key_that_was_proven_or_is_not_taken() {
    let parse = |name: &str, key: Option<&PublicKey>| {
        let answer = response(200, Some(&token_body(json!({ "token_type": name }))));
        TokenResponse::parse_bound(&answer, key)
    };
    for refused in [
        parse("Bearer", Some(&key())),
        parse("DPoP", None),
        parse("mac", Some(&key())),
    ] {
        assert_eq!(refused.unwrap_err().code(), "token_type_unsupported");
    }
    let bearer = parse("bearer", None).unwrap().access_token;
    assert_eq!(bearer.key(), None);
    assert!(bearer.authorization().starts_with("Bearer "));
}

/// The session after a refresh that bound its token.
fn bound_session() -> Session {
    let config = client();
    let answer = TokenEndpointAnswer {
        config: &config,
        metadata: &metadata(),
        response: &response(200, Some(&token_body(json!({ "token_type": "DPoP" })))),
        key: Some(&key()),
        now: NOW,
        parse_json: &parse_json,
    };
    let before = session("openid api:read");
    answer.session_after_refresh(&Target::default(), &before).unwrap()
}

#[test]
fn a_bound_token_is_stored_with_its_key() {
    let session = bound_session();
    assert!(session.is_bound());
    assert_eq!(stored(&session), session);
    assert_eq!(session.grants()[0].access_token().key(), Some(&key()));
}

#[test]
fn c212_without_its_key_a_grant_has_ended() {
    let session = bound_session();
    let lost = |key: &PublicKey| Session::apply(Some(&session), Event::KeyLost { key, now: NOW }).unwrap();
    assert_eq!(lost(&PublicKey::new("other", "key")), session, "it is another one's");
    let after = lost(&key());
    let grant = &after.grants()[0];
    assert!(!grant.is_usable(NOW));
    assert_eq!(grant.refresh_token(), None);
    assert_eq!((after.subject(), after.id()), (session.subject(), session.id()));
    assert_eq!(stored(&after), after);
}

#[test]
fn c238_an_api_says_that_it_wants_its_nonce() {
    let kind = |status, header: &str| Challenge::parse(status, header).kind;
    let header = r#"Bearer, DPoP error="use_dpop_nonce", algs="ES256""#;
    assert_eq!(kind(401, header), ChallengeKind::UseDpopNonce);
    assert_eq!(kind(403, header), ChallengeKind::Nothing);
    assert_eq!(kind(401, r#"DPoP error="invalid_token""#), ChallengeKind::InvalidToken);
}

#[test]
fn tokens_are_equal_only_with_the_same_key() {
    let bare = AccessToken::new("a");
    assert_ne!(bare.clone().bound_to(Some(key())), bare);
    assert!(!format!("{:?}", bare.bound_to(Some(key()))).contains("\"a\""));
}
