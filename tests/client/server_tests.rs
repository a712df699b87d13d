//! The authorization server made for tests keeps its rules.

use scopewise::core::authorize::pkce;
use scopewise::core::http::{Request, Response};
use scopewise::core::secret::CodeVerifier;
use scopewise::core::url::{Params, with_query};

use crate::server::{AuthorizationServer, CALLBACK, CLIENT, Decision, query};

const VERIFIER: &str = "verifierverifierverifierverifierverifierverif";

fn params(pairs: &[(&str, &str)]) -> Params {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn authorize(server: &mut AuthorizationServer) -> String {
    let challenge = pkce::challenge(&CodeVerifier::new(VERIFIER));
    let pairs = [
        ("response_type", "code"),
        ("client_id", CLIENT),
        ("redirect_uri", CALLBACK),
        ("code_challenge_method", "S256"),
        ("code_challenge", challenge.as_str()),
        ("state", "statestatestatestatestatestatestatestatestate"),
        ("scope", "openid read write"),
        ("nonce", "nonce"),
    ];
    let url = with_query("https://id.example/authorize", &params(&pairs));
    server.authorize(&url, 0).url()
}

fn post(server: &mut AuthorizationServer, pairs: &[(&str, &str)]) -> Response {
    let request = Request::post("https://id.example/token", &params(pairs));
    server.serve(&request, 0)
}

fn trade(server: &mut AuthorizationServer, code: &str, verifier: &str) -> Response {
    let pairs = [
        ("grant_type", "authorization_code"),
        ("client_id", CLIENT),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", verifier),
    ];
    post(server, &pairs)
}

fn refresh(server: &mut AuthorizationServer, token: &str) -> Response {
    let pairs = [
        ("grant_type", "refresh_token"),
        ("client_id", CLIENT),
        ("refresh_token", token),
    ];
    post(server, &pairs)
}

fn member(response: &Response, name: &str) -> String {
    let json = response.json.as_ref().unwrap();
    json.text(name).unwrap_or_default().to_owned()
}

#[test]
fn a_code_is_for_one_use_and_its_verifier() {
    let mut server = AuthorizationServer::default();
    let code = query(&authorize(&mut server), "code").unwrap();
    let tokens = trade(&mut server, &code, VERIFIER);
    assert_eq!(tokens.status, 200);
    assert_eq!(member(&tokens, "scope"), "openid read write");
    assert!(server.violations.is_empty());
    assert_eq!(trade(&mut server, &code, VERIFIER).status, 400);
    assert_eq!(server.violations, ["a code was sent twice"]);
    assert!(!server.is_refresh_token_good(&member(&tokens, "refresh_token")));
    let other = query(&authorize(&mut server), "code").unwrap();
    assert_eq!(trade(&mut server, &other, "another").status, 400);
    assert_eq!(server.violations.len(), 2);
}

#[test]
fn a_refresh_token_that_comes_twice_ends_its_grant() {
    let mut server = AuthorizationServer::default();
    let code = query(&authorize(&mut server), "code").unwrap();
    let first = member(&trade(&mut server, &code, VERIFIER), "refresh_token");
    let second = member(&refresh(&mut server, &first), "refresh_token");
    assert!(server.is_refresh_token_good(&second));
    assert_eq!(refresh(&mut server, &first).status, 400);
    assert_eq!(server.reuses, 1);
    assert!(!server.is_refresh_token_good(&second));
    assert_eq!(refresh(&mut server, &second).status, 400);
}

#[test]
fn its_user_can_say_no_or_less() {
    let mut server = AuthorizationServer::default();
    server.decide(Decision::Deny);
    server.decide(Decision::Without("write"));
    assert_eq!(
        query(&authorize(&mut server), "error").as_deref(),
        Some("access_denied")
    );
    let code = query(&authorize(&mut server), "code").unwrap();
    let tokens = trade(&mut server, &code, VERIFIER);
    assert_eq!(member(&tokens, "scope"), "openid read");
    let scopes = server.scopes_of(&member(&tokens, "access_token"), 0).unwrap();
    assert_eq!(scopes.to_string(), "openid read");
}
