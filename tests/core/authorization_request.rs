//! The authorization request: what is on the wire, and what is remembered.

use crate::common::{
    CALLBACK, NOW, build, client, code, entropy, metadata, metadata_document, options, param, params, purpose, request,
    set,
};
use scopewise::core::authorize::Purpose;
use scopewise::core::metadata::Metadata;
use scopewise::core::pkce;
use scopewise::core::transaction::{Kind, Mode, Status};
use serde_json::json;

fn names(url: &str) -> Vec<String> {
    params(url).into_iter().map(|(name, _)| name).collect()
}

#[test]
fn c052_state_pkce_and_nonce_are_always_there() {
    let request = request(&[], "openid api:read");
    assert!(request.url.starts_with("https://id.example/authorize?"));
    let transaction = &request.transaction;
    let [state, nonce, verifier] = entropy().map(|bytes| pkce::token(&bytes));
    let expected = [
        ("response_type", "code"),
        ("client_id", "app"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid api:read"),
        ("state", request.state.secret()),
        ("nonce", nonce.secret()),
        ("code_challenge", &pkce::challenge(verifier.secret()).unwrap()),
        ("code_challenge_method", "S256"),
    ];
    assert_eq!(
        params(&request.url),
        expected.map(|(name, text)| (name.to_owned(), text.to_owned()))
    );
    assert_eq!(request.state, state);
    assert_eq!(transaction.nonce(), Some(nonce.secret()));
    assert_eq!(transaction.verifier(), verifier.secret());
    assert_eq!(transaction.redirect_uri(), CALLBACK);
    assert_eq!((transaction.created_at(), transaction.mode()), (NOW, Mode::Query));
    assert_eq!(
        (transaction.kind(), transaction.status()),
        (Kind::SignIn, Status::Pending)
    );
    assert_eq!(transaction.requested(), "openid api:read");
    // The verifier never travels by URL (C297), nor is the state anywhere but in the record's key.
    assert!(!request.url.contains(verifier.secret()) && !transaction.to_record().contains(request.state.secret()));
}

#[test]
fn without_openid_there_is_no_nonce_and_without_scopes_no_scope_parameter() {
    let request = request(&[], "");
    let names = names(&request.url);
    assert!(!names.contains(&"scope".to_owned()) && !names.contains(&"nonce".to_owned()));
    assert!(request.transaction.nonce().is_none());
    assert!(names.contains(&"state".to_owned()) && names.contains(&"code_challenge".to_owned()));
}

#[test]
fn every_option_has_its_parameter() {
    let given = [
        ("prompt", "login consent"),
        ("loginHint", "ada@id.example"),
        ("acrValues", "gold silver"),
        ("maxAge", "0"),
        ("uiLocales", "de en"),
        ("authorizationDetails", r#"[{"type":"x"}]"#),
        ("responseMode", "fragment"),
        ("audience", "https://api.example"),
        ("resource", "https://r.example/a"),
        ("resource", "https://r.example/b"),
        ("appState", r#"{"a":1}"#),
        ("params", "organization=o&x=%26"),
    ];
    let request = request(&given, "openid");
    for (name, text) in [
        ("prompt", "login consent"),
        ("login_hint", "ada@id.example"),
        ("acr_values", "gold silver"),
        ("max_age", "0"),
        ("ui_locales", "de en"),
        ("authorization_details", r#"[{"type":"x"}]"#),
        ("response_mode", "fragment"),
        ("audience", "https://api.example"),
        ("organization", "o"),
        ("x", "&"),
    ] {
        assert_eq!(param(&request.url, name).as_deref(), Some(text), "{name}");
    }
    let all = params(&request.url);
    let resources: Vec<_> = all
        .iter()
        .filter(|(name, _)| name == "resource")
        .map(|(_, text)| text.as_str())
        .collect();
    assert_eq!(resources, ["https://r.example/a", "https://r.example/b"]);
    assert_eq!(request.transaction.max_age(), Some(0));
    assert_eq!(request.transaction.acr_values(), Some("gold silver"));
    assert_eq!(request.transaction.mode(), Mode::Fragment);
    // The application's state stays at home.
    assert_eq!(request.transaction.app_state(), Some(r#"{"a":1}"#));
    assert!(!request.url.contains("%7B%22a%22"));
}

#[test]
fn no_parameter_is_there_twice_and_the_nearest_wins() {
    let client = options(&[(
        "authorizationParams",
        "prompt=none&login_hint=client&max_age=5&organization=client&only=client",
    )])
    .unwrap();
    let near = [
        ("prompt", "login"),
        ("maxAge", "60"),
        ("params", "prompt=consent&organization=call"),
    ];
    let purpose = Purpose {
        login_hint: Some("session"),
        ..purpose("openid")
    };
    let request = build(&client, &metadata(), &near, purpose, NOW).unwrap();
    for (name, text) in [
        ("prompt", "login"),
        ("max_age", "60"),
        ("organization", "call"),
        ("login_hint", "client"),
        ("only", "client"),
    ] {
        assert_eq!(param(&request.url, name).as_deref(), Some(text), "{name}");
    }
    let mut all = names(&request.url);
    all.sort();
    let count = all.len();
    all.dedup();
    assert_eq!(all.len(), count);
    assert_eq!(request.transaction.max_age(), Some(60));
}

#[test]
fn what_comes_by_way_of_params_is_checked_too() {
    let request = |text: &str| build(&client(), &metadata(), &[("params", text)], purpose("openid"), NOW);
    let sound = request("max_age=60&acr_values=gold").unwrap().transaction;
    assert_eq!((sound.max_age(), sound.acr_values()), (Some(60), Some("gold")));
    for bad in [
        "max_age=x",
        "max_age=-1",
        "max_age=",
        "max_age=1.5",
        "max_age=99999999999999999999",
    ] {
        assert_eq!(code(request(bad)), "invalid_options", "{bad}");
        // By whichever way: the client's are checked where they meet.
        let client = options(&[("authorizationParams", bad)]).unwrap();
        let refused = build(&client, &metadata(), &[], purpose("openid"), NOW);
        assert_eq!(code(refused), "invalid_options", "{bad}");
    }
}

#[test]
fn an_endpoint_keeps_its_own_query() {
    let mut document = metadata_document();
    document["authorization_endpoint"] = json!("https://id.example/authorize?tenant=a%20b");
    let metadata = Metadata::parse(common::document(&document).unwrap()).unwrap();
    let request = build(&client(), &metadata, &[], purpose("openid"), NOW).unwrap();
    assert!(
        request
            .url
            .starts_with("https://id.example/authorize?tenant=a%20b&response_type=code&")
    );
}

#[test]
fn c038_what_is_sent_is_encoded() {
    let client = options(&[("clientId", "a&b=c#d+e %\u{e9}\u{1f600}")]).unwrap();
    let request = build(
        &client,
        &metadata(),
        &[],
        purpose("https://a.example/x%20&state=y"),
        NOW,
    )
    .unwrap();
    assert_eq!(
        param(&request.url, "client_id").as_deref(),
        Some("a&b=c#d+e %\u{e9}\u{1f600}")
    );
    assert_eq!(
        param(&request.url, "scope").as_deref(),
        Some("https://a.example/x%20&state=y")
    );
    assert!(request.url.is_ascii() && !request.url.contains('#'));
}

#[test]
fn c156_held_and_wanted_together_are_bounded_too() {
    let many = |letter: char| -> String { (0..700).map(|number| format!("{letter}:{number:05} ")).collect() };
    let both = set(&many('a')).union(&set(&many('b')));
    let purpose = Purpose {
        scope: &both,
        wanted: &both,
        kind: Kind::Upgrade,
        ..purpose("openid")
    };
    let refused = build(&client(), &metadata(), &[], purpose, NOW);
    assert_eq!(code(refused), "invalid_scope_syntax");
}

#[test]
fn an_upgrade_names_its_user() {
    let purpose = Purpose {
        kind: Kind::Upgrade,
        subject: Some("ada"),
        login_hint: Some("ada@id.example"),
        wanted: "api:write",
        return_to: "/notes",
        ..purpose("openid api:read api:write")
    };
    let request = build(&client(), &metadata(), &[], purpose, NOW).unwrap();
    assert_eq!(param(&request.url, "login_hint").as_deref(), Some("ada@id.example"));
    assert_eq!(request.transaction.subject(), Some("ada"));
    assert_eq!(request.transaction.wanted(), "api:write");
    assert_eq!(request.transaction.return_to(), "/notes");
}

#[test]
fn a_server_that_wants_pushed_requests_is_not_for_this_version() {
    let mut document = metadata_document();
    document["require_pushed_authorization_requests"] = json!(true);
    let metadata = Metadata::parse(common::document(&document).unwrap()).unwrap();
    let refused = build(&client(), &metadata, &[], purpose("openid"), NOW);
    assert_eq!(code(refused), "invalid_options");
}
