//! Userinfo answers: whose they are, and those that are signed JWTs (OpenID Connect Core §5.3.2).

use std::rc::Rc;

use scopewise::core::error::Result;
use scopewise::core::http::Response;
use scopewise::core::server::ServerMetadata;
use scopewise::core::value::Value;
use scopewise::host::StorageKind;
use serde_json::json;

use crate::app::{App, code, known_options, options};
use crate::host::{Browser, Fate};
use crate::server::{AuthorizationServer, CLIENT, Decision, ISSUER, ORIGIN, answer};

fn checking(browser: &Rc<Browser>) -> App {
    let options = known_options().with_verify_signature();
    let app = App::open(browser.open_tab(ORIGIN), StorageKind::Session, options);
    app.popup().unwrap();
    app
}

fn user_info(app: &App) -> Result<Value> {
    app.start(|client| async move { client.user_info().await })
        .wait(app.browser())
}

fn asked_with(app: &App, claims: serde_json::Value) -> Result<Value> {
    app.browser().server.borrow_mut().signs_user_info = Some(claims);
    user_info(app)
}

#[track_caller]
fn assert_fails(result: Result<Value>, reason: &str) {
    let error = result.unwrap_err();
    assert_eq!((error.code(), error.reason()), ("user_info_invalid", Some(reason)));
    assert!(error.message().contains("userinfo"), "{error}");
}

#[test]
fn a_signed_answer_is_taken_once_its_signature_is_checked() {
    let browser = Browser::new(1);
    let app = checking(&browser);
    for claims in [
        json!({ "email": "ada@id.example" }),
        json!({ "iss": ISSUER, "aud": CLIENT, "email": "ada@id.example" }),
        json!({ "aud": [CLIENT, "other"], "iss": null, "exp": browser.seconds() + 1, "email": "ada@id.example" }),
        // With the tolerance of ID tokens, and whatever it says of its making (RFC 7519 §4.1.6).
        json!({ "exp": browser.seconds() - 59, "nbf": browser.seconds() + 60, "iat": browser.seconds() + 600, "email": "ada@id.example" }),
    ] {
        let claims = asked_with(&app, claims).unwrap();
        assert_eq!(
            (claims.text("sub"), claims.text("email")),
            (Some("ada"), Some("ada@id.example"))
        );
    }
    assert_eq!(browser.network.count("/jwks"), 1);
}

#[test]
fn c144_what_it_must_say() {
    let browser = Browser::new(1);
    let app = checking(&browser);
    let before = app.session();
    for (name, member) in [
        ("iss", json!("https://evil.example")),
        ("iss", json!(7)),
        ("aud", json!("other")),
        ("aud", json!([])),
        ("exp", json!(browser.seconds() - 61)),
        ("exp", json!("soon")),
        ("nbf", json!(browser.seconds() + 61)),
        ("nbf", json!("now")),
    ] {
        assert_fails(asked_with(&app, json!({ name: member })), name);
    }
    let other = browser.server.borrow().keys.jwt(&json!({ "sub": "grace" }));
    let response = Response::new(200, None).with_jwt(other);
    browser.network.next(Fate::Scripted(Box::new(|_| response)));
    assert_eq!(code(user_info(&app)), "subject_mismatch");
    assert_eq!(app.session(), before);
}

#[test]
fn c109_a_mangled_one_is_not_taken() {
    let browser = Browser::new(1);
    let app = checking(&browser);
    browser.server.borrow_mut().keys.mangles = true;
    assert_fails(asked_with(&app, json!({})), "signature");
    browser.server.borrow_mut().keys.mangles = false;
    browser.server.borrow_mut().keys.signing = "unknown";
    assert_fails(asked_with(&app, json!({})), "key");
    for (jwt, reason) in [
        ("", "malformed"),
        ("a.b.c", "malformed"),
        ("eyJhbGciOiJub25lIn0.e30.e30", "alg"),
    ] {
        let response = Response::new(200, None).with_jwt(jwt);
        browser.network.next(Fate::Scripted(Box::new(|_| response)));
        assert_fails(user_info(&app), reason);
    }
}

/// A server that sends what its client is registered for to whoever takes it, and nothing to others (RFC 9110 §15.5.7).
fn negotiates(browser: &Rc<Browser>, content_type: &'static str, response: Response) {
    browser.network.next(Fate::Scripted(Box::new(move |request| {
        match request.accept.split(", ").any(|accepted| accepted == content_type) {
            true => response,
            false => Response::new(406, None),
        }
    })));
}

#[test]
fn who_checks_signatures_takes_both_kinds_of_answers_and_says_so() {
    let browser = Browser::new(1);
    let app = checking(&browser);
    let jwt = browser.server.borrow().keys.jwt(&json!({ "sub": "ada" }));
    negotiates(&browser, "application/jwt", Response::new(200, None).with_jwt(&*jwt));
    assert!(user_info(&app).is_ok());
    negotiates(&browser, "application/json", answer(200, json!({ "sub": "ada" })));
    assert!(user_info(&app).is_ok());
    // Who takes no JWT asks for none: a server that has both sends the other then.
    let app = App::signed_in(&browser, StorageKind::Session);
    negotiates(&browser, "application/jwt", Response::new(200, None).with_jwt(jwt));
    assert_eq!(code(user_info(&app)), "http");
    negotiates(&browser, "application/json", answer(200, json!({ "sub": "ada" })));
    assert!(user_info(&app).is_ok());
}

#[test]
fn c108_an_algorithm_that_the_server_does_not_list_for_it_counts_for_nothing() {
    for (listed, expected) in [(json!(["PS256"]), Some("alg")), (json!(["PS256", "ES256"]), None)] {
        let browser = Browser::new(1);
        let mut document = AuthorizationServer::metadata();
        document["id_token_signing_alg_values_supported"] = json!(["ES256"]);
        document["userinfo_signing_alg_values_supported"] = listed;
        let known: Value = serde_json::from_value(document).unwrap();
        let known = options()
            .with_metadata(ServerMetadata::parse(&known).unwrap())
            .with_verify_signature();
        let app = App::open(browser.open_tab(ORIGIN), StorageKind::Session, known);
        app.popup().unwrap();
        let result = asked_with(&app, json!({}));
        assert_eq!(result.err().and_then(|error| error.reason()), expected);
    }
}

#[test]
fn a_new_key_is_looked_for() {
    let browser = Browser::new(1);
    let app = checking(&browser);
    browser.server.borrow_mut().keys.rotate("two");
    assert!(asked_with(&app, json!({})).is_ok());
    assert_eq!(browser.network.count("/jwks"), 2);
}

#[test]
fn without_checks_it_is_not_taken() {
    let browser = Browser::new(1);
    let app = App::signed_in(&browser, StorageKind::Session);
    let error = asked_with(&app, json!({ "iss": ISSUER })).unwrap_err();
    assert_eq!((error.code(), error.reason()), ("user_info_invalid", None));
    assert!(error.message().contains("verifySignature"), "{error}");
    assert_eq!(browser.network.count("/jwks"), 0);
}

#[test]
fn a_refusal_is_one_whatever_its_type() {
    let browser = Browser::new(1);
    let app = checking(&browser);
    browser
        .network
        .next(Fate::Scripted(Box::new(|_| Response::new(401, None).with_jwt("x"))));
    assert_eq!(code(user_info(&app)), "invalid_token");
}

#[test]
fn c210_claims_of_a_user_who_is_gone_by_then_are_nobodys() {
    for kind in [StorageKind::Session, StorageKind::Local, StorageKind::IndexedDb] {
        for is_away in [false, true] {
            let browser = Browser::new(1);
            let (app, other) = (App::signed_in(&browser, kind), App::in_tab(&browser, kind));
            app.page.is_away.set(is_away);
            browser.network.next(Fate::Slow(1_000));
            let call = app.start(|client| async move { client.user_info().await });
            browser.run_until(|| browser.network.count("/userinfo") == 1);
            browser.run_now();
            other.sign_out(true).wait(&browser).unwrap();
            assert_eq!(code(call.wait(&browser)), "not_signed_in", "{kind:?}");
        }
    }
}

#[test]
fn claims_of_one_user_are_not_given_to_another_who_signed_in_meanwhile() {
    for kind in [StorageKind::Local, StorageKind::IndexedDb] {
        let browser = Browser::new(1);
        let (app, other) = (App::signed_in(&browser, kind), App::in_tab(&browser, kind));
        app.page.is_away.set(true);
        browser.network.next(Fate::Slow(1_000));
        let call = app.start(|client| async move { client.user_info().await });
        browser.run_until(|| browser.network.count("/userinfo") == 1);
        browser.run_now();
        browser.server.borrow_mut().decide(Decision::As("eve"));
        other.popup().unwrap();
        assert_eq!(code(call.wait(&browser)), "subject_mismatch", "{kind:?}");
        assert_eq!(app.session().unwrap().subject(), Some("eve"));
    }
}
